// The cut of this page tried on the refused pages of its book, one after the other; it can be stopped and taken back.

import { ApiError, get, post } from "../api.js";
import { find } from "../dom.js";
import { t } from "../words.js";

const WAIT = { timeout: 180000 };
const OF_THE_PAGE = new Set([400, 404, 409]); // a scan that cannot be opened, a page that has changed: the others go on

/** The section of the page screen that offers it. */
export class SharedCut {
  constructor(page) {
    this.page = page;
    this.pages = [];
    this.read = []; // pages that were read like this one
    this.isStopped = false;
    find("#shared-cut-try").addEventListener("click", () => this.#try());
    find("#shared-cut-stop").addEventListener("click", () => { this.isStopped = true; });
    find("#shared-cut-back").addEventListener("click", () => this.#takeBack());
  }

  /** Offer it where a page that is shown was read between corners and others of its book are refused. */
  async offer(page, editable) {
    const isCut = editable && page.kind === "record" && (page.decisions || []).some((one) => one.kind === "reread");
    this.pages = isCut ? (await get(`/api/pages/${this.page}/shared-cut`).catch(() => ({ pages: [] }))).pages : [];
    find("#shared-cut").hidden = !this.pages.length && !this.read.length;
    find("#shared-cut-try").disabled = !this.pages.length;
    find("#shared-cut-lead").textContent = t("page.shared_cut_lead", { count: this.pages.length });
  }

  async #try() {
    const pages = this.pages, count = pages.length, before = this.read.length;
    let left = 0;
    this.isStopped = false;
    this.#work(true);
    for (const [done, one] of pages.entries()) {
      if (this.isStopped) break;
      this.pages = pages.slice(done + 1);
      this.#say(t("page.shared_cut_reading", { done, count, name: one.name }));
      try {
        const answer = await post(`/api/pages/${one.page}/read-like`, { like: this.page }, WAIT);
        if (answer.kind === "record") this.read.push(one);
        else left += 1;
      } catch (error) {
        if (!(error instanceof ApiError) || !OF_THE_PAGE.has(error.status)) {
          this.pages = pages.slice(done);
          this.#work(false);
          return this.#say(`${one.name}: ${error.told || error}`, "error");
        }
        left += 1;
      }
    }
    this.#work(false);
    const read = this.read.length - before;
    this.#say(t("page.shared_cut_done", { read, left }), read ? "ok" : "warn");
  }

  /** What the machine found counts again on the pages that were read; one that has decided fields says so and stays. */
  async #takeBack() {
    const pages = this.read, kept = [];
    let cause = "";
    this.isStopped = false;
    this.#work(true);
    for (const [done, one] of pages.entries()) {
      if (this.isStopped) { kept.push(...pages.slice(done)); break; }
      this.#say(t("page.shared_cut_reading", { done, count: pages.length, name: one.name }));
      try {
        await post(`/api/pages/${one.page}/restore`, {}, WAIT);
        this.pages.push(one);
      } catch (error) {
        kept.push(one);
        cause ||= error.told || String(error);
      }
    }
    this.read = kept;
    this.#work(false);
    this.#say(kept.length ? t("page.shared_cut_kept", { count: kept.length, cause }) : t("page.shared_cut_taken_back"), kept.length ? "warn" : "ok");
  }

  #work(isUnderWay) {
    find("#shared-cut-try").disabled = isUnderWay || !this.pages.length;
    find("#shared-cut-stop").hidden = !isUnderWay;
    find("#shared-cut-back").hidden = isUnderWay || !this.read.length;
  }

  #say(text, kind = "") {
    const told = find("#shared-cut-told");
    told.hidden = !text;
    told.textContent = text;
    told.className = `notice ${kind}`;
  }
}
