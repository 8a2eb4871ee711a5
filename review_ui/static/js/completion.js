// Completion under an input: a list to choose from. It never touches what is typed until somebody chooses.

import { get, withQuery } from "./api.js";
import { h, fill, settled } from "./dom.js";

const WAIT_MS = 60;

/** Text without case and marks: `Nữ` and `nu` are the same. */
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

const begin = (labels, query) => labels.filter((one) => plain(one.label).startsWith(plain(query)));

/**
 * Proposals for an input. Text is not completed inside the input: an input method such as Unikey corrects letters
 * by deleting and retyping them, and selected text put in by the page would be deleted instead.
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
    this.ask = settled(() => this.#ask(), WAIT_MS);
    list.setAttribute("role", "listbox");
    input.setAttribute("autocomplete", "off");
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  /** Propose for a field of this kind from now on, or from `labels` alone; "" and no labels propose nothing. */
  open(kind, book, labels = []) {
    this.kind = kind;
    this.book = book;
    this.labels = labels;
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

  /** One step down (1) or up (-1); past the top is the text as typed. */
  walk(step) {
    this.at = Math.max(-1, Math.min(this.values.length - 1, this.at + step));
    this.#draw();
  }

  /** Take the list away; what is typed stays. */
  close() {
    this.ask.cancel();
    this.asked += 1;
    this.values = [];
    this.at = -1;
    this.#draw();
  }

  async #ask() {
    const query = this.input.value.trim();
    if (!query || (!this.kind && !this.labels.length)) return this.close();
    const asked = (this.asked += 1);
    const answer = this.labels.length ? begin(this.labels, query) : await get(withQuery("/api/suggest", { kind: this.kind, q: query, book: this.book })).catch(() => []);
    if (asked !== this.asked) return undefined;
    const found = (answer.suggestions || answer).slice(0, 7);
    this.values = found.filter((one) => one.value !== query);
    this.at = -1;
    return this.#draw();
  }

  #draw() {
    this.list.hidden = !this.values.length;
    fill(this.list, this.values.map((one, i) => h("div", {
      class: i === this.at ? "option at" : "option", role: "option", "aria-selected": String(i === this.at),
      onclick: () => this.ontake(one.value),
    }, one.label || one.value, i === 0 && this.at < 0 ? h("kbd", {}, "Tab") : null)));
  }
}
