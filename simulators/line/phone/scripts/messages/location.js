/** A place: a drawn map, its name and address. Tapping it opens OpenStreetMap. */

import { el, svg } from "../dom.js";
import { AWAY } from "../links.js";

export function location({ title, address, latitude, longitude }) {
  const position = `mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
  return el(
    "a",
    { class: "place", href: `https://www.openstreetmap.org/?${position}`, ...AWAY },
    map(latitude, longitude),
    el("strong", {}, title ?? "A place"),
    address && el("span", { class: "address" }, address),
    el("span", { class: "position" }, `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`),
  );
}

/** A drawing instead of a real map; each place has its own. */
function map(latitude, longitude) {
  const tilt = (Math.abs(Math.round(latitude * 1000)) % 30) - 15;
  const shift = Math.abs(Math.round(longitude * 1000)) % 40;
  const roads = [
    `M-20 ${30 + shift}H280`,
    `M-20 ${95 + shift / 2}H280`,
    `M${60 + shift} -40V180`,
    `M${150 + shift} -40V180`,
  ];
  return svg(
    "svg",
    { viewBox: "0 0 240 110", class: "map", "aria-hidden": "true", preserveAspectRatio: "xMidYMid slice" },
    svg("rect", { class: "land", width: 240, height: 110 }),
    svg("path", { class: "water", d: `M-10 ${70 + shift}q60-40 130 0t130-10v80h-260Z` }),
    svg("g", { transform: `rotate(${tilt} 120 55)` }, ...roads.map((d) => svg("path", { class: "road", d }))),
    svg("path", { class: "pin", d: "M120 68s-15-14-15-26a15 15 0 0 1 30 0c0 12-15 26-15 26Z" }),
    svg("circle", { class: "hole", cx: 120, cy: 42, r: 5.5 }),
  );
}
