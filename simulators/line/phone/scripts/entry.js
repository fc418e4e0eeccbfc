/** One entry of a chat: a message of the account, a message of the person, or a note of what the person did. */

import { el } from "./dom.js";
import { clock, day } from "./format.js";
import { picture } from "./messages/media.js";
import { view, words } from "./messages/index.js";
import { content } from "./platform.js";

const ACCOUNT_PICTURE = "icon.svg";
const TITLE = "Shows the request to the Messaging API that sent this";

export const isFromAccount = (entry) => entry.message !== undefined;

/** The list items for an entry: itself, after a line for the day when it is the first of one. */
export function entryItems(entry, before, context) {
  const newDay = before === undefined || day(before.at) !== day(entry.at);
  const line = newDay ? [el("li", { class: "day" }, el("span", {}, day(entry.at)))] : [];
  return [...line, isFromAccount(entry) ? fromAccount(entry, newDay ? undefined : before, context) : fromPerson(entry, context)];
}

function fromAccount(entry, before, context) {
  const { name, iconUrl } = senderOf(entry, context);
  const goesOn = before !== undefined && isFromAccount(before) && senderOf(before, context).name === name;
  const showRequest = () => context.showRequest(entry.requestId);
  return el(
    "li",
    { class: `entry theirs${goesOn ? " goes-on" : ""}` },
    el("div", { class: "avatar", "aria-hidden": "true" }, goesOn ? null : picture(iconUrl, "")),
    el("p", { class: goesOn ? "sender unseen" : "sender" }, name),
    el(
      "div",
      { class: "said" },
      view(entry.message, context),
      el(
        "p",
        { class: "meta" },
        time(entry),
        el("button", { type: "button", class: "call", onclick: showRequest, title: TITLE }, entry.call),
      ),
    ),
  );
}

function senderOf(entry, { account }) {
  const { name, iconUrl } = entry.message.sender ?? {};
  return { name: name ?? account.displayName, iconUrl: iconUrl ?? ACCOUNT_PICTURE };
}

function fromPerson(entry, context) {
  const { event, shown } = entry;
  const name = context.person.displayName;
  switch (event.type) {
    case "message":
      return context.isUnsent(event.message.id) ? note(entry, `${name} unsent a message`) : written(entry, context);
    case "postback":
      if (shown) return mine(entry, view({ type: "text", text: shown }, context), context);
      return note(entry, `${name} tapped: ${event.postback.data}${paramsOf(event.postback)}`, context);
    case "follow":
      return note(entry, `${name} ${event.follow.isUnblocked ? "unblocked" : "added"} the account`, context);
    case "unfollow":
      return note(entry, `${name} blocked the account`, context);
    default:
      return el("li", { hidden: true });
  }
}

function paramsOf({ params }) {
  return params ? ` (${Object.values(params).join(", ")})` : "";
}

function written(entry, context) {
  const { message } = entry.event;
  const address = content(message.id);
  const withContent = { ...message, originalContentUrl: address, previewImageUrl: address };
  const unsend = () => context.unsend(message.id);
  const item = mine(
    entry,
    view(withContent, context),
    context,
    el("button", { type: "button", class: "unsend", onclick: unsend, "aria-label": `Unsend ${words(message, context)}` }, "Unsend"),
  );
  item.dataset.message = message.id;
  return item;
}

function mine(entry, body, context, ...more) {
  return el("li", { class: "entry mine" }, el("div", { class: "said" }, body, el("p", { class: "meta" }, ...more, outcome(entry, context), time(entry))));
}

function note(entry, text, context) {
  return el("li", { class: "note" }, el("span", {}, text), time(entry), context && outcome(entry, context));
}

/** What became of the webhook; known of what was done on this page. */
function outcome(entry, context) {
  const id = entry.event.webhookEventId;
  return el("span", { class: "outcome", "data-event": id }, context.outcomeOf(id));
}

function time(entry) {
  return el("time", { datetime: entry.at }, clock(entry.at));
}
