/** Which addresses a message may lead to. */

const OPENED = new Set(["http:", "https:", "tel:", "mailto:", "line:"]);
const SHOWN = new Set(["http:", "https:", "blob:"]);

/** The address if tapping may open it, else null. */
export function opened(address) {
  return ofScheme(address, OPENED);
}

/** The address if it may be loaded as a picture, sound or film, else null. */
export function shown(address) {
  return ofScheme(address, SHOWN);
}

/** Whether it opens in the browser. The other schemes belong to apps. */
export function isPage(address) {
  return /^https?:/i.test(address);
}

function ofScheme(address, schemes) {
  const url = URL.parse(String(address), document.baseURI);
  return url !== null && schemes.has(url.protocol) ? url.href : null;
}

/** The attributes of a link from a message to another page. */
export const AWAY = { target: "_blank", rel: "noopener noreferrer" };
