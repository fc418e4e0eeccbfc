/** A coupon. What it offers is known to LINE alone, so the card shows which one it is. */

import { el } from "../dom.js";

export function coupon({ couponId, deliveryTag }) {
  return el(
    "div",
    { class: "coupon" },
    el("strong", {}, "Coupon"),
    el("code", {}, couponId),
    deliveryTag && el("span", { class: "tag" }, deliveryTag),
  );
}
