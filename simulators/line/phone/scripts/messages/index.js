/** Every type of message: how it looks, and how words describe it. */

import { el } from "../dom.js";
import { counted, duration } from "../format.js";
import { json } from "../json.js";
import { coupon } from "./coupon.js";
import { flex } from "./flex.js";
import { imagemap } from "./imagemap.js";
import { location } from "./location.js";
import { audio, image, video } from "./media.js";
import { sticker } from "./sticker.js";
import { template } from "./template.js";
import { text, textV2 } from "./text.js";

const TYPES = {
  __proto__: null,
  text: { show: text, say: (message) => message.text, bubble: true },
  textV2: { show: textV2, say: (message, context) => textV2(message, context).textContent, bubble: true },
  image: { show: image, say: () => "a picture" },
  video: { show: video, say: () => "a film" },
  audio: { show: audio, say: (message) => `a sound of ${duration(message.duration)}`, bubble: true },
  file: { show: file, say: (message) => `a file, ${message.fileName}`, bubble: true },
  sticker: { show: sticker, say: (message) => `sticker ${message.packageId}/${message.stickerId}` },
  location: { show: location, say: (message) => `a place, ${message.title ?? ""}` },
  coupon: { show: coupon, say: () => "a coupon" },
  template: { show: template, say: (message) => message.altText },
  imagemap: { show: imagemap, say: (message) => message.altText },
  flex: { show: flex, say: (message) => message.altText },
};

function file({ fileName, fileSize, originalContentUrl }) {
  const words = `${fileName} (${counted(fileSize, "byte")})`;
  return el("a", { class: "file", href: originalContentUrl, download: fileName }, words);
}

/** The message in the chat. A message that this page does not know or cannot read is shown as JSON. */
export function view(message, context) {
  const type = TYPES[message.type];
  const side = { class: type?.bubble ? "bubble" : "bare", "data-type": String(message.type) };
  try {
    if (type) return el("div", side, type.show(message, context));
  } catch (error) {
    console.error("a message could not be shown", error, message);
  }
  const title = el("p", {}, `A message of the type ${message.type}`);
  return el("div", { ...side, class: "bubble unknown" }, title, json(message));
}

/** In words. */
export function words(message, context) {
  return TYPES[message.type]?.say(message, context) ?? `a message of the type ${message.type}`;
}
