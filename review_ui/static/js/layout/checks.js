// The live list of what a sketch lacks; each line leads to its place.

import { get } from "../api.js";
import { fill, find, h, settled } from "../dom.js";
import { columnName, said, t } from "../words.js";

const WAIT_MS = 500;

/** `lead(remark)` shows the place of a remark; the list is fetched after `look()` once nothing changes. */
export class Checklist {
  constructor(id, lead) {
    this.address = `/api/sketches/${id}/checklist`;
    this.lead = lead;
    this.list = find("#checklist");
    this.look = settled(() => this.#fetch(), WAIT_MS);
  }

  async #fetch() {
    const told = await get(this.address).catch(() => null);
    if (!told) return;
    const serious = told.remarks.filter((one) => one.serious).length;
    find("#check-count").textContent = serious ? t("layouts.faults", { count: serious }) : t("layouts.no_faults");
    find("#check-count").className = `tag ${serious ? "bad" : "ok"}`;
    this.list.dataset.revision = told.revision;
    const at = [...this.list.querySelectorAll("button")].indexOf(document.activeElement);
    fill(this.list, told.remarks.map((one) => h("li", {}, h("button", { class: `remark ${one.serious ? "serious" : ""}`, dataset: { rule: one.rule }, onclick: () => this.lead(one) },
      h("span", {}, one.serious ? "✗" : "!"), h("span", {}, said(one.message), one.rule === "column" ? h("span", { class: "muted small" }, `: ${one.codes.map(columnName).join(", ")}`) : null)))),
      told.remarks.length ? null : h("li", { class: "muted" }, t("layouts.nothing_lacks")));
    if (at >= 0) [...this.list.querySelectorAll("button")].slice(0, at + 1).at(-1)?.focus({ preventScroll: true }); // whoever walks the list by keys stays in it
  }
}
