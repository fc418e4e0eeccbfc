/** JSON to look into: objects and lists fold, and the outer ones are open. */

import { el } from "./dom.js";

const OPEN_DEPTH = 3;
const OPEN_MEMBERS = 12;

export function json(value) {
  return el("div", { class: "json" }, node(null, value, 0));
}

function node(name, value, depth) {
  const key = name === null ? [] : [el("span", { class: "key" }, String(name)), ": "];
  if (value === null || typeof value !== "object") return el("div", {}, ...key, leaf(value));
  const members = Object.entries(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (members.length === 0) return el("div", {}, ...key, `${open}${close}`);
  const unfolded = depth < OPEN_DEPTH && members.length <= OPEN_MEMBERS;
  const inside = el("div", { class: "inside" });
  const fold = el(
    "details",
    { open: unfolded, ontoggle: fill },
    el("summary", {}, ...key, open, el("span", { class: "size" }, ` ${members.length} `), close),
    inside,
  );

  /** Makes the elements inside when they are opened for the first time. */
  function fill() {
    if (!fold.open || inside.hasChildNodes()) return;
    const label = Array.isArray(value) ? (key) => Number(key) : (key) => key;
    inside.append(...members.map(([key, each]) => node(label(key), each, depth + 1)));
  }

  fill();
  return fold;
}

function leaf(value) {
  return el("span", { class: value === null ? "null" : typeof value }, JSON.stringify(value));
}
