/** The dialogs of the page. Each returns what was filled in, or null when it was left. */

import { byId } from "./dom.js";
import { shown } from "./links.js";

const INPUTS = { date: "date", time: "time", datetime: "datetime-local" };
const LABELS = { date: "Date", time: "Time", datetime: "Date and time" };

export async function askForPerson() {
  const form = await ask(byId("person-dialog"));
  if (form === null) return null;
  const { displayName, language, follows } = Object.fromEntries(form);
  return { profile: { displayName, ...(language && { language }) }, follows: follows === "on" };
}

/** For a datetime picker action: a date, a time, or both, in the form of a postback. */
export async function askForMoment({ mode, label, initial, min, max }) {
  const dialog = byId("moment-dialog");
  const input = dialog.querySelector("[name=moment]");
  input.type = INPUTS[mode];
  for (const [name, value] of Object.entries({ min, max })) {
    if (value) input.setAttribute(name, value.replace("t", "T"));
    else input.removeAttribute(name);
  }
  byId("moment-dialog-title").textContent = label || "When?";
  byId("moment-label").textContent = LABELS[mode];
  const form = await ask(dialog, () => (input.value = (initial ?? "").replace("t", "T")));
  return form?.get("moment") ?? null;
}

export function showPicture(address) {
  const image = byId("picture-large");
  image.src = shown(address) ?? "";
  byId("picture-dialog").showModal();
}

function ask(dialog, prepare = () => {}) {
  const form = dialog.querySelector("form");
  form.reset();
  prepare();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const answer = () => resolve(dialog.returnValue === "done" ? new FormData(form) : null);
    dialog.addEventListener("close", answer, { once: true });
  });
}

/** Buttons that leave a dialog. */
export function listenForLeaving() {
  for (const button of document.querySelectorAll("dialog [data-leave]")) {
    button.addEventListener("click", () => button.closest("dialog").close(""));
  }
}
