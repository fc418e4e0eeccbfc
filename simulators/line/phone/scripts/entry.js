/** One entry of a chat: a message of the account, a message of the person, or a note about what the person did. */

import { el } from "./dom.js";
import { clock, day } from "./format.js";
import { picture } from "./messages/media.js";
import { view, words } from "./messages/index.js";
import { content } from "./control_api.js";

const ACCOUNT_PICTURE = "icon.svg";
const TITLE = "Shows the request to the Messaging API that sent this";

export const isFromAccount = (entry) => entry.message !== undefined;

/** The list items for an entry. The first entry of a day comes after a line with the day. */
export function entryItems(entry, before, context) {
  const newDay = before === undefined || day(before.at) !== day(entry.at);
  const line = newDay ? [el("li", { class: "day" }, el("span", {}, day(entry.at)))] : [];
  const previous = newDay ? undefined : before;
  return [...line, isFromAccount(entry) ? fromAccount(entry, previous, context) : fromPerson(entry, context)];
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
  const label = `Unsend ${words(message, context)}`;
  const item = mine(
    entry,
    view(withContent, context),
    context,
    el("button", { type: "button", class: "unsend", onclick: unsend, "aria-label": label }, "Unsend"),
  );
  item.dataset.message = message.id;
  return item;
}

function mine(entry, body, context, ...more) {
  const meta = el("p", { class: "meta" }, ...more, webhookResult(entry, context), time(entry));
  return el("li", { class: "entry mine" }, el("div", { class: "said" }, body, meta));
}

function note(entry, text, context) {
  return el("li", { class: "note" }, el("span", {}, text), time(entry), context && webhookResult(entry, context));
}

/** The result of the webhook, for what was done on this page. */
function webhookResult(entry, context) {
  const id = entry.event.webhookEventId;
  return el("span", { class: "outcome", "data-event": id }, context.resultOf(id));
}

function time(entry) {
  return el("time", { datetime: entry.at }, clock(entry.at));
}
