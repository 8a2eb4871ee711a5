// A sketch tried on other pages: accepted or refused, how far off, what is read in each field.

import { get, post } from "../api.js";
import { fill, find, h, tell } from "../dom.js";
import { columnName, decimal, percent, said, t } from "../words.js";

const POLL_MS = 1500;

/** `settle()` resolves once the server has every change. */
export class TrialPanel {
  constructor(id, settle) {
    this.address = `/api/sketches/${id}/trial`;
    this.settle = settle;
    this.list = find("#trial");
    this.told = find("#trial-told");
    find("#try").addEventListener("click", () => this.begin());
    find("#trial-close").addEventListener("click", () => find("#trial-page").close());
    get(this.address).then((found) => this.#follow(found), () => {});
  }

  /** Try it on pages that the machine chooses. */
  async begin() {
    find("#try").disabled = true;
    tell(this.told, t("layouts.trial_begins"), "");
    try {
      await this.settle();
      await this.#follow(await post(this.address, {}, { timeout: 60000 }));
    } catch (error) {
      tell(this.told, error.told ?? String(error), "error");
    } finally {
      find("#try").disabled = false;
      if (document.activeElement === document.body) find("#try").focus();
    }
  }

  async #follow(first) {
    let found = first;
    for (;;) {
      this.#draw(found);
      if (found.finished) return;
      await new Promise((done) => setTimeout(done, POLL_MS));
      found = await get(this.address).catch(() => found);
    }
  }

  #draw(trial) {
    const done = trial.pages.filter((one) => one.done), good = done.filter((one) => one.accepted);
    this.list.dataset.finished = trial.finished ? "yes" : "";
    if (trial.stopped) tell(this.told, said(trial.stopped), "error");
    else tell(this.told, t("layouts.trial_state", { done: done.length, all: trial.pages.length, good: good.length }), trial.finished ? (good.length === trial.pages.length ? "ok" : "warn") : "");
    fill(this.list, trial.pages.map((page) => h("li", {}, h("button", { class: "trial-row", disabled: !page.done || Boolean(page.fault), dataset: { accepted: page.accepted ? "yes" : "" }, onclick: () => this.#open(page) },
      h("span", { class: `tag ${page.done ? (page.accepted ? "ok" : "bad") : ""}` }, page.done ? (page.accepted ? t("layouts.accepted") : t("layouts.refused")) : "…"),
      h("span", {}, page.name, page.done ? h("span", { class: "muted small" }, page.fault ? ` ${said(page.fault)}` : page.reason ? ` ${said(page.reason)}` : ` ${t("layouts.residual", { mm: decimal(page.residual_mm, 2) })}`) : null)))));
  }

  #open(page) {
    find("#trial-name").textContent = page.name;
    find("#trial-about").textContent = [said(page.reason), t("layouts.residual", { mm: decimal(page.residual_mm, 2) }), t("layouts.found_words", { percent: percent(page.words) })].filter(Boolean).join(" · ");
    find("#trial-picture").src = page.overlay;
    fill(find("#trial-readings"), page.readings.map((one) => h("tr", {}, h("td", {}, one.position), h("td", {}, columnName(one.code)), h("td", {}, one.value || "–"), h("td", { class: "number" }, `${percent(one.confidence)} %`))));
    find("#trial-table").hidden = !page.readings.length;
    find("#trial-page").showModal();
  }
}
