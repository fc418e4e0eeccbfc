/** A picture with areas that can be tapped, and perhaps a film in one of them. */

import { control } from "../actions.js";
import { el } from "../dom.js";
import { picture, video } from "./media.js";

const LARGEST = 1040;

export function imagemap(message, context) {
  const { baseUrl, altText, baseSize, actions, video: film } = message;
  const within = ({ x, y, width, height }) => ({
    left: `${(100 * x) / baseSize.width}%`,
    top: `${(100 * y) / baseSize.height}%`,
    width: `${(100 * width) / baseSize.width}%`,
    height: `${(100 * height) / baseSize.height}%`,
  });
  return el(
    "div",
    { class: "imagemap", css: { "aspect-ratio": `${baseSize.width} / ${baseSize.height}` } },
    picture(`${baseUrl}/${LARGEST}`, altText),
    film && filmArea(film, within(film.area), context),
    ...actions.map((action) => control(action, context, { class: "area", css: within(action.area) }, "")),
  );
}

/** The link appears when the film has ended. */
function filmArea(film, css, context) {
  const player = video(film);
  const link = film.externalLink && control({ type: "uri", ...film.externalLink }, context, { class: "after-film" });
  if (link) {
    link.hidden = true;
    // media events do not bubble, but they can be captured
    player.addEventListener("ended", () => (link.hidden = false), { capture: true });
    player.addEventListener("play", () => (link.hidden = true), { capture: true });
  }
  return el("div", { class: "area-film", css }, player, link);
}
