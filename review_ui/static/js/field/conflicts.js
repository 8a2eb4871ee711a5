// Edits that met somebody else's: kept side by side until a person chooses; nothing is overwritten.

import { get } from "../api.js";
import { h, typing } from "../dom.js";
import { load } from "../pictures.js";
import { moment, t } from "../words.js";

/** The list of conflicts behind a badge, and the dialog that settles them one by one. */
export class Conflicts {
  constructor(badge, outbox, onclose) {
    this.badge = badge;
    this.outbox = outbox;
    this.onclose = onclose;
    this.waiting = [];
    badge.addEventListener("click", () => this.open());
  }

  /** Remember a conflict: {decision, mine, conflict, label, item}; `mine` is our value as the server understood it. */
  add(one) {
    this.waiting.push(one);
    this.#count();
  }

  /** Show the oldest conflict, if there is one. */
  async open() {
    const one = this.waiting[0];
    if (!one || document.querySelector("dialog[open]")) return;
    const { decision, mine: own, conflict, label, item } = one;
    const crop = h("div", { class: "conflict-crop" });
    if (item) load(item.crop).then((image) => crop.append(image.cloneNode()), () => {});
    const settle = (action) => { dialog.close(); this.waiting.shift(); action?.(); this.#count(); this.onclose(); };
    const theirs = h("button", { autofocus: true, onclick: () => settle() }, t("conflict.keep_theirs", { user: conflict.user }));
    const mine = h("button", { class: "danger", onclick: () => settle(() => this.#mine(one)) }, t("conflict.keep_mine"));
    const dialog = h("dialog", { class: "conflict" },
      h("h2", {}, t("conflict.title")), h("p", { class: "muted" }, label), crop, h("p", {}, t("conflict.explain")),
      h("div", { class: "versus" },
        this.#side(t("conflict.theirs", { user: conflict.user, time: moment(conflict.time) }), conflict.value, conflict.state, theirs),
        this.#side(t("conflict.mine"), own, decision.action, mine)));
    dialog.addEventListener("close", () => { dialog.remove(); if (!typing()) this.onclose(); });
    document.body.append(dialog);
    dialog.showModal();
  }

  #side(title, value, state, button) {
    return h("section", {}, h("h3", {}, title), h("p", { class: "versus-value" }, value || t(state === "blank" ? "empty_value" : `action.${state}`)), button);
  }

  /** Our value again, as an answer to theirs. */
  async #mine({ decision, conflict, label }) {
    const base = conflict.entry ?? (await get(`/api/fields/${decision.field}`)).base;
    this.outbox.add({ ...decision, base, action: decision.action === "confirm" ? "correct" : decision.action }, label);
  }

  #count() {
    this.badge.hidden = !this.waiting.length;
    this.badge.textContent = t("conflict.badge", { count: this.waiting.length });
  }
}
