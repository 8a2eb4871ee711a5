// Completion under an input: a list to choose from. It never touches what is typed until somebody chooses.

import { get, withQuery } from "./api.js";
import { h, fill, settled } from "./dom.js";
import { t } from "./words.js";

const WAIT_MS = 60;
const SHOWN = 7;

/** Text without case and marks: `Nữ` and `nu` are the same. */
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

const begin = (labels, query) => labels.filter((one) => plain(one.label).startsWith(plain(query)));

/**
 * Proposals for an input, as an ARIA combobox: the focus stays in the input, the list is walked with its keys. Text is
 * not completed inside the input: an input method such as Unikey corrects letters by deleting and retyping them, and
 * selected text put in by the page would be deleted instead.
 */
export class Completion {
  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} list where the proposals are shown
   * @param {(value: string) => void} ontake a proposal was chosen
   */
  constructor(input, list, ontake) {
    this.input = input;
    this.list = list;
    this.ontake = ontake;
    this.values = [];
    this.at = -1;
    this.asked = 0;
    this.painted = false;
    this.ask = settled(() => this.#ask(), WAIT_MS);
    list.id ||= `suggestions-${(Completion.made = (Completion.made || 0) + 1)}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", t("completion.title"));
    input.setAttribute("autocomplete", "off");
    this.oneLine = input.tagName !== "TEXTAREA"; // one of several lines may not be called a combobox: it stays a text box with a list
    if (this.oneLine) input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-haspopup", "listbox");
    input.setAttribute("aria-controls", list.id);
    this.count = h("span", { class: "unseen", role: "status" });
    list.after(this.count);
    list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#draw();
  }

  /**
   * Propose for a field from now on.
   *
   * @param {string} kind what it holds; "" proposes nothing but labels
   * @param {string} book id of its book
   * @param {{value: string, label: string}[]} labels propose these alone
   * @param {number|null} field its id: proposals fit what is written there
   */
  open(kind, book, labels = [], field = null) {
    Object.assign(this, { kind, book, labels, field });
    this.close();
  }

  /** Whether there is a list to walk through. */
  get shown() {
    return this.values.length > 0;
  }

  /** The proposal walked to, or null. */
  get chosen() {
    return this.values[this.at] || null;
  }

  /** The first proposal, or null. */
  get first() {
    return this.values[0] || null;
  }

  /** The proposal that one key takes: the one walked to, else the first; null when there is no list. */
  get offered() {
    return this.chosen || this.first;
  }

  /** One step down (1) or up (-1); past the top is the text as typed. */
  walk(step) {
    this.at = Math.max(-1, Math.min(this.values.length - 1, this.at + step));
    this.#draw();
  }

  /** More was typed: what does not begin like it goes at once, so that no key takes what answers an older text. */
  narrow() {
    const typed = plain(this.#parts().before);
    const last = typed.split(",").at(-1).trim();
    const fits = (text) => text.startsWith(typed) || (last !== typed && text.includes(last)) || text.includes(` ${last}`);
    const left = this.values.filter((one) => fits(plain(one.label || one.value)));
    if (left.length === this.values.length && this.at < 0) return;
    this.values = left;
    this.at = -1;
    this.#draw();
  }

  /** Take the list away; what is typed stays. */
  close() {
    this.ask.cancel();
    this.asked += 1;
    const open = this.shown;
    this.values = [];
    this.at = -1;
    if (open) this.#draw();
  }

  async #ask() {
    const { before: query, after } = this.#parts();
    if (!query || (!this.kind && !this.labels.length)) return this.close();
    const asked = (this.asked += 1);
    const answer = this.labels.length ? begin(this.labels, query) : await get(withQuery("/api/suggest", { kind: this.kind, q: query, book: this.book, field: this.field, after })).catch(() => []);
    if (asked !== this.asked) return undefined;
    const found = (Array.isArray(answer) ? answer : answer?.suggestions || []).slice(0, SHOWN);
    this.values = found.filter((one) => one.value !== this.input.value.trim());
    this.at = -1;
    return this.#draw();
  }

  /** What was typed up to the cursor, and what stands behind it; the rest of the cursor's own word is replaced. */
  #parts() {
    const { value, selectionStart, selectionEnd } = this.input;
    const inside = selectionStart === selectionEnd && selectionStart > 0 && selectionStart < value.length;
    if (!inside) return { before: value.trim(), after: "" };
    return { before: value.slice(0, selectionStart).trim(), after: value.slice(selectionEnd).replace(/^[^\s,]+/, "").replace(/^[\s,]+/, "").trim() };
  }

  #draw() {
    const { input, list, values } = this;
    list.hidden = !values.length;
    fill(list, values.map((one, i) => h("div", {
      id: `${list.id}-${i}`, class: i === this.at ? "option at" : "option", role: "option", "aria-selected": String(i === this.at),
      onclick: () => this.ontake(one.value),
    }, one.label || one.value, i === 0 && this.at < 0 ? h("kbd", {}, "Tab") : null)));
    if (this.oneLine) input.setAttribute("aria-expanded", String(values.length > 0));
    if (this.at >= 0) input.setAttribute("aria-activedescendant", `${list.id}-${this.at}`);
    else input.removeAttribute("aria-activedescendant");
    const told = values.length ? t("completion.count", { count: values.length }) : "";
    if (this.count.textContent !== told) this.count.textContent = told;
    this.#paint();
  }

  /** `painted` when the list has been on the screen as it is now: before, nobody can have read it. */
  #paint() {
    this.painted = false;
    const drawn = (this.drawn = {});
    globalThis.requestAnimationFrame?.(() => requestAnimationFrame(() => { if (drawn === this.drawn) this.painted = true; }));
  }
}
