/** Times and lengths for people to read. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const CLOCK_WITH_SECONDS = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });

export const clock = (at) => CLOCK.format(new Date(at));
export const clockWithSeconds = (at) => CLOCK_WITH_SECONDS.format(new Date(at));
export const day = (at) => DAY.format(new Date(at));

/** 5000 → "0:05". */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
