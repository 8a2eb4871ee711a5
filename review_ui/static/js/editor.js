// The input of one field: the machine's value preselected, live preview and checks, completion, readings to pick.

import { post } from "./api.js";
import { Completion } from "./completion.js";
import { typedDate, typedNumber } from "./dates.js";
import { settled } from "./dom.js";
import { draftOf, dropDraft, keepDraft } from "./drafts.js";
import { composing } from "./keys.js";
import { keyLabel } from "./shortcuts.js";
import { WordHistory } from "./word_history.js";
import { said, t } from "./words.js";

/** Kinds whose values can be completed. */
export const COMPLETED = new Set([
  "person_name", "ethnic_group", "nationality", "relation", "place", "agency", "position", "free_text", "date", "date_words",
]);
/** Kinds whose values begin with digits: a bare digit is text there, never a reading's number. */
export const DIGITS = new Set(["date", "time", "number", "number_year", "id_number", "id_document"]);

/** Kinds with long values: the word in doubt is selected there, not the whole. */
const LONG = new Set(["place", "agency", "free_text", "date_words"]);

/**
 * Works on an input and a list given by the page.
 *
 * Events: `checked` (detail: the server's answer about what stands there), `change` (something was typed), `doubt`
 * (detail: [start, end] of the word in doubt that is selected, in the value that was shown; null for none).
 */
export class Editor extends EventTarget {
  constructor(input, list) {
    super();
    this.input = input;
    this.item = null;
    this.warned = "";
    this.asked = 0;
    this.completion = new Completion(input, list, (value) => this.write(value));
    this.words = new WordHistory();
    this.check = settled(() => this.#check(), 120);
    input.addEventListener("input", (event) => this.#typed(event));
    input.addEventListener("compositionend", () => this.#typed({}));
    input.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Show a field's value, selected, or the draft of last time, and put the cursor there. */
  open(item) {
    this.show(item);
    this.focus();
  }

  /** Show it; the cursor stays wherever the person has it. */
  show(item) {
    this.item = item;
    this.options = item.options || [];
    // A writing that was not understood stands there to be put right; it cannot be confirmed as it is.
    this.unclear = !item.value && Boolean(item.as_written) && !item.blind && (item.preselected ?? null) === null;
    // Nothing is under Enter where the machine is hardly ever right; what it has read can be put right, or picked.
    this.unsure = !item.blind && !this.unclear && item.preselected === null;
    this.original = item.blind ? "" : this.#shown((item.preselected ?? item.value) || item.as_written || "");
    this.picked = null;
    this.checked = null;
    this.warned = "";
    this.asked += 1;
    this.check.cancel();
    const draft = draftOf(item.field);
    this.restored = draft !== null && draft !== this.original;
    this.touched = this.restored;
    this.input.value = this.restored ? draft : this.original;
    this.words.open(this.input.value, this.original);
    const labels = item.kind === "id_document" ? [] : this.options.map((one) => ({ value: one.value, label: said(one.label) }));
    this.completion.open(COMPLETED.has(item.kind) ? item.kind : "", item.book, labels, item.field);
    this.#size();
    if (this.restored) this.check();
  }

  /** Another value is under Enter of the item that is shown; the cursor stays wherever the person has it. */
  renew() {
    this.show(this.item);
    if (document.activeElement === this.input) this.focus();
  }

  /**
   * Put the cursor into the input. While nothing has been typed, everything is selected, or the first word in doubt of
   * a long value: typing replaces it.
   */
  focus() {
    if (document.activeElement !== this.input) this.input.focus({ preventScroll: true });
    const [first] = LONG.has(this.item?.kind) ? this.doubtful : [];
    if (this.untouched) this.input.setSelectionRange(...(first || [0, this.input.value.length]), "backward");
    if (this.untouched) this.#tellDoubt(first || null);
    this.#size();
  }

  /** Select the next word in doubt behind the cursor, from the beginning when all is selected; false when there is none. */
  nextDoubt() {
    const { value, selectionStart, selectionEnd } = this.input;
    const from = selectionStart === 0 && selectionEnd === value.length ? 0 : selectionEnd;
    for (const [begin, end] of this.doubtful) {
      const rest = this.original.slice(begin); // as it stands while only words before it were replaced
      const start = value.length - rest.length;
      if (start < from || !value.endsWith(rest)) continue;
      this.input.setSelectionRange(start, start + end - begin, "backward");
      this.#tellDoubt([begin, end]);
      return true;
    }
    return false;
  }

  /** Where the words in doubt stand in the text that was shown: none when another text was. */
  get doubtful() {
    return this.item && this.original === this.item.value ? this.item.doubtful || [] : [];
  }

  #tellDoubt(detail) {
    this.dispatchEvent(new CustomEvent("doubt", { detail }));
  }

  /**
   * Nothing has been typed: keys can still mean readings. Who has typed once has touched the field, even if the text
   * is the machine's again: digits and Enter then belong to what is typed.
   */
  get untouched() {
    return !this.touched && this.input.value === this.original;
  }

  /** What stands there is another text than the one shown at first. */
  get changed() {
    return this.input.value !== this.original;
  }

  /** The text is on its way: it is the one shown from now on. */
  sent() {
    this.original = this.input.value;
    this.touched = false;
    this.words.open(this.original);
  }

  /** Text as it stands, NFC and trimmed. */
  get text() {
    return this.input.value.normalize("NFC").trim();
  }

  /** The value that Enter accepts as long as nothing is typed. */
  get preselected() {
    return this.item.preselected ?? this.item.value;
  }

  /** A bare digit picks a reading or code here. */
  get digitsPick() {
    return this.untouched && (!DIGITS.has(this.item.kind) || this.item.keyed?.length > 0);
  }

  /** The value in the form of the Excel cell as far as known here: "" while it is not understood. */
  get value() {
    return this.#served() ?? this.#preview();
  }

  /** The value of what stands there as the server gave it; null when it has not said anything of it. */
  #served() {
    const text = this.text;
    if (!text) return "";
    if (this.picked && this.picked.shown === text) return this.picked.value;
    if (text === this.original && !this.unclear) return this.preselected;
    if (this.#number) return this.#number;
    const option = this.options.find((one) => said(one.label).toLowerCase() === text.toLowerCase() || one.value === text);
    if (option) return option.value;
    return this.checked?.text === text ? this.checked.value : null;
  }

  /** What the server will probably make of it. */
  #preview() {
    return (this.item.kind === "date" ? typedDate(this.text, this.item.years) : null) ?? this.text;
  }

  /** Replace the text as if it had been typed: `undoWord` brings the old one back. */
  write(value, asWritten = "") {
    const shown = this.#shown(value);
    this.words.cut();
    this.input.focus({ preventScroll: true });
    this.input.select();
    const done = shown ? document.execCommand("insertText", false, shown) : document.execCommand("delete");
    if (!done || this.input.value !== shown) {
      this.input.value = shown;
      this.#typed({});
    }
    this.words.cut();
    this.picked = { shown: shown.normalize("NFC").trim(), value, asWritten };
    this.completion.close();
  }

  /** Take the proposal that was walked to, else the first; false when there is none. */
  take() {
    const { offered } = this.completion;
    if (offered) this.write(offered.value);
    return Boolean(offered);
  }

  /**
   * Take back the word that was typed, replaced or deleted last, or bring it again (`step` 1).
   *
   * @returns {boolean} false when there is none: nothing was typed here, or all of it is taken back
   */
  undoWord(step = -1) {
    const text = step < 0 ? this.words.back() : this.words.again();
    if (text === null) return false;
    this.input.value = text;
    this.#typed({});
    this.completion.close();
    if (!this.words.any && text === this.original) {
      this.touched = false; // all of it is taken back: the field is as it was shown
      dropDraft(this.item.field);
      this.focus();
      this.dispatchEvent(new CustomEvent("change"));
    }
    return true;
  }

  /** Close the list; the second time bring the machine's value back. What was typed comes back by `undoWord`. */
  restore() {
    this.completion.close();
    if (!this.untouched && !this.escaped) {
      this.escaped = true;
      return undefined;
    }
    if (this.changed) this.write(this.item.blind ? "" : this.preselected || this.original);
    this.picked = null;
    this.touched = false;
    return this.focus();
  }

  /**
   * What Enter means now.
   *
   * @returns {{action: string, value: string, as_written: string}|{warn: "blank"|"unsure"|"not_understood"|"number_year"}}
   */
  decision() {
    if (this.completion.chosen) this.write(this.completion.chosen.value);
    const text = this.text;
    if (this.untouched && this.unsure) return { warn: "unsure" };
    if (this.untouched && !this.unclear && !this.item.blind && !this.item.keyed?.length) {
      const value = this.preselected;
      return { action: value === this.item.value ? "confirm" : "correct", value, as_written: "" };
    }
    if (!text) return this.#once("blank", { action: "blank", value: "", as_written: "" });
    const number = this.#number;
    if (number && !this.item.number_year.sure && this.warned !== "number_year") return this.#once("number_year", null);
    if (number) return { action: this.#isMachines(number) ? "confirm" : "correct", value: number, as_written: "" };
    const served = this.#served();
    const value = served ?? this.#preview();
    const asWritten = this.picked?.shown === text ? this.picked.asWritten : "";
    if (!value) return this.#once("not_understood", { action: "correct", value: text, as_written: "" });
    // A preview is never sent: the server makes its own value of what was typed.
    if (served === null) return { action: "correct", value: text, as_written: "" };
    if (this.#isMachines(value)) return { action: "confirm", value, as_written: "" };
    return { action: "correct", value, as_written: asWritten };
  }

  /** Why a decision is not sent yet, in words; `decision` is one with `warn`. */
  warning({ warn }) {
    const words = { blank: "field.blank_again", unsure: "field.pick_or_type", number_year: "field.number_year" };
    return t(words[warn] || "field.not_understood", { text: this.text, value: this.value, key: keyLabel("blank") });
  }

  #isMachines(value) {
    return value === this.item.value && !this.item.blind && !this.item.keyed?.length;
  }

  /** Long values in smaller letters, so that they are seen whole. */
  #size() {
    const { length } = this.input.value;
    const long = length > 75 ? "very" : length > 50 ? "yes" : "";
    if (this.input.dataset.long !== long) this.input.dataset.long = long;
  }

  /**
   * Blank or unreadable instead of what has been typed: only when it is asked for twice.
   *
   * @returns {{warn: "typed"}|null}
   */
  withoutText(action) {
    if (this.untouched || !this.text) return null;
    return this.#once(action, null, "typed");
  }

  /** A number typed without its year, as it will be kept; null for any other text, and for a reading that was picked. */
  get #number() {
    if (this.picked?.shown === this.text || (this.untouched && !this.item.blind)) return null;
    return typedNumber(this.text, this.item.number_year);
  }

  #once(warning, decision, told = warning) {
    if (this.warned === warning) return decision;
    this.warned = warning;
    return { warn: told };
  }

  #shown(value) {
    const option = this.options?.find((one) => one.value === value);
    return option ? said(option.label) : value;
  }

  #typed(event) {
    if (!this.item) return;
    this.warned = "";
    this.escaped = false;
    this.touched = true;
    this.words.note(this.input.value);
    this.#size();
    if (this.picked && this.picked.shown !== this.text) this.picked = null;
    keepDraft(this.item.field, this.input.value);
    this.dispatchEvent(new CustomEvent("change"));
    this.completion.narrow();
    if (event.isComposing) return;
    if (this.untouched) this.completion.close();
    else if (this.picked === null) this.completion.ask();
    this.check();
  }

  /** The arrow to the right takes the proposal where it could not move: at the end of the text. */
  #key(event) {
    if (composing(event) || event.key !== "ArrowRight" || event.altKey || event.ctrlKey || event.shiftKey || event.metaKey) return;
    const end = this.input.value.length;
    if (!this.item || this.input.selectionStart !== end || this.input.selectionEnd !== end) return;
    if (this.take()) event.preventDefault();
  }

  async #check() {
    const { item, text } = this;
    const asked = (this.asked += 1);
    if (!item || item.blind) return;
    const typed = this.options.find((one) => said(one.label) === text)?.value ?? text;
    const answer = await post("/api/check", { field: item.field, value: typed }).catch(() => null);
    if (!answer || asked !== this.asked || item !== this.item) return;
    this.checked = { ...answer, text };
    this.dispatchEvent(new CustomEvent("checked", { detail: this.checked }));
  }
}
