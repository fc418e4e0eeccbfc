/** What the person with the phone does: writing, sending, tapping, adding, blocking. The webhook reports it. */

import { addressOf, nameOf } from "./actions.js";
import { isPage } from "./links.js";
import * as controlApi from "./control_api.js";

export class PersonActions {
  #phone;

  /**
   * `phone` has `person()`, `account()`, `notify(text)`, `showResult(eventId, text)`, `openTray(name)`, `fillIn(text)`
   * and `askMoment(action)`.
   */
  constructor(phone) {
    this.#phone = phone;
  }

  follow = () => this.#do(controlApi.follow);
  block = () => this.#do(controlApi.block);
  write = (message) => this.#do(controlApi.write, message);
  unsend = (messageId) => this.#do(controlApi.unsend, messageId);

  /** Taps something with this action ("Action objects"). */
  tap = async (action) => {
    switch (action.type) {
      case "message":
        return this.write({ type: "text", text: action.text });
      case "postback":
        return this.#postback(action);
      case "uri":
        if (!isPage(addressOf(action))) this.#phone.notify(`A phone would open ${addressOf(action)}`);
        return undefined;
      case "datetimepicker":
        return this.#pick(action);
      case "clipboard":
        return this.#copy(action.clipboardText);
      case "camera":
      case "cameraRoll":
        return this.#phone.openTray("picture");
      case "location":
        return this.#phone.openTray("place");
      default:
        return this.#phone.notify(`“${nameOf(action)}” does nothing here: ${action.type}`);
    }
  };

  async #postback({ data, displayText, text, inputOption, fillInText }) {
    await this.#do(controlApi.postback, { data, ...(displayText && { displayText }) });
    if (text) await this.write({ type: "text", text });
    if (inputOption === "openKeyboard") this.#phone.fillIn(fillInText ?? "");
  }

  async #pick(action) {
    const moment = await this.#phone.askMoment(action);
    if (moment) await this.#do(controlApi.postback, { data: action.data, params: { [action.mode]: moment } });
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.#phone.notify(`Copied: ${text}`);
    } catch {
      this.#phone.notify(`The browser does not allow this page to copy. The text is: ${text}`);
    }
  }

  /** Returns whether the platform allowed it. */
  async #do(call, ...values) {
    const person = this.#phone.person();
    if (person === null) return false;
    try {
      const { webhookEventId, delivered, status } = await call(person.userId, ...values);
      this.#report(webhookEventId, delivered, status);
      return true;
    } catch (error) {
      this.#phone.notify(error.message);
      return false;
    }
  }

  #report(eventId, delivered, status) {
    if (delivered) return this.#phone.showResult(eventId, `webhook ${status}`);
    if (this.#phone.account().webhookUrl === null) return this.#phone.showResult(eventId, "no webhook");
    this.#phone.showResult(eventId, status === null ? "webhook: no answer" : `webhook ${status}`);
    return this.#phone.notify(`The webhook failed: ${status ?? "no answer"}`);
  }
}
