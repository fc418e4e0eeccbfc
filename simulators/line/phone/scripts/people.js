/** The list of people: whose phone is shown, and who has unread messages. */

import { byId, el } from "./dom.js";
import { counted } from "./format.js";
import { picture } from "./messages/media.js";

const RELATIONS = { stranger: "has not added the account", friend: "friend", blocked: "blocks the account" };
const SEARCH_FROM = 9;
const SHOWN_AT_MOST = 200;

export class PeopleList {
  #list = byId("people-list");
  #search = byId("search");
  #hint = byId("people-hint");
  #badge = byId("unread");
  #people = new Map();
  #items = new Map();
  #unread = new Map();
  #selected = null;
  #select;

  constructor({ select }) {
    this.#select = select;
    this.#search.querySelector("input").addEventListener("input", () => this.#show());
    this.#list.addEventListener("keydown", (event) => this.#move(event));
  }

  replace(people) {
    this.#people = new Map(people.map((person) => [person.userId, person]));
    for (const userId of [...this.#unread.keys()]) if (!this.#people.has(userId)) this.#unread.delete(userId);
    this.#show();
  }

  update(person) {
    this.#people.set(person.userId, person);
    this.#show();
  }

  select(userId) {
    this.#selected = userId;
    this.#unread.delete(userId);
    this.#show();
  }

  /** Counts messages that these people received. */
  received(userIds, count) {
    const others = userIds.filter((userId) => userId !== this.#selected);
    for (const userId of others) this.#unread.set(userId, (this.#unread.get(userId) ?? 0) + count);
    if (others.length > 0) this.#show();
  }

  #show() {
    const query = this.#search.querySelector("input").value.trim().toLowerCase();
    const all = [...this.#people.values()];
    const matches = all.filter(
      ({ displayName, userId }) => displayName.toLowerCase().includes(query) || userId.toLowerCase().startsWith(query),
    );
    const shown = matches.slice(0, SHOWN_AT_MOST);
    this.#search.hidden = all.length < SEARCH_FROM;
    const items = shown.map((person) => this.#item(person));
    if (items.length !== this.#list.children.length || items.some((item, at) => item !== this.#list.children[at])) {
      const focused = document.activeElement;
      this.#list.replaceChildren(...items);
      if (this.#list.contains(focused)) focused.focus();
    }
    this.#hint.hidden = matches.length === shown.length && matches.length > 0;
    this.#hint.textContent =
      all.length === 0
        ? "No people yet. A new person is a stranger to the account until they add it."
        : matches.length === 0
          ? "No one has that name."
          : `${counted(matches.length - shown.length, "more person", "more people")}: type part of a name above.`;
    const unread = [...this.#unread.values()].reduce((sum, count) => sum + count, 0);
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = String(unread);
    this.#badge.title = `${counted(unread, "unread message")}`;
  }

  /** The same element for the same person, so that nothing loses its focus. */
  #item(person) {
    const { userId, displayName, relation, pictureUrl } = person;
    const unread = this.#unread.get(userId) ?? 0;
    const look = JSON.stringify([displayName, relation, pictureUrl, unread, userId === this.#selected]);
    const before = this.#items.get(userId);
    if (before?.look === look) return before.item;
    const item = before?.item ?? el("li", {}, el("button", { type: "button", onclick: () => this.#select(userId) }));
    const [button] = item.children;
    button.setAttribute("aria-current", String(userId === this.#selected));
    button.dataset.relation = relation;
    button.title = userId;
    button.replaceChildren(
      portrait(person),
      el(
        "span",
        { class: "who" },
        el("strong", {}, displayName),
        el("span", { class: "relation" }, RELATIONS[relation]),
      ),
      ...(unread > 0 ? [badge(unread)] : []),
    );
    this.#items.set(userId, { item, look });
    return item;
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = event.target.closest("li");
    if (step === undefined || item === null) return;
    event.preventDefault();
    (step > 0 ? item.nextElementSibling : item.previousElementSibling)?.firstElementChild.focus();
  }
}

function badge(unread) {
  return el("span", { class: "badge" }, String(unread), el("span", { class: "unseen" }, " unread"));
}

/** A person's picture, or the first letter of the name on a colour of their own. */
function portrait({ userId, displayName, pictureUrl }) {
  if (pictureUrl) return el("span", { class: "portrait", "aria-hidden": "true" }, picture(pictureUrl, ""));
  const hue = parseInt(userId.slice(1, 7), 16) % 360;
  const [letter] = displayName;
  return el("span", { class: "portrait", "aria-hidden": "true", css: { "--hue": String(hue) } }, letter ?? "?");
}
