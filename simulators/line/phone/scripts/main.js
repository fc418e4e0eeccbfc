/** The page: who is looking, what is told by the platform, and who has to know. */

import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { Deeds } from "./deeds.js";
import { askForMoment, askForPerson, listenForLeaving, showPicture } from "./dialogs.js";
import { byId } from "./dom.js";
import { watch } from "./live.js";
import { PeopleList } from "./people.js";
import * as platform from "./platform.js";
import { RequestList } from "./requests.js";
import { Tabs } from "./tabs.js";

const TOLD_FOR_MS = 6000;
const STATES = { live: "Live", reconnecting: "Reconnecting…" };
const RELATION_BUTTON = { stranger: "Add the account", friend: "Block the account", blocked: "Unblock the account" };
const BANNERS = {
  stranger: (person) => `${person.displayName} has not added the account: it can answer, but not write first.`,
  friend: () => "",
  blocked: (person) => `${person.displayName} blocks the account. Neither side hears the other.`,
};

let account = { displayName: "…", basicId: "", webhookUrl: null };
let people = new Map();
let selected = null;

const person = () => people.get(selected) ?? null;
const tabs = new Tabs(byId("tabs"), "chat");
const requests = new RequestList();
const list = new PeopleList({
  select: (userId) => {
    select(userId);
    tabs.show("chat");
    if (tabs.areInUse) byId("log").focus();
  },
});
const deeds = new Deeds({
  person,
  account: () => account,
  tell,
  settle: (eventId, text) => chat.settle(eventId, text),
  openTray: (name) => composer.openTray(name),
  fillIn: (text) => composer.fillIn(text),
  askMoment: askForMoment,
});
const composer = new Composer({ write: deeds.write, tell });
const chat = new Chat({
  get account() {
    return account;
  },
  person: null,
  tap: deeds.tap,
  unsend: deeds.unsend,
  enlarge: showPicture,
  nameOfPerson: (userId) => people.get(userId)?.displayName ?? "somebody",
  showRequest,
});

byId("relation").addEventListener("click", () => (person().relation === "friend" ? deeds.block() : deeds.follow()));
byId("new-person").addEventListener("click", addPerson);
window.addEventListener("hashchange", () => select(hashed()));
listenForLeaving();

watch({
  state(state) {
    const live = byId("live");
    live.dataset.state = state;
    live.textContent = STATES[state];
  },
  snapshot(snapshot) {
    people = new Map(snapshot.people.map((each) => [each.userId, each]));
    list.replace(snapshot.people);
    requests.replace(snapshot.requests);
    showAccount(snapshot.account);
    select([hashed(), selected, snapshot.people[0]?.userId].find((userId) => people.has(userId)) ?? null);
  },
  account: showAccount,
  person(changed) {
    const isFirst = people.size === 0;
    people.set(changed.userId, changed);
    list.update(changed);
    if (isFirst && selected === null) select(changed.userId);
    else if (changed.userId === selected) showRelation();
  },
  entries({ userIds, entries }) {
    if (userIds.includes(selected)) chat.append(entries);
    const received = entries.filter((entry) => entry.message !== undefined).length;
    if (received > 0) list.received(userIds, received);
  },
  request: (request) => requests.add(request),
});

function select(userId) {
  if (userId !== null && !people.has(userId)) return;
  selected = userId;
  if (userId !== null && hashed() !== userId) history.replaceState(null, "", `#${userId}`);
  list.select(userId);
  showRelation();
  chat.open(person()).catch((error) => tell(error.message));
}

function hashed() {
  return decodeURIComponent(location.hash.slice(1)) || null;
}

function showAccount(known) {
  account = known;
  byId("account-name").textContent = known.displayName;
  byId("account-about").textContent = known.basicId;
  byId("webhook").textContent = known.webhookUrl ?? "no address is set, so nobody is told what people do";
}

function showRelation() {
  const someone = person();
  const button = byId("relation");
  const banner = byId("banner");
  byId("chat-title").textContent = someone ? `${someone.displayName}’s phone` : "No phone yet";
  button.hidden = someone === null;
  banner.textContent = someone ? BANNERS[someone.relation](someone) : "";
  banner.hidden = banner.textContent === "";
  composer.enable(someone !== null && someone.relation !== "blocked");
  if (someone === null) return;
  button.textContent = RELATION_BUTTON[someone.relation];
  byId("chat").dataset.relation = someone.relation;
}

async function addPerson() {
  const given = await askForPerson();
  if (given === null) return;
  try {
    const { userId } = await platform.addPerson(given.profile);
    if (given.follows) await platform.follow(userId);
    location.hash = userId;
    tabs.show("chat");
  } catch (error) {
    tell(error.message);
  }
}

function showRequest(requestId) {
  tabs.show("requests");
  if (!requests.reveal(requestId)) tell("This request is not among the last ones any more.");
}

let toldUntil;

/** A line at the bottom of the page, for a while. */
function tell(text) {
  const toast = byId("toast");
  toast.textContent = text;
  clearTimeout(toldUntil);
  toldUntil = setTimeout(() => (toast.textContent = ""), TOLD_FOR_MS);
}
