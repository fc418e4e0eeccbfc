/** Pictures, films and sounds. */

import { el } from "../dom.js";
import { duration } from "../format.js";

/** A picture, or a note when it cannot be loaded. */
export function picture(address, description, properties = {}) {
  const image = el("img", { src: address, alt: description, draggable: "false", ...properties });
  image.addEventListener("error", () => image.replaceWith(missing(address, description, properties)), { once: true });
  return image;
}

function missing(address, description, { class: name = "", css = {} }) {
  const label = `${description || "Picture"}: ${address} cannot be loaded`;
  const properties = { class: `missing ${name}`, css, role: "img", "aria-label": label, title: label };
  return el("span", properties, "Picture not found");
}

export function image(message, { enlarge }) {
  const open = () => enlarge(message.originalContentUrl);
  return el(
    "button",
    { type: "button", class: "picture", onclick: open, "aria-label": "Picture, enlarge" },
    picture(message.previewImageUrl, "Picture"),
  );
}

/** It shows the message's own preview picture until it starts, and then the browser's controls. */
export function video(message) {
  const film = el("video", {
    src: message.originalContentUrl,
    poster: message.previewImageUrl,
    playsinline: true,
    preload: "none",
    "aria-label": "Film",
  });
  const onclick = () => play(film, broken);
  const start = el("button", { type: "button", class: "start", "aria-label": "Play the film", onclick });
  const player = el("div", { class: "film", "data-state": "paused" }, film, start);

  function broken() {
    player.dataset.state = "broken";
    start.setAttribute("aria-label", "The film cannot be played");
  }

  film.addEventListener("play", () => {
    player.dataset.state = "playing";
    film.controls = true;
    start.hidden = true;
    film.focus();
  });
  return player;
}

/** Calls `broken` when the sound or film cannot be loaded or read, but not when it is stopped while it loads. */
async function play(media, broken) {
  try {
    await media.play();
  } catch (error) {
    if (error.name !== "AbortError") broken();
  }
}

/** It shows the length that the message names, as a phone does. The file is loaded when it is played. */
export function audio(message) {
  const sound = el("audio", { src: message.originalContentUrl ?? message.contentUrl, preload: "none" });
  const length = duration(message.duration);
  const bar = el("progress", { max: "1", value: "0", "aria-label": "Played" });
  const time = el("span", { class: "length" }, length);
  const button = el("button", { type: "button", "aria-label": `Play the sound, ${length}`, onclick: toggle });
  const player = el("div", { class: "sound", "data-state": "paused" }, button, bar, time, sound);

  function toggle() {
    if (sound.paused) play(sound, broken);
    else sound.pause();
  }

  function broken() {
    player.dataset.state = "broken";
    time.textContent = "cannot be played";
  }

  function show() {
    player.dataset.state = sound.paused ? "paused" : "playing";
    button.setAttribute("aria-label", sound.paused ? `Play the sound, ${length}` : "Pause the sound");
  }

  sound.addEventListener("play", show);
  sound.addEventListener("pause", show);
  sound.addEventListener("timeupdate", () => {
    if (!Number.isFinite(sound.duration)) return;
    bar.value = sound.currentTime / sound.duration;
    time.textContent = sound.ended ? length : `${duration(sound.currentTime * 1000)} / ${length}`;
  });
  sound.addEventListener("ended", () => {
    bar.value = 0;
    time.textContent = length;
  });
  return player;
}
