// The search of the top bar: records by name, number, page or book, opened from a list under the box.

import { get, withQuery } from "./api.js";
import { fill, h, settled } from "./dom.js";
import { composing } from "./keys.js";
import { keyLabel, shortcutOf } from "./shortcuts.js";
import { t } from "./words.js";

const WAIT_MS = 350; // each search is noted in the audit trail: not one for every letter
const LEAST_LETTERS = 2;

/** A box and the list under it. Its key, or `/` outside of inputs, goes there; Escape goes back. */
export class Find {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("#find-text");
    this.list = form.querySelector("#finds");
    this.input.placeholder = `${t("find.short")} (${keyLabel("find")})`;
    this.asked = 0;
    this.shown = null; // the words that the list answers
    this.before = null;
    this.later = settled(() => this.search(), WAIT_MS);
    this.input.addEventListener("input", () => this.later());
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#enter(); });
    form.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keydown", (event) => this.#come(event), true);
    document.addEventListener("pointerdown", (event) => { if (!form.contains(event.target)) this.close(); });
  }

  /** Ask for what stands in the box; one sign alone only when Enter says so. */
  async search(least = LEAST_LETTERS) {
    this.later.cancel();
    const text = this.input.value.normalize("NFC").trim();
    if (text === this.shown) return;
    if (text.length < least) { this.close(); return; }
    const asked = (this.asked += 1);
    let found;
    try {
      found = await get(withQuery("/api/search", { q: text }));
    } catch (error) {
      if (asked === this.asked) this.#show(text, [h("p", { class: "bad" }, error.told || String(error))]);
      return;
    }
    if (asked === this.asked) this.#show(text, rows(found));
  }

  /** Take the list away. */
  close() {
    this.later.cancel();
    this.asked += 1;
    this.shown = null;
    this.list.hidden = true;
    fill(this.list);
  }

  #show(text, children) {
    this.shown = text;
    fill(this.list, children);
    this.list.hidden = false;
  }

  /** Enter: the first find, or the search itself when the list is not of these words. */
  async #enter() {
    await this.search(1);
    this.list.querySelector("a")?.focus();
  }

  #key(event) {
    event.stopPropagation(); // the keys of the desk are not meant
    if (composing(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.close();
      this.before?.focus?.();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const links = [this.input, ...this.list.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      links[Math.max(0, Math.min(links.length - 1, at))].focus();
    }
  }

  #come(event) {
    if (composing(event) || document.querySelector("dialog[open]")) return;
    const writes = event.target.closest?.("input, textarea, select");
    const slash = event.key === "/" && !event.altKey && !event.ctrlKey && !event.metaKey && !writes && !document.querySelector("#screen[data-state=item]");
    if (shortcutOf(event) !== "find" && !slash) return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.form.contains(document.activeElement)) this.before = document.activeElement;
    this.input.focus();
    this.input.select();
  }
}

function rows({ records, books, more }) {
  const found = [
    ...books.map((one) => h("a", { href: `/book/${encodeURIComponent(one.book)}` },
      h("b", {}, t("find.book")), h("span", {}, one.book), h("span", { class: "small" }, t(`find.state.${one.state}`)))),
    ...records.map((one) => h("a", { href: `/record/${one.record}`, dataset: { record: one.record } },
      h("b", {}, one.number || "–"), h("span", {}, one.names.map((name) => name.value).join(" · ")),
      h("span", { class: "small" }, one.waiting ? t("find.waiting", { count: one.waiting }) : t("find.done")),
      h("span", { class: "where" }, `${one.book} · ${t("page_line", { page: one.page_name, position: one.position })} · ${t(`find.state.${one.state}`)}`))),
  ];
  if (!found.length) return [h("p", { class: "muted", role: "status" }, t("find.none"))];
  return more ? [...found, h("p", { class: "muted" }, t("find.more"))] : found;
}

const form = document.querySelector("#find");
if (form) new Find(form);
