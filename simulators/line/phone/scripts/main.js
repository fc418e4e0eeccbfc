/** The page: it holds the person, the people and the account, and passes the platform's events on. */

import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { PersonActions } from "./person_actions.js";
import { askForMoment, askForPerson, listenForLeaving, showPicture } from "./dialogs.js";
import { byId } from "./dom.js";
import { watch } from "./live.js";
import { PeopleList } from "./people.js";
import * as controlApi from "./control_api.js";
import { RequestList } from "./requests.js";
import { Tabs } from "./tabs.js";

const NOTICE_MS = 6000;
const STATES = { live: "Live", reconnecting: "Reconnecting…" };
const RELATION_BUTTON = { stranger: "Add the account", friend: "Block the account", blocked: "Unblock the account" };
const BANNERS = {
  stranger: (person) => `${person.displayName} has not added the account: it can answer, but not write first.`,
  friend: () => "",
  blocked: (person) => `${person.displayName} blocks the account. Neither can write to the other.`,
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
const personActions = new PersonActions({
  person,
  account: () => account,
  notify,
  showResult: (eventId, text) => chat.showResult(eventId, text),
  openTray: (name) => composer.openTray(name),
  fillIn: (text) => composer.fillIn(text),
  askMoment: askForMoment,
});
const composer = new Composer({ write: personActions.write, notify });
const chat = new Chat({
  get account() {
    return account;
  },
  person: null,
  tap: personActions.tap,
  unsend: personActions.unsend,
  enlarge: showPicture,
  nameOfPerson: (userId) => people.get(userId)?.displayName ?? "a person",
  showRequest,
});

byId("relation").addEventListener("click", () => {
  if (person().relation === "friend") personActions.block();
  else personActions.follow();
});
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
  chat.open(person()).catch((error) => notify(error.message));
}

function hashed() {
  return decodeURIComponent(location.hash.slice(1)) || null;
}

function showAccount(changed) {
  account = changed;
  byId("account-name").textContent = account.displayName;
  byId("account-about").textContent = account.basicId;
  byId("webhook").textContent = account.webhookUrl ?? "not set, so the account does not learn what people do";
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
  const answer = await askForPerson();
  if (answer === null) return;
  try {
    const { userId } = await controlApi.addPerson(answer.profile);
    if (answer.follows) await controlApi.follow(userId);
    location.hash = userId;
    tabs.show("chat");
  } catch (error) {
    notify(error.message);
  }
}

function showRequest(requestId) {
  tabs.show("requests");
  if (!requests.reveal(requestId)) notify("This request is too old to be listed.");
}

let noticeTimer;

/** Shows a line at the bottom of the page for a while. */
function notify(text) {
  const toast = byId("toast");
  toast.textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => (toast.textContent = ""), NOTICE_MS);
}
