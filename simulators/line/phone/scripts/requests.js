/** The last requests to the Messaging API, the newest first. Each unfolds to its ids, its body and its answer. */

import { byId, el } from "./dom.js";
import { clockWithSeconds } from "./format.js";
import { json } from "./json.js";
import * as controlApi from "./control_api.js";

const LISTED = 100;

export class RequestList {
  #list = byId("request-list");
  #hint = byId("requests-hint");
  #items = new Map();

  constructor() {
    const refusedOnly = byId("refused-only");
    refusedOnly.addEventListener("change", () => this.#list.classList.toggle("refused-only", refusedOnly.checked));
  }

  replace(requests) {
    this.#items.clear();
    this.#list.replaceChildren();
    this.#hint.hidden = false;
    for (const request of requests) this.add(request);
  }

  add(request) {
    this.#hint.hidden = true;
    const item = row(request);
    this.#items.set(request.requestId, item);
    this.#list.prepend(item);
    while (this.#list.children.length > LISTED) {
      this.#list.lastElementChild.remove();
      this.#items.delete(this.#items.keys().next().value);
    }
  }

  /** Unfolds a request and goes there. Returns whether it is still listed. */
  reveal(requestId) {
    const item = this.#items.get(requestId);
    if (item === undefined) return false;
    const [details] = item.children;
    details.open = true;
    details.firstElementChild.focus();
    item.scrollIntoView({ block: "nearest" });
    return true;
  }
}

function row(request) {
  const { at, method, path, status } = request;
  const inside = el("div", { class: "exchange" });
  const accepted = status !== null && status < 400;
  const details = el(
    "details",
    { ontoggle: fill },
    el(
      "summary",
      {},
      el("time", { datetime: at }, clockWithSeconds(at)),
      el("span", { class: "method" }, method),
      el("span", { class: "path", title: path }, path),
      el("span", { class: "status", "data-accepted": String(accepted) }, status === null ? "cut" : String(status)),
    ),
    inside,
  );

  async function fill() {
    if (!details.open || inside.hasChildNodes()) return;
    try {
      inside.replaceChildren(...exchange(await controlApi.request(request.requestId)));
    } catch (error) {
      inside.replaceChildren(el("p", {}, error.message));
    }
  }

  return el("li", { class: accepted ? "accepted" : "refused" }, details);
}

function exchange({ requestId, retryKey, body, answer, status }) {
  return [
    el(
      "dl",
      {},
      ...named("Request id", requestId),
      ...(retryKey ? named("Retry key", retryKey) : []),
      ...(Array.isArray(body?.to) ? named("Recipients", String(body.to.length)) : []),
    ),
    ...part("Body", body, "No body"),
    ...part("Answer", answer, status === null ? "None: the connection was cut" : "No body"),
  ];
}

function named(name, value) {
  return [el("dt", {}, name), el("dd", {}, el("code", {}, value))];
}

function part(title, content, none) {
  return [el("h3", {}, title), content === null ? el("p", { class: "hint" }, none) : json(content)];
}
