/** Sizes, colours and directions of Flex Messages in the words of CSS. A value that is none of them becomes null. */

const LENGTH = /^\d+(?:\.\d+)?(?:px|%)$/;
const COLOR = /^#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$/;
const ANGLE = /^-?\d+(?:\.\d+)?deg$/;
const PERCENT = /^\d+(?:\.\d+)?%$/;

const NAMED = {
  spacing: { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 },
  font: { xxs: 11, xs: 13, sm: 14, md: 16, lg: 19, xl: 22, xxl: 29, "3xl": 35, "4xl": 48, "5xl": 74 },
  image: { xxs: 40, xs: 60, sm: 80, md: 100, lg: 120, xl: 140, xxl: 160, "3xl": 180, "4xl": 200, "5xl": 220 },
};
const BORDERS = { none: "0", light: "0.5px", normal: "1px", medium: "2px", "semi-bold": "3px", bold: "4px" };
const SIDES = {
  top: "flex-start",
  "flex-start": "flex-start",
  bottom: "flex-end",
  "flex-end": "flex-end",
  center: "center",
  "space-between": "space-between",
  "space-around": "space-around",
  "space-evenly": "space-evenly",
};

/** A length in px or %, or a word of one of the scales above. */
export function length(value, scale) {
  const named = NAMED[scale]?.[value];
  if (named !== undefined) return `${named}px`;
  return LENGTH.test(value) ? value : null;
}

export function color(value) {
  return COLOR.test(value) ? value : null;
}

export function side(value) {
  return SIDES[value] ?? null;
}

export function border(width, ink) {
  const thick = BORDERS[width] ?? (LENGTH.test(width) ? width : null);
  return thick === null && !ink ? null : `${thick ?? "1px"} solid ${color(ink) ?? "#d4d6da"}`;
}

export function background(gradient) {
  if (gradient?.type !== "linearGradient" || !ANGLE.test(gradient.angle)) return null;
  const { angle, startColor, centerColor, centerPosition, endColor } = gradient;
  const center = color(centerColor);
  const position = PERCENT.test(centerPosition) ? ` ${centerPosition}` : "";
  const stops = [color(startColor), center && `${center}${position}`, color(endColor)].filter(Boolean);
  return stops.length < 2 ? null : `linear-gradient(${angle}, ${stops.join(", ")})`;
}
