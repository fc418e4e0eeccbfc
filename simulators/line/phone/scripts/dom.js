/** The only module that makes elements. Text stays text, and an address that may not be followed is left out. */

import { opened, shown } from "./links.js";

const ADDRESSES = { href: opened, src: shown, poster: shown };
const SVG = "http://www.w3.org/2000/svg";

/**
 * `el("p", { class: "note", onclick: close, css: { width: "50%" } }, "text", another)`: functions become listeners,
 * `css` holds style properties, and all other properties become attributes. Properties that are null, undefined or
 * false are left out, and so are children that are null or undefined.
 */
export function el(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") {
    element.addEventListener(name.replace(/^on/, ""), value);
  } else if (name === "css") {
    for (const [property, setting] of Object.entries(value)) {
      if (setting !== null && setting !== undefined) element.style.setProperty(property, setting);
    }
  } else if (/^(on|style$|srcdoc$)/.test(name)) {
    throw new TypeError(`${name} is not set as text`);
  } else if (name in ADDRESSES) {
    const address = ADDRESSES[name](value);
    if (address !== null) element.setAttribute(name, address);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

export function byId(id) {
  return document.getElementById(id);
}
