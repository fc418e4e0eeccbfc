/** Flex Messages: bubbles of boxes, as LINE's documentation "Flex Message layout" describes them, readable rather than to the pixel. */

import { control, covered } from "../actions.js";
import { el } from "../dom.js";
import { background, border, color, length, side } from "./flex_values.js";
import { linkified } from "./text.js";
import { picture, video } from "./media.js";
import { carousel } from "./template.js";

/** The blocks of a bubble, in order, and the space inside a box there unless it has its own. */
const BLOCKS = { header: "20px", hero: null, body: "20px", footer: "10px" };

export function flex(message, context) {
  const { contents } = message;
  const shown =
    contents.type === "carousel" ? carousel(contents.contents.map((each) => bubble(each, context))) : bubble(contents, context);
  shown.setAttribute("aria-label", message.altText);
  return shown;
}

function bubble(given, context) {
  const names = Object.keys(BLOCKS).filter((name) => given[name]);
  const blocks = names.map((name) => {
    const { backgroundColor, separator, separatorColor } = given.styles?.[name] ?? {};
    return el(
      "div",
      {
        class: `flex-${name}`,
        css: {
          "background-color": color(backgroundColor),
          "border-top": separator ? `1px solid ${color(separatorColor) ?? "#d4d6da"}` : null,
        },
      },
      component({ ...(BLOCKS[name] && { paddingAll: BLOCKS[name] }), ...given[name] }, {}, context),
    );
  });
  const shown = el(
    "div",
    { class: `flex-bubble flex-${given.size ?? "mega"}`, dir: given.direction ?? "ltr", role: "group" },
    ...blocks,
  );
  return covered(shown, given.action, context);
}

/** `box`: the box it lies in, `first`: whether it is the first there. */
function component(given, place, context) {
  const element = COMPONENTS[given.type](given, context);
  for (const [name, value] of Object.entries(placed(given, place))) {
    if (value !== null && value !== undefined) element.style.setProperty(name, value);
  }
  return element;
}

/** How a component lies in its box: its share, its distance from the one before, its offset. */
function placed(given, { box, first }) {
  const away = {
    position: given.position === "absolute" ? "absolute" : null,
    "inset-block-start": length(given.offsetTop, "spacing"),
    "inset-block-end": length(given.offsetBottom, "spacing"),
    "inset-inline-start": length(given.offsetStart, "spacing"),
    "inset-inline-end": length(given.offsetEnd, "spacing"),
  };
  if (box === undefined || away.position) return away;
  const upright = box.layout === "vertical";
  const distance = first ? null : length(given.margin ?? box.spacing, "spacing");
  return {
    ...away,
    flex: share(given, upright),
    [upright ? "margin-block-start" : "margin-inline-start"]: distance,
    "align-self": upright ? null : side(given.gravity),
  };
}

function share(given, upright) {
  if (given.type === "separator" || given.type === "icon" || given.width || (upright && given.height)) return "none";
  if (given.type === "filler") return `${given.flex ?? 1} 1 0`;
  const parts = given.flex ?? (upright ? 0 : 1);
  if (parts === 0) return "0 0 auto";
  return upright ? `${parts} 0 auto` : `${parts} 1 0`;
}

const COMPONENTS = {
  __proto__: null,
  box(given, context) {
    const children = given.contents.map((each, index) => component(each, { box: given, first: index === 0 }, context));
    const all = length(given.paddingAll, "spacing");
    const shown = el(
      "div",
      {
        class: `flex-box flex-${given.layout}`,
        css: {
          background: background(given.background) ?? color(given.backgroundColor),
          border: border(given.borderWidth, given.borderColor),
          "border-radius": length(given.cornerRadius, "spacing"),
          width: length(given.width),
          "max-width": length(given.maxWidth),
          height: length(given.height),
          "max-height": length(given.maxHeight),
          "padding-block-start": length(given.paddingTop, "spacing") ?? all,
          "padding-block-end": length(given.paddingBottom, "spacing") ?? all,
          "padding-inline-start": length(given.paddingStart, "spacing") ?? all,
          "padding-inline-end": length(given.paddingEnd, "spacing") ?? all,
          "justify-content": side(given.justifyContent),
          "align-items": side(given.alignItems),
        },
      },
      ...children,
    );
    return covered(shown, given.action, context);
  },

  text(given, context) {
    const content = given.contents?.length ? given.contents.map(span) : given.wrap ? linkified(given.text) : [given.text];
    const shown = el("p", { class: `flex-text${given.wrap ? " flex-wrap" : ""}` }, el("span", { css: lettering(given) }, ...content));
    const css = {
      "text-align": { start: "start", center: "center", end: "end" }[given.align],
      "line-height": given.lineSpacing ? `calc(1.4em + ${length(given.lineSpacing)})` : null,
      "-webkit-line-clamp": given.wrap && given.maxLines > 0 ? String(given.maxLines) : null,
    };
    for (const [name, value] of Object.entries(css)) if (value) shown.style.setProperty(name, value);
    if (css["-webkit-line-clamp"]) shown.classList.add("flex-clamped");
    shown.style.setProperty("font-size", length(given.size ?? "md", "font"));
    return covered(shown, given.action, context);
  },

  image(given, context) {
    const { url, size = "md", aspectRatio = "1:1", aspectMode = "fit", backgroundColor, align, action } = given;
    const image = picture(url, "", {
      css: {
        "aspect-ratio": ratio(aspectRatio),
        "object-fit": aspectMode === "cover" ? "cover" : "contain",
        "background-color": color(backgroundColor),
      },
    });
    const css = { width: size === "full" ? "100%" : length(size, "image") };
    const frame = el("div", { class: `flex-image flex-${align ?? "center"}` }, el("div", { css }, image));
    return covered(frame, action, context);
  },

  icon({ url, size = "md", aspectRatio = "1:1" }) {
    const height = length(size, "font");
    return picture(url, "", { class: "flex-icon", css: { height, "aspect-ratio": ratio(aspectRatio) } });
  },

  button(given, context) {
    const { style = "link", height = "md", action } = given;
    const chosen = color(given.color);
    const css = style === "link" ? { color: chosen } : { "background-color": chosen };
    return control(action, context, { class: `flex-button flex-button-${style} flex-button-${height}`, css });
  },

  separator: (given) => el("hr", { class: "flex-separator", css: { "border-color": color(given.color) } }),

  filler: () => el("div", { class: "flex-filler" }),

  video(given, context) {
    const player = video({ originalContentUrl: given.url, previewImageUrl: given.previewUrl });
    player.style.setProperty("aspect-ratio", ratio(given.aspectRatio ?? "1:1"));
    const link = given.action && control(given.action, context, { class: "flex-button flex-button-link flex-button-sm" });
    return el("div", { class: "flex-video" }, player, link);
  },
};

function span(given) {
  return el("span", { css: { ...lettering(given), "font-size": given.size && length(given.size, "font") } }, given.text);
}

function lettering({ color: ink, weight, style, decoration }) {
  return {
    color: color(ink),
    "font-weight": weight === "bold" ? "700" : null,
    "font-style": style === "italic" ? "italic" : null,
    "text-decoration": { underline: "underline", "line-through": "line-through" }[decoration],
  };
}

/** "20:13" → "20 / 13". */
function ratio(text) {
  const parts = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(text);
  return parts ? `${parts[1]} / ${parts[2]}` : "1 / 1";
}
