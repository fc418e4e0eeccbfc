/** Flex Messages: bubbles of boxes (LINE's documentation "Flex Message layout"). Readable, but not exact to the pixel. */

import { control, covered } from "../actions.js";
import { el } from "../dom.js";
import { background, border, color, length, side } from "./flex_values.js";
import { linkified } from "./text.js";
import { picture, video } from "./media.js";
import { carousel } from "./template.js";

/** The blocks of a bubble, in order, with the default padding of a box there. */
const BLOCKS = { header: "20px", hero: null, body: "20px", footer: "10px" };

export function flex(message, context) {
  const { contents } = message;
  const bubbles = (contents.type === "carousel" ? contents.contents : [contents]).map((each) => bubble(each, context));
  const shown = contents.type === "carousel" ? carousel(bubbles) : bubbles[0];
  shown.setAttribute("aria-label", message.altText);
  return shown;
}

function bubble(container, context) {
  const names = Object.keys(BLOCKS).filter((name) => container[name]);
  const blocks = names.map((name) => {
    const { backgroundColor, separator, separatorColor } = container.styles?.[name] ?? {};
    return el(
      "div",
      {
        class: `flex-${name}`,
        css: {
          "background-color": color(backgroundColor),
          "border-top": separator ? `1px solid ${color(separatorColor) ?? "#d4d6da"}` : null,
        },
      },
      component({ ...(BLOCKS[name] && { paddingAll: BLOCKS[name] }), ...container[name] }, {}, context),
    );
  });
  const shown = el(
    "div",
    { class: `flex-bubble flex-${container.size ?? "mega"}`, dir: container.direction ?? "ltr", role: "group" },
    ...blocks,
  );
  return covered(shown, container.action, context);
}

/** `position.box`: the box that holds it, `position.first`: whether it is the first there. */
function component(part, position, context) {
  const element = COMPONENTS[part.type](part, context);
  for (const [name, value] of Object.entries(positioned(part, position))) {
    if (value !== null && value !== undefined) element.style.setProperty(name, value);
  }
  return element;
}

/** The styles of a component in its box: its share, its distance from the one before, its offset. */
function positioned(part, { box, first }) {
  const away = {
    position: part.position === "absolute" ? "absolute" : null,
    "inset-block-start": length(part.offsetTop, "spacing"),
    "inset-block-end": length(part.offsetBottom, "spacing"),
    "inset-inline-start": length(part.offsetStart, "spacing"),
    "inset-inline-end": length(part.offsetEnd, "spacing"),
  };
  if (box === undefined || away.position) return away;
  const upright = box.layout === "vertical";
  const distance = first ? null : length(part.margin ?? box.spacing, "spacing");
  return {
    ...away,
    flex: share(part, upright),
    [upright ? "margin-block-start" : "margin-inline-start"]: distance,
    "align-self": upright ? null : side(part.gravity),
  };
}

function share(part, upright) {
  if (part.type === "separator" || part.type === "icon" || part.width || (upright && part.height)) return "none";
  if (part.type === "filler") return `${part.flex ?? 1} 1 0`;
  const parts = part.flex ?? (upright ? 0 : 1);
  if (parts === 0) return "0 0 auto";
  return upright ? `${parts} 0 auto` : `${parts} 1 0`;
}

const COMPONENTS = {
  __proto__: null,
  box(part, context) {
    const children = part.contents.map((each, index) => component(each, { box: part, first: index === 0 }, context));
    const all = length(part.paddingAll, "spacing");
    const shown = el(
      "div",
      {
        class: `flex-box flex-${part.layout}`,
        css: {
          background: background(part.background) ?? color(part.backgroundColor),
          border: border(part.borderWidth, part.borderColor),
          "border-radius": length(part.cornerRadius, "spacing"),
          width: length(part.width),
          "max-width": length(part.maxWidth),
          height: length(part.height),
          "max-height": length(part.maxHeight),
          "padding-block-start": length(part.paddingTop, "spacing") ?? all,
          "padding-block-end": length(part.paddingBottom, "spacing") ?? all,
          "padding-inline-start": length(part.paddingStart, "spacing") ?? all,
          "padding-inline-end": length(part.paddingEnd, "spacing") ?? all,
          "justify-content": side(part.justifyContent),
          "align-items": side(part.alignItems),
        },
      },
      ...children,
    );
    return covered(shown, part.action, context);
  },

  text(part, context) {
    const plain = () => (part.wrap ? linkified(part.text) : [part.text]);
    const content = part.contents?.length ? part.contents.map(span) : plain();
    const words = el("span", { css: lettering(part) }, ...content);
    const shown = el("p", { class: `flex-text${part.wrap ? " flex-wrap" : ""}` }, words);
    const css = {
      "text-align": { start: "start", center: "center", end: "end" }[part.align],
      "line-height": part.lineSpacing ? `calc(1.4em + ${length(part.lineSpacing)})` : null,
      "-webkit-line-clamp": part.wrap && part.maxLines > 0 ? String(part.maxLines) : null,
    };
    for (const [name, value] of Object.entries(css)) if (value) shown.style.setProperty(name, value);
    if (css["-webkit-line-clamp"]) shown.classList.add("flex-clamped");
    shown.style.setProperty("font-size", length(part.size ?? "md", "font"));
    return covered(shown, part.action, context);
  },

  image(part, context) {
    const { url, size = "md", aspectRatio = "1:1", aspectMode = "fit", backgroundColor, align, action } = part;
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

  button(part, context) {
    const { style = "link", height = "md", action } = part;
    const chosen = color(part.color);
    const css = style === "link" ? { color: chosen } : { "background-color": chosen };
    return control(action, context, { class: `flex-button flex-button-${style} flex-button-${height}`, css });
  },

  separator: (part) => el("hr", { class: "flex-separator", css: { "border-color": color(part.color) } }),

  filler: () => el("div", { class: "flex-filler" }),

  video(part, context) {
    const player = video({ originalContentUrl: part.url, previewImageUrl: part.previewUrl });
    player.style.setProperty("aspect-ratio", ratio(part.aspectRatio ?? "1:1"));
    const css = { class: "flex-button flex-button-link flex-button-sm" };
    const link = part.action && control(part.action, context, css);
    return el("div", { class: "flex-video" }, player, link);
  },
};

function span(part) {
  const css = { ...lettering(part), "font-size": part.size && length(part.size, "font") };
  return el("span", { css }, part.text);
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
