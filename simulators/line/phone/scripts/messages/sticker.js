/** Stickers. Their pictures belong to LINE, so each id has a face of our own, always the same one. */

import { el, svg } from "../dom.js";

/** Some that every channel may send ("Sticker definitions"). */
export const SAMPLES = [
  ["446", "1988"],
  ["446", "1989"],
  ["446", "1990"],
  ["446", "1991"],
  ["789", "10855"],
  ["789", "10856"],
  ["6136", "10551376"],
  ["11537", "52002734"],
].map(([packageId, stickerId]) => ({ type: "sticker", packageId, stickerId }));

const EARS = [
  [],
  ["M18 32 20 12 36 22Z", "M82 32 80 12 64 22Z"],
  ["M30 26c-6-26 8-26 10-3Z", "M70 26c6-26-8-26-10-3Z"],
  ["M16 30a11 11 0 1 1 16-13Z", "M84 30a11 11 0 1 0-16-13Z"],
];
const EYES = [
  ["M35 46v6", "M65 46v6"],
  ["M30 51q5-7 10 0", "M60 51q5-7 10 0"],
  ["M30 48q5 6 10 0", "M60 48q5 6 10 0"],
  ["M35 46v6", "M60 49h10"],
];
const MOUTHS = [
  "M40 62q10 11 20 0",
  "M38 62q6 7 12 0 6 7 12 0",
  "M41 61q9 19 18 0Z",
  "M46 64a4 5 0 1 0 8 0 4 5 0 1 0-8 0",
];
const EXTRAS = [
  "",
  "M97 10v12m-6-6h12",
  "M97 20c-7-7 1-13 3-6 2-7 10-1 3 6l-3 4Z",
  "M98 8v14m0-14 8 4m-8 10a4 3 0 1 1-6 1",
];

export function sticker(message) {
  const name = `Sticker ${message.packageId}/${message.stickerId}`;
  return el("figure", { class: "sticker" }, face(message, name), el("figcaption", {}, name));
}

export function face({ packageId, stickerId }, name) {
  const pick = dice(`${packageId}/${stickerId}`);
  const hue = pick(24) * 15;
  const skin = `hsl(${hue} 62% 78%)`;
  const ink = `hsl(${hue} 45% 24%)`;
  const line = { fill: "none", stroke: ink, "stroke-width": 4, "stroke-linecap": "round", "stroke-linejoin": "round" };
  const ears = EARS[pick(EARS.length)].map((d) => svg("path", { ...line, d, fill: skin }));
  const head = svg("rect", { x: 12, y: 20, width: 76, height: 68, rx: 26 + pick(3) * 4, ...line, fill: skin });
  const cheeks = [27, 73].map((cx) => svg("circle", { cx, cy: 60, r: 5, fill: `hsl(${hue + 330} 75% 66%)` }));
  const strokes = [...EYES[pick(EYES.length)], MOUTHS[pick(MOUTHS.length)], EXTRAS[pick(EXTRAS.length)]];
  return svg(
    "svg",
    { viewBox: "-10 0 120 96", role: "img", "aria-label": name },
    ...ears,
    head,
    ...cheeks,
    ...strokes.map((d) => svg("path", { ...line, d })),
  );
}

/** `pick(n)`: the next of numbers below n that follow from the seed (FNV-1a, then a linear congruence). */
function dice(seed) {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  return (below) => {
    state = Math.imul(state, 1664525) + 1013904223;
    return (state >>> 16) % below;
  };
}
