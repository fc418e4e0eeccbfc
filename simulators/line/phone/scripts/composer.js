/** The field in which the person writes, and the trays with stickers, pictures and places. */

import { byId, el } from "./dom.js";
import { face, SAMPLES } from "./messages/sticker.js";

export class Composer {
  #form = byId("composer");
  #text = byId("message");
  #trays;

  /** `write(message)` returns whether it was sent. */
  constructor({ write, notify }) {
    this.#trays = new Map(
      [...this.#form.querySelectorAll("[data-tray]")].map((button) => [
        button.dataset.tray,
        { button, tray: byId(button.getAttribute("aria-controls")) },
      ]),
    );
    for (const [name, { button, tray }] of this.#trays) {
      button.addEventListener("click", () => this.openTray(tray.hidden ? name : null));
      tray.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        this.openTray(null);
        button.focus();
      });
    }
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#writeText(write);
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    const send = async (message) => {
      if (await write(message)) this.#sent();
    };
    this.#fillStickers(send);
    this.#listenForPictures(send, notify);
    this.#listenForPlaces(send);
  }

  /** Whether the person may write at all. */
  enable(enabled) {
    for (const control of this.#form.elements) control.disabled = !enabled;
    if (!enabled) this.openTray(null);
  }

  openTray(name) {
    for (const [each, { button, tray }] of this.#trays) {
      tray.hidden = each !== name;
      button.setAttribute("aria-expanded", String(each === name));
    }
    if (name !== null) this.#trays.get(name).tray.querySelector("button, input")?.focus();
  }

  fillIn(text) {
    this.#text.value = text;
    this.#text.focus();
  }

  async #writeText(write) {
    const text = this.#text.value;
    if (text.trim() === "") return;
    this.#text.value = "";
    if (!(await write({ type: "text", text }))) this.#text.value ||= text;
  }

  #sent() {
    this.openTray(null);
    this.#text.focus();
  }

  #fillStickers(send) {
    const buttons = SAMPLES.map((sticker) => {
      const name = `Sticker ${sticker.packageId}/${sticker.stickerId}`;
      return el("button", { type: "button", onclick: () => send(sticker), title: name }, face(sticker, name));
    });
    byId("tray-sticker").append(...buttons);
  }

  #listenForPictures(send, notify) {
    const sendPicture = async (blob) => {
      if (!blob.type.startsWith("image/")) return notify("This file is not a picture.");
      return send({ type: "image", contentType: blob.type, content: await base64(blob) });
    };
    const file = byId("picture-file");
    file.addEventListener("change", async () => {
      if (file.files.length > 0) await sendPicture(file.files[0]);
      file.value = "";
    });
    byId("picture-sample").addEventListener("click", async () => sendPicture(await samplePicture()));
  }

  #listenForPlaces(send) {
    const form = byId("tray-place");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { title, address, latitude, longitude } = Object.fromEntries(new FormData(form));
      send({
        type: "location",
        title,
        ...(address && { address }),
        latitude: Number(latitude),
        longitude: Number(longitude),
      });
    });
  }
}

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

/** Hills at sunset, drawn here. */
async function samplePicture() {
  const canvas = new OffscreenCanvas(640, 400);
  const paint = canvas.getContext("2d");
  const sky = paint.createLinearGradient(0, 0, 0, 400);
  sky.addColorStop(0, "#31427a");
  sky.addColorStop(0.6, "#e58f65");
  sky.addColorStop(1, "#f4cf8c");
  paint.fillStyle = sky;
  paint.fillRect(0, 0, 640, 400);
  paint.fillStyle = "#fbe9c0";
  paint.beginPath();
  paint.arc(430, 235, 46, 0, 2 * Math.PI);
  paint.fill();
  for (const [color, height, wave] of [
    ["#5b4a73", 280, 90],
    ["#3d3558", 320, 140],
    ["#241f3a", 360, 60],
  ]) {
    paint.fillStyle = color;
    paint.beginPath();
    paint.moveTo(0, 400);
    for (let x = 0; x <= 640; x += 8) paint.lineTo(x, height - 34 * Math.sin(x / wave + height));
    paint.lineTo(640, 400);
    paint.fill();
  }
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
}
