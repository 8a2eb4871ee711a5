// Who changed what: the machine's reading of a field, then what people did, newest last.

import { get } from "../api.js";
import { fill, h, settled } from "../dom.js";
import { moment, percent, t } from "../words.js";

const AGAIN_MS = 700;

/** The histories of a record's fields, and the list that shows one of them. */
export class History {
  constructor(list, record) {
    this.list = list;
    this.record = record;
    this.fields = {};
    this.code = "";
    this.again = settled(() => this.load(), AGAIN_MS);
  }

  /** Ask the server; what is shown is drawn anew. */
  async load() {
    const answer = await get(`/api/records/${this.record}/history`).catch(() => null);
    if (!answer) return;
    this.fields = answer.fields;
    this.show(this.code);
  }

  /** Show the history of a field. */
  show(code) {
    this.code = code;
    const own = this.fields[code];
    if (!own) return fill(this.list);
    const machine = own.read === null ? null : h("li", {}, h("b", {}, t("record.machine")), " ", h("span", { class: "history-value" }, own.read || t("empty_value")),
      own.confidence > 0 ? h("span", { class: "muted small" }, ` ${percent(own.confidence)} %`) : null);
    return fill(this.list, machine, own.steps.map((step) => this.#step(step)));
  }

  #step(step) {
    if (step.hidden) return h("li", { class: "muted" }, `${moment(step.time)} · ${t("past.did.key")}`);
    return h("li", { class: step.withdrawn ? "withdrawn" : step.counts ? "counts" : "" },
      h("b", {}, step.user), ` ${t(`past.did.${step.action}`)} `,
      step.action === "ask" ? h("q", {}, step.note) : h("span", { class: "history-value" }, step.value || t("empty_value")),
      step.action !== "ask" && step.note ? h("span", { class: "small" }, ` – ${step.note}`) : null,
      h("span", { class: "muted small" }, ` ${moment(step.time)}`, step.withdrawn ? ` · ${t("record.withdrawn")}` : ""));
  }
}
