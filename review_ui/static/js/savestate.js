// The words that say whether everything is saved; always visible at the top.

import { fill, h, whenIdle } from "./dom.js";
import { Outbox } from "./outbox.js";
import { t } from "./words.js";

/** Shows the state of an outbox in an element, and warns before a page with unsent work is left. */
export class SaveState {
  constructor(element, outbox) {
    this.element = element;
    outbox.addEventListener("status", (event) => this.#show(event.detail));
    this.#show({ state: outbox.count ? "sending" : "saved", count: outbox.count, seconds: 0 });
    const others = Object.entries(Outbox.ofOthers());
    if (others.length) this.#warn(others);
  }

  /** The state stands there at once; its words are written when no key is being answered, once for all changes until then. */
  #show(told) {
    this.element.dataset.state = told.state;
    if (!this.told) whenIdle(() => this.#write());
    this.told = told;
  }

  #write() {
    const { state, count, seconds } = this.told;
    this.told = null;
    const link = state === "log_in" ? h("a", { href: "/login", target: "_blank" }, t("save.log_in_again")) : null;
    fill(this.element, state === "saved" ? "✓ " : "● ", t(`save.${state}`, { count, seconds }), link ? " " : null, link);
  }

  #warn(others) {
    const notes = others.map(([name, count]) => h("p", {}, t("save.of_other", { count, user: name })));
    const notice = h("div", { class: "notice warn others" }, notes, h("button", { onclick: () => notice.remove() }, t("action.close")));
    document.querySelector("main").prepend(notice);
  }
}
