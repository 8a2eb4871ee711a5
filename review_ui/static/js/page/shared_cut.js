// The cut of this page tried on the refused and ill-fitting pages of its book, one after the other; it can be stopped and taken back.

import { ApiError, get, post } from "../api.js";
import { find, tell } from "../dom.js";
import { t } from "../words.js";

const WAIT = { timeout: 180000 };
const NOTHING = { refused: [], ill_fitting: [], read: [] };
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

  /** Offer it where a page that is shown was read between corners and others of its book need it, or were read like it. */
  async offer(page, editable) {
    const isCut = editable && page.kind === "record" && (page.decisions || []).some((one) => one.kind === "reread");
    const { refused, ill_fitting: loose, read } = isCut ? await get(`/api/pages/${this.page}/shared-cut`).catch(() => NOTHING) : NOTHING;
    this.pages = [...refused, ...loose];
    this.read = [...read];
    find("#shared-cut").hidden = !this.pages.length && !this.read.length;
    find("#shared-cut-lead").textContent = t("page.shared_cut_lead", { refused: refused.length, loose: loose.length, read: read.length });
    this.#offerWhatIsLeft();
  }

  async #try() {
    const before = this.read.length;
    let left = 0, fault = "";
    this.pages = await this.#each(this.pages, async (one) => {
      try {
        const answer = await post(`/api/pages/${one.page}/read-like`, { like: this.page }, WAIT);
        if (answer.kept) this.read.push(one);
        else left += 1;
      } catch (error) {
        if (error instanceof ApiError && OF_THE_PAGE.has(error.status)) left += 1;
        else fault = `${one.name}: ${error.told || error}`;
      }
      return !fault;
    });
    const read = this.read.length - before;
    if (fault) this.#tell(fault, "error");
    else this.#tell(t("page.shared_cut_done", { read, left }), read ? "ok" : "warn");
  }

  /** What the machine found counts again on the pages that were read; one that has decided fields says so and stays. */
  async #takeBack() {
    const kept = [];
    let cause = "";
    const rest = await this.#each(this.read, async (one) => {
      try {
        await post(`/api/pages/${one.page}/restore`, {}, WAIT);
        this.pages.push(one);
      } catch (error) {
        kept.push(one);
        cause ||= error.told || String(error);
      }
      return true;
    });
    this.read = [...kept, ...rest];
    const count = this.read.length;
    this.#tell(count ? t("page.shared_cut_kept", { count, cause }) : t("page.shared_cut_taken_back"), count ? "warn" : "ok");
  }

  /** Do something with each page until it says no or a person stops it; gives the pages that are left. */
  async #each(pages, act) {
    const count = pages.length;
    let done = 0;
    this.isStopped = false;
    find("#shared-cut-try").disabled = true;
    find("#shared-cut-back").hidden = true;
    find("#shared-cut-stop").hidden = false;
    while (done < count && !this.isStopped) {
      tell(find("#shared-cut-told"), t("page.shared_cut_reading", { done, count, name: pages[done].name }));
      if (!(await act(pages[done]))) break;
      done += 1;
    }
    return pages.slice(done);
  }

  /** What came of it, and what can be done now. */
  #tell(text, kind) {
    tell(find("#shared-cut-told"), text, kind);
    find("#shared-cut-stop").hidden = true;
    this.#offerWhatIsLeft();
  }

  #offerWhatIsLeft() {
    find("#shared-cut-try").disabled = !this.pages.length;
    find("#shared-cut-back").hidden = !this.read.length;
  }
}
