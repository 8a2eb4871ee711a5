// One's own last decisions as a list: looked at without taking anything back, opened one by one.

import { get } from "../api.js";
import { fill, h, typing } from "../dom.js";
import { load } from "../pictures.js";
import { shortcutOf } from "../shortcuts.js";
import { columnName, moment, said, t } from "../words.js";

/** Queues in which a field waits for somebody else: it is no longer one's own to change. */
export const ELSEWHERE = new Set(["second", "arbitration", "senior"]);

/** The dialog with the list. `onopen` gets the decision that was chosen. */
export class Lookback {
  constructor(outbox, history, onopen, onclose) {
    Object.assign(this, { outbox, history, onopen, onclose });
    this.dialog = null;
  }

  /** Show the list, or take it away. */
  async toggle() {
    if (this.dialog) return this.dialog.close();
    const list = h("div", { class: "past-list" }, h("p", { class: "muted" }, t("field.loading")));
    const dialog = h("dialog", { class: "past", "aria-label": t("past.title") },
      h("h2", {}, t("past.title")), h("p", { class: "muted small" }, t("past.hint")), list);
    dialog.addEventListener("close", () => { this.dialog = null; dialog.remove(); if (!typing()) this.onclose(); });
    dialog.addEventListener("keydown", (event) => this.#key(event, list));
    this.dialog = dialog;
    document.body.append(dialog);
    dialog.showModal();
    this.#fill(list, this.#here()); // what this page knows is there at once
    await this.outbox.tryAll(1500);
    const past = await get("/api/decisions/recent").then((answer) => answer.decisions, () => null);
    if (this.dialog === dialog && past) this.#fill(list, past);
    return undefined;
  }

  /** Put rows into the list; the focus stays on its decision. */
  #fill(list, past) {
    const { field } = document.activeElement?.dataset ?? {};
    fill(list, past.length ? past.map((one) => this.#row(one)) : h("p", { class: "muted" }, t("past.none")));
    (field && list.querySelector(`[data-field="${field}"]`) || list.querySelector("button"))?.focus();
  }

  /** Without a connection: what was decided since the page was opened. */
  #here() {
    return this.history.toReversed().map(({ item, decision }) => ({
      ...item, caption: null, label: item.options?.find((one) => one.value === decision.value)?.label, action: decision.action, value: decision.value, time: null, lane: null, counts: true,
    }));
  }

  #row(one) {
    const crop = h("span", { class: "past-crop" });
    if (one.crop) load(one.crop).then((image) => crop.append(Object.assign(image.cloneNode(), { className: "", alt: "" })), () => {});
    const waits = ELSEWHERE.has(one.lane) ? t(`lane.${one.lane}`) : one.counts ? "" : t("past.changed_since");
    return h("button", { class: "past-row", dataset: { field: one.field }, onclick: () => { this.dialog.close(); this.onopen(one); } },
      crop,
      h("span", { class: "past-what" }, h("span", { class: "muted small" }, one.caption ? said(one.caption) : columnName(one.code)),
        h("b", {}, said(one.label) || one.value || one.note || t("empty_value"))),
      h("span", { class: "past-where small" }, h("span", {}, h("span", { class: "tag" }, t(`past.did.${one.action}`)), " ", one.time ? moment(one.time) : ""),
        h("span", { class: "muted" }, `${one.book} · ${t("page_line", { page: one.page_name, position: one.position })}`),
        waits ? h("span", { class: "tag warn" }, waits) : null));
  }

  #key(event, list) {
    event.stopPropagation();
    if (shortcutOf(event) === "past") { event.preventDefault(); this.dialog.close(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6, Home: -99, End: 99 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...list.querySelectorAll("button")];
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
  }
}
