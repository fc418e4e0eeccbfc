/** What the person with the phone does: writing, sending, tapping, adding and blocking. The account's webhook is told. */

import { addressOf, nameOf } from "./actions.js";
import { isPage } from "./links.js";
import * as platform from "./platform.js";

export class Deeds {
  #phone;

  /** `phone`: `person()`, `account()`, `tell(text)`, `settle(eventId, text)`, `openTray(name)`, `fillIn(text)`, `askMoment(action)`. */
  constructor(phone) {
    this.#phone = phone;
  }

  follow = () => this.#do(platform.follow);
  block = () => this.#do(platform.block);
  write = (message) => this.#do(platform.write, message);
  unsend = (messageId) => this.#do(platform.unsend, messageId);

  /** Tap something with this action ("Action objects"). */
  tap = async (action) => {
    switch (action.type) {
      case "message":
        return this.write({ type: "text", text: action.text });
      case "postback":
        return this.#postback(action);
      case "uri":
        if (!isPage(addressOf(action))) this.#phone.tell(`A phone opens ${addressOf(action)}`);
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
        return this.#phone.tell(`“${nameOf(action)}” does nothing here: ${action.type}`);
    }
  };

  async #postback({ data, displayText, text, inputOption, fillInText }) {
    await this.#do(platform.postback, { data, ...(displayText && { displayText }) });
    if (text) await this.write({ type: "text", text });
    if (inputOption === "openKeyboard") this.#phone.fillIn(fillInText ?? "");
  }

  async #pick(action) {
    const moment = await this.#phone.askMoment(action);
    if (moment) await this.#do(platform.postback, { data: action.data, params: { [action.mode]: moment } });
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.#phone.tell(`Copied: ${text}`);
    } catch {
      this.#phone.tell(`The browser does not let this page copy. The text is: ${text}`);
    }
  }

  /** Returns whether the platform let the person do it. */
  async #do(deed, ...given) {
    const person = this.#phone.person();
    if (person === null) return false;
    try {
      const { webhookEventId, delivered, status } = await deed(person.userId, ...given);
      this.#report(webhookEventId, delivered, status);
      return true;
    } catch (error) {
      this.#phone.tell(error.message);
      return false;
    }
  }

  #report(eventId, delivered, status) {
    if (delivered) return this.#phone.settle(eventId, `webhook ${status}`);
    if (this.#phone.account().webhookUrl === null) return this.#phone.settle(eventId, "no webhook");
    this.#phone.settle(eventId, status === null ? "webhook: no answer" : `webhook ${status}`);
    return this.#phone.tell(`The webhook did not take it: ${status ?? "no answer"}`);
  }
}
