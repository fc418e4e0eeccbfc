/** What can be tapped. The chat decides what tapping does (`tap`). */

import { el } from "./dom.js";
import { AWAY, isPage, opened } from "./links.js";

/** What a screen reader says for an action without a label. */
const NAMES = {
  __proto__: null,
  message: (action) => `Say ${action.text}`,
  postback: (action) => action.displayText ?? "Choose",
  uri: (action) => `Open ${addressOf(action)}`,
  datetimepicker: () => "Choose a time",
  clipboard: (action) => `Copy ${action.clipboardText}`,
  camera: () => "Take a picture",
  cameraRoll: () => "Send a picture",
  location: () => "Send a place",
};

export function addressOf(action) {
  return action.uri ?? action.linkUri;
}

export function nameOf(action) {
  return action.label || NAMES[action.type]?.(action) || action.type;
}

/** A link for an address that may be opened, else a button. Without children it shows the action's name. */
export function control(action, { tap }, properties = {}, ...children) {
  const label = children.length > 0 ? { "aria-label": nameOf(action) } : {};
  const content = children.length > 0 ? children : [nameOf(action)];
  const address = addressOf(action);
  if (address !== undefined && opened(address) !== null) {
    const elsewhere = isPage(address) ? AWAY : {};
    return el("a", { href: address, ...elsewhere, ...label, onclick: () => tap(action), ...properties }, ...content);
  }
  return el("button", { type: "button", ...label, onclick: () => tap(action), ...properties }, ...content);
}

/** Makes the whole of an element tappable, while the controls in it can still be tapped by themselves. */
export function covered(element, action, context) {
  if (action === undefined) return element;
  element.classList.add("covered");
  element.prepend(control(action, context, { class: "cover" }, ""));
  return element;
}
