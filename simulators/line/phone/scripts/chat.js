/** The chat of one person with the account, in order, and new entries as they come in. */

import { byId, el } from "./dom.js";
import { entryItems, isFromAccount } from "./entry.js";
import { words } from "./messages/index.js";
import { control } from "./actions.js";
import { picture } from "./messages/media.js";
import * as controlApi from "./control_api.js";

const SHOWN_AT_ONCE = 60;
const NEAR_THE_END_PX = 80;
const NO_PERSON = "Create a person under “People” to begin.";

export class Chat {
  #log = byId("log");
  #list = byId("entries");
  #earlier = byId("earlier");
  #quickReplies = byId("quick-replies");
  #hint = byId("chat-hint");
  #announcer = byId("announcer");

  #context;
  #entries = [];
  #shownFrom = 0;
  #opening = 0;
  #arrivedMeanwhile = null;
  #atTheEnd = true;
  #lastTop = 0;
  #results = new Map();
  #unsent = new Set();

  /** `context`: the values and functions that messages use, see `main.js`. */
  constructor(context) {
    this.#context = Object.assign(context, {
      isUnsent: (messageId) => this.#unsent.has(messageId),
      resultOf: (eventId) => this.#results.get(eventId) ?? null,
    });
    this.#earlier.addEventListener("click", () => this.#showEarlier());
    this.#log.addEventListener("scroll", () => this.#noticeScrolling(), { passive: true });
    const followTheEnd = () => this.#atTheEnd && this.#scrollToTheEnd();
    const sizes = new ResizeObserver(followTheEnd);
    sizes.observe(this.#list);
    sizes.observe(this.#log);
  }

  /** Shows this person's chat; null shows none. */
  async open(person) {
    const opening = ++this.#opening;
    this.#context.person = person;
    this.#arrivedMeanwhile = [];
    this.#hint.hidden = false;
    this.#hint.textContent = "Opening…";
    if (person === null) return this.#show([]);
    const entries = await controlApi.conversation(person.userId);
    if (opening !== this.#opening) return undefined;
    const last = entries.at(-1)?.number ?? 0;
    this.#show([...entries, ...this.#arrivedMeanwhile.filter((entry) => entry.number > last)]);
    return undefined;
  }

  /** Adds entries that came in while the chat is open. */
  append(entries) {
    if (this.#arrivedMeanwhile) {
      this.#arrivedMeanwhile.push(...entries);
      return;
    }
    for (const entry of entries) this.#append(entry);
    this.#announce(entries.filter(isFromAccount));
    this.#updateQuickReplies();
  }

  /** Shows the result of the webhook beside the entry that it reported. */
  showResult(eventId, text) {
    this.#results.set(eventId, text);
    const marks = this.#list.querySelectorAll(`[data-event="${CSS.escape(eventId)}"]`);
    for (const element of marks) element.textContent = text;
  }

  #show(entries) {
    this.#arrivedMeanwhile = null;
    this.#entries = entries;
    this.#unsent = new Set(entries.map(unsentBy).filter(Boolean));
    this.#shownFrom = Math.max(0, entries.length - SHOWN_AT_ONCE);
    this.#list.replaceChildren(...this.#items(this.#shownFrom));
    this.#earlier.hidden = this.#shownFrom === 0;
    this.#hint.hidden = entries.length > 0;
    this.#hint.textContent = this.#context.person ? "No messages yet." : NO_PERSON;
    this.#updateQuickReplies();
    this.#atTheEnd = true;
    this.#scrollToTheEnd();
  }

  #items(from, to = this.#entries.length) {
    return this.#entries
      .slice(from, to)
      .flatMap((entry, index) => entryItems(entry, this.#entries[from + index - 1], this.#context));
  }

  #append(entry) {
    this.#entries.push(entry);
    const unsent = unsentBy(entry);
    if (unsent) {
      this.#unsent.add(unsent);
      this.#showAgain(unsent);
    }
    this.#hint.hidden = true;
    this.#list.append(...this.#items(this.#entries.length - 1));
  }

  /** Replaces the message that was unsent by a note. */
  #showAgain(messageId) {
    const item = this.#list.querySelector(`[data-message="${CSS.escape(messageId)}"]`);
    const index = this.#entries.findIndex((entry) => entry.event?.message?.id === messageId);
    item?.replaceWith(entryItems(this.#entries[index], this.#entries[index], this.#context)[0]);
  }

  #showEarlier() {
    const from = Math.max(0, this.#shownFrom - SHOWN_AT_ONCE);
    const below = this.#log.scrollHeight - this.#log.scrollTop;
    this.#list.prepend(...this.#items(from, this.#shownFrom));
    this.#shownFrom = from;
    this.#earlier.hidden = from === 0;
    this.#log.scrollTop = this.#log.scrollHeight - below;
    if (this.#earlier.hidden) this.#log.focus();
  }

  /** Shows those of the last message only, until the person writes or taps something. */
  #updateQuickReplies() {
    const items = this.#entries.at(-1)?.message?.quickReply?.items ?? [];
    const buttons = items.map(({ imageUrl, action }) => {
      const content = imageUrl ? [picture(imageUrl, ""), action.label] : [action.label];
      return el("li", {}, control(action, this.#context, {}, ...content));
    });
    this.#quickReplies.replaceChildren(...buttons);
    this.#quickReplies.hidden = buttons.length === 0;
  }

  #announce(received) {
    if (received.length === 0) return;
    const lines = received.map(({ message }) => {
      const name = message.sender?.name ?? this.#context.account.displayName;
      return `${name}: ${words(message, this.#context)}`;
    });
    this.#announcer.textContent = lines.join(". ");
  }

  /** Only scrolling up leaves the end. Pictures that load late move the end, too. */
  #noticeScrolling() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const near = scrollHeight - scrollTop - clientHeight < NEAR_THE_END_PX;
    if (near || scrollTop < this.#lastTop) this.#atTheEnd = near;
    this.#lastTop = scrollTop;
  }

  #scrollToTheEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }
}

function unsentBy(entry) {
  return entry.event?.type === "unsend" ? entry.event.unsend.messageId : undefined;
}
