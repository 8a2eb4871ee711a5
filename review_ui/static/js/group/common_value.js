// The value at the top of a group: typed or picked once, for all tiles that are not left out.

import { post } from "../api.js";
import { Completion } from "../completion.js";
import { fill, find, h, settled } from "../dom.js";
import { COMPLETED } from "../editor.js";
import { composing } from "../keys.js";
import { said } from "../words.js";

const MOST_CHOICES = 6;

/** The input at the top. `onenter` is told of Enter, `onleave` of Escape and the arrow down, `onchange` of each letter. */
export class CommonValue {
  constructor({ onenter, onleave, onchange }) {
    Object.assign(this, { onenter, onleave, onchange });
    this.line = find("#common");
    this.input = find("#common-value");
    this.completion = new Completion(this.input, find("#common-suggestions"), (value) => this.write(value));
    this.check = settled(() => this.#check(), 120);
    this.input.addEventListener("input", (event) => this.#typed(event));
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.open([]);
  }

  /** For these items; there is no line where they are of several kinds. */
  open(items) {
    this.item = items[0] || null;
    this.picked = null;
    this.checked = null;
    this.input.value = "";
    const kinds = new Set(items.map((item) => item.kind));
    this.line.hidden = kinds.size !== 1;
    this.choices = this.line.hidden ? [] : choicesOfAll(items);
    const labels = this.choices.filter((one) => one.coded).map((one) => ({ value: one.label, label: one.label }));
    this.completion.open(COMPLETED.has(this.item?.kind) ? this.item.kind : "", this.item?.book ?? "", labels);
    fill(find("#common-choices"), this.choices.map((one) => h("button", {
      class: "reading", onmousedown: (event) => event.preventDefault(), onclick: () => this.pick(one.key),
    }, h("kbd", {}, one.key), one.label)));
    this.#tell();
  }

  /** Put the cursor here. */
  focus() {
    if (this.line.hidden) return false;
    this.input.focus();
    this.input.select();
    return true;
  }

  /** What stands there; "" when every tile keeps its own value. */
  get text() {
    return this.line.hidden ? "" : this.input.value.normalize("NFC").trim();
  }

  /** Choose by number. */
  pick(key) {
    const choice = this.choices.find((one) => one.key === key);
    if (!choice) return;
    this.write(choice.label);
    this.picked = choice;
    this.#tell();
  }

  /** Replace what stands there. */
  write(text) {
    this.input.value = text;
    this.completion.close();
    this.#typed({ isComposing: true });
    this.check();
  }

  /**
   * The value for all: what is sent of each field.
   *
   * @returns {Promise<{value: string, shown: string}|null>} null when it is no value of such a field
   */
  async value() {
    const { text } = this;
    const choice = this.#chosen();
    if (choice) return { value: choice.value, shown: choice.label };
    if (this.checked?.text !== text) await this.#check();
    if (this.checked?.text !== text) return { value: text, shown: text }; // offline: the server will say
    return this.checked.value ? { value: text, shown: this.checked.display || this.checked.value } : null;
  }

  #chosen() {
    const { text } = this;
    return this.choices.find((one) => one.label === text || (one.coded && one.label.toLowerCase() === text.toLowerCase()));
  }

  #typed(event) {
    this.picked = null;
    this.#tell();
    if (event.isComposing) return;
    if (this.text) this.completion.ask();
    else this.completion.close();
    this.check();
  }

  #tell() {
    const { text, checked } = this;
    const becomes = checked?.text === text && text ? checked.display || checked.value || "?" : "";
    find("#common-becomes").textContent = becomes && becomes !== text && !this.#chosen() ? `→ ${becomes}` : "";
    this.onchange?.();
  }

  async #check() {
    const { text, item } = this;
    if (!text || !item || this.#chosen()) return;
    const answer = await post("/api/check", { field: item.field, value: text }).catch(() => null);
    if (!answer || text !== this.text || item !== this.item) return;
    this.checked = { ...answer, text };
    this.#tell();
  }

  #key(event) {
    if (composing(event)) return;
    const { completion } = this;
    const number = event.altKey && !event.ctrlKey && /^Digit[1-9]$/.test(event.code) ? event.code.slice(5) : "";
    const offered = completion.chosen || completion.first;
    if (event.repeat && !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    if (number) this.pick(number);
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "Enter" && completion.chosen) this.write(completion.chosen.value);
    else if (event.key === "Enter") this.onenter();
    else if (event.key === "Tab" && !event.shiftKey && completion.shown) this.write(offered.value);
    else if (event.key === "ArrowDown" && completion.shown) completion.walk(1);
    else if (event.key === "ArrowUp" && completion.shown) completion.walk(-1);
    else if (event.key === "Escape" && completion.shown) completion.close();
    else if (event.key === "Escape" && this.text) this.write("");
    else if (event.key === "Escape" || event.key === "ArrowDown") this.onleave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** What can be picked for all: the codes of the column, else the most frequent offers; `{key, value, label, coded}`. */
export function choicesOfAll(items) {
  const options = items[0].kind === "id_document" ? [] : items[0].options || [];
  if (options.length) {
    return options.filter((one) => /^[0-9]$/.test(one.value))
      .map((one) => ({ key: one.value, value: one.value, label: said(one.label), coded: true }));
  }
  const counts = new Map();
  for (const { offers } of items) for (const one of offers || []) counts.set(one.value, (counts.get(one.value) || 0) + one.probability);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_CHOICES)
    .map(([value], i) => ({ key: String(i + 1), value, label: value, coded: false }));
}
