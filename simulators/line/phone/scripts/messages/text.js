/** Text messages of both versions: line breaks, links, LINE's own emoji, and mentions of people. */

import { el } from "../dom.js";
import { AWAY } from "../links.js";

const ADDRESS = /https?:\/\/[^\s<>"'「」『』（）【】、。]+/g;
const AFTER_AN_ADDRESS = /[.,;:!?)\]}]+$/;
const PARTS = /\{\{|\}\}|\{([0-9A-Za-z_]{1,20})\}/g;

export function text(message) {
  const emojis = [...(message.emojis ?? [])].sort((one, other) => one.index - other.index);
  const nodes = [];
  let end = 0;
  for (const item of emojis) {
    nodes.push(...linkified(message.text.slice(end, item.index)), emoji(item));
    end = item.index + 1;
  }
  return el("p", { class: "text" }, ...nodes, ...linkified(message.text.slice(end)));
}

/** A text with substitutions: `{name}` stands for an emoji or a person, `{{` and `}}` for braces. */
export function textV2(message, context) {
  const nodes = [];
  let end = 0;
  for (const part of message.text.matchAll(PARTS)) {
    nodes.push(...linkified(message.text.slice(end, part.index)));
    nodes.push(substituted(part, message.substitution ?? {}, context));
    end = part.index + part[0].length;
  }
  return el("p", { class: "text" }, ...nodes, ...linkified(message.text.slice(end)));
}

function substituted([whole, name], substitution, context) {
  if (name === undefined) return whole[0];
  const item = substitution[name];
  if (item?.type === "emoji") return emoji(item);
  if (item?.type === "mention") {
    const { type, userId } = item.mentionee;
    return el("span", { class: "mention" }, `@${type === "all" ? "All" : context.nameOfPerson(userId)}`);
  }
  return whole;
}

/** The pictures belong to LINE, so a mark with the emoji's id replaces them. */
function emoji({ productId, emojiId }) {
  const name = `LINE emoji ${productId}/${emojiId}`;
  return el("span", { class: "emoji", role: "img", "aria-label": name, title: name }, "☺");
}

/** Text with its http addresses as links. */
export function linkified(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(AFTER_AN_ADDRESS, "");
    nodes.push(text.slice(end, match.index), el("a", { href: address, ...AWAY }, address));
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}
