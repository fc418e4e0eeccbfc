/** A coupon. Only LINE knows its offer, so the card shows which coupon it is. */

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
