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
  buttons: (given, context) => card(given, given, context),
  confirm: (given, context) =>
    el(
      "div",
      { class: "card confirm" },
      el("p", { class: "card-text" }, given.text),
      el("div", { class: "card-actions" }, ...given.actions.map((action) => control(action, context))),
    ),
  carousel: (given, context) => carousel(given.columns.map((column) => card(column, given, context))),
  image_carousel: (given, context) =>
    carousel(
      given.columns.map(({ imageUrl, action }) =>
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

/** `shape` says what the picture looks like: the template itself, for all columns of a carousel. */
function card(given, shape, context) {
  const { thumbnailImageUrl, imageBackgroundColor, title, text, actions, defaultAction } = given;
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

/** Cards side by side; the arrow keys move them once they have the focus. */
export function carousel(cards) {
  return el(
    "ul",
    { class: "carousel", tabindex: "0", "aria-label": `${cards.length} cards` },
    ...cards.map((each) => el("li", {}, each)),
  );
}
