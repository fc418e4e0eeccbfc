/** Template messages: buttons, confirm, carousel, image carousel. */

import { control, covered } from "../actions.js";
import { el } from "../dom.js";
import { picture } from "./media.js";

const RATIOS = { rectangle: "1.51 / 1", square: "1 / 1" };
const COLOR = /^#[0-9A-Fa-f]{6}$/;

export function template(message, context) {
  return KINDS[message.template.type](message.template, context);
}

const KINDS = {
  __proto__: null,
  buttons: (source, context) => card(source, source, context),
  confirm: (source, context) =>
    el(
      "div",
      { class: "card confirm" },
      el("p", { class: "card-text" }, source.text),
      el("div", { class: "card-actions" }, ...source.actions.map((action) => control(action, context))),
    ),
  carousel: (source, context) => carousel(source.columns.map((column) => card(column, source, context))),
  image_carousel: (source, context) =>
    carousel(
      source.columns.map(({ imageUrl, action }) =>
        control(
          action,
          context,
          { class: "image-column" },
          picture(imageUrl, ""),
          ...(action.label ? [el("span", { class: "image-label" }, action.label)] : []),
        ),
      ),
    ),
};

/** `shape` says how the picture looks: the template does, for all its columns. */
function card(source, shape, context) {
  const { thumbnailImageUrl, imageBackgroundColor, title, text, actions, defaultAction } = source;
  const image =
    thumbnailImageUrl &&
    picture(thumbnailImageUrl, "", {
      class: "card-image",
      css: {
        "aspect-ratio": RATIOS[shape.imageAspectRatio ?? "rectangle"],
        "object-fit": shape.imageSize ?? "cover",
        "background-color": COLOR.test(imageBackgroundColor) ? imageBackgroundColor : null,
      },
    });
  const top = el(
    "div",
    { class: "card-top" },
    image,
    el("div", { class: "card-words" }, title && el("strong", {}, title), el("p", { class: "card-text" }, text)),
  );
  return el(
    "div",
    { class: "card" },
    covered(top, defaultAction, context),
    el("div", { class: "card-actions" }, ...actions.map((action) => control(action, context))),
  );
}

/** Cards side by side. The arrow keys move them when they have the focus. */
export function carousel(cards) {
  return el(
    "ul",
    { class: "carousel", tabindex: "0", "aria-label": `${cards.length} cards` },
    ...cards.map((each) => el("li", {}, each)),
  );
}
