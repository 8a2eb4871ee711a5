// The cut of this page tried on the refused pages of its book, one after the other; it can be stopped and taken back.

import { ApiError, get, post } from "../api.js";
import { find } from "../dom.js";
import { t } from "../words.js";

const WAIT = { timeout: 180000 };
const OF_THE_PAGE = new Set([400, 404, 409]); // a scan that cannot be opened, a page that has changed: the others go on

/** The section of the page screen that offers it. */
export class Beside {
  constructor(page) {
    this.page = page;
    this.pages = [];
    this.read = []; // addresses of the pages that were read like this one
    this.isStopped = false;
    find("#beside-try").addEventListener("click", () => this.#try());
    find("#beside-stop").addEventListener("click", () => { this.isStopped = true; });
    find("#beside-back").addEventListener("click", () => this.#takeBack());
  }

  /** Offer it where a page that is shown was read between corners and others of its book are refused. */
  async offer(page, editable) {
    const isCut = editable && page.kind === "record" && (page.decisions || []).some((one) => one.kind === "reread");
    this.pages = isCut ? (await get(`/api/pages/${this.page}/refused-beside`).catch(() => ({ pages: [] }))).pages : [];
    find("#beside").hidden = !this.pages.length && !this.read.length;
    find("#beside-try").disabled = !this.pages.length;
    find("#beside-lead").textContent = t("page.beside_lead", { count: this.pages.length });
  }

  async #try() {
    const pages = this.pages;
    let left = 0;
    this.isStopped = false;
    this.#work(true);
    for (const [at, one] of pages.entries()) {
      if (this.isStopped) break;
      this.#say(t("page.beside_reading", { done: at, count: pages.length, name: one.name }));
      try {
        const answer = await post(`/api/pages/${one.page}/read-like`, { like: this.page }, WAIT);
        if (answer.kind === "record") this.read.push(`/api/pages/${one.page}`);
        else left += 1;
      } catch (error) {
        if (!(error instanceof ApiError) || !OF_THE_PAGE.has(error.status)) {
          this.#work(false);
          return this.#say(`${one.name}: ${error.told || error}`, "error");
        }
        left += 1;
      }
    }
    this.#work(false);
    find("#beside-try").disabled = !this.isStopped;
    this.#say(t("page.beside_done", { read: this.read.length, left }), this.read.length ? "ok" : "warn");
  }

  /** What the machine found counts again on the pages that were read; one that has decided fields says so and stays. */
  async #takeBack() {
    this.#work(true);
    const kept = [];
    for (const address of this.read) {
      await post(`${address}/restore`, {}, WAIT).catch((error) => kept.push([address, error.told || String(error)]));
    }
    this.read = kept.map(([address]) => address);
    this.#work(false);
    find("#beside-try").disabled = false;
    this.#say(kept.length ? t("page.beside_kept", { count: kept.length, cause: kept[0][1] }) : t("page.beside_taken_back"), kept.length ? "warn" : "ok");
  }

  #work(isUnderWay) {
    find("#beside-try").disabled = isUnderWay;
    find("#beside-stop").hidden = !isUnderWay;
    find("#beside-back").hidden = isUnderWay || !this.read.length;
  }

  #say(text, kind = "") {
    const told = find("#beside-told");
    told.hidden = !text;
    told.textContent = text;
    told.className = `notice ${kind}`;
  }
}
