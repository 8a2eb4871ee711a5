// One field of a record as a row: name, value to edit, state, doubts.

import { fill, h } from "../dom.js";
import { draftOf, dropDraft } from "../drafts.js";
import { Editor } from "../editor.js";
import { actionOf, composing, heldDown } from "../keys.js";
import { shortcutOf } from "../shortcuts.js";
import { columnName, said, t } from "../words.js";

const SHADE = { in_review: "warn", corrected: "accent", confirmed: "ok", accepted: "", blank: "", unreadable: "bad", read: "warn" };
const ENTERED = { confirm: "confirmed", correct: "corrected", blank: "blank", unreadable: "unreadable" };

/** The style sheet makes an input as tall as its text; measuring each row would lay out the page once for every row. */
const GROWS = CSS.supports("field-sizing", "content");

/** A row; the editor behind it is made when the row gets the focus for the first time. */
export class Row {
  /** `seen` tells whether the scan stands on the screen: nothing is decided before. */
  constructor(field, { outbox, editable, about, onfocus, onmove, onchange, seen }) {
    Object.assign(this, { field, outbox, about, onfocus, onmove, onchange, seen });
    // What is decided stands under Enter as it is; proposals are for what waits.
    if (!this.open) field.preselected = field.value;
    this.input = h("textarea", { class: "row-value", rows: 1, lang: "vi", autocomplete: "off", spellcheck: false, readOnly: !editable, "aria-label": columnName(field.code) });
    this.list = h("div", { class: "suggestions", hidden: true });
    this.tag = h("span", { class: "tag" });
    this.note = h("span", { class: "row-note small" });
    this.doubts = h("ul", { class: "row-doubts" });
    this.element = h("div", { class: "field-row", dataset: { code: field.code, field: field.field } },
      h("label", { class: "row-name" }, columnName(field.code)),
      h("div", { class: "row-entry" }, this.input, this.list), h("span", { class: "row-state" }, this.tag, this.note), this.doubts);
    this.editor = null;
    this.input.value = draftOf(field.field) ?? this.#shown();
    this.input.addEventListener("focus", () => this.#open());
    this.input.addEventListener("blur", () => this.#left());
    this.input.addEventListener("input", () => {
      if (/[\r\n]/.test(this.input.value)) this.input.value = this.input.value.replace(/\s*[\r\n]+\s*/g, " "); // a value has one line
      this.#tall();
    });
    if (!GROWS) new ResizeObserver(() => this.#tall()).observe(this.element);
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.#draw();
  }

  /** Put the cursor here. */
  focus() {
    this.input.focus();
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** The field waits for a person. */
  get open() {
    return this.field.state === "in_review" && !this.sampled;
  }

  /** A sample that this person may key: its value is not shown, and it is no doubt of this record. */
  get sampled() {
    return Boolean(this.field.blind) && this.field.waits === "sample";
  }

  /** Write a reading or offer into the input; saved at once where nothing was typed, as on the desk. */
  pick(choice) {
    if (!this.editor) return;
    const saves = this.editor.untouched && this.seen();
    this.editor.write(choice.value, choice.as_written);
    if (saves && this.#save(choice.value ? "" : "blank")) this.onmove(1);
  }

  /** A decision about another field has changed this one. */
  changed({ value, state }) {
    if (this.sampled || this.editor?.changed) return; // what is typed here is not replaced
    Object.assign(this.field, { value, state });
    if (!this.open) this.field.preselected = value;
    if (this.editor) this.#showAgain(); // Enter takes what stands there, never a value that does not
    else this.input.value = this.#shown();
    this.#draw(this.note.textContent);
  }

  /** The server has a decision about this field; its value replaces what was typed. */
  saved(decision, { entry, value }) {
    if (decision.action === "ask") { // the field waits for a senior; it says what it said before
      this.#showAgain();
      this.#draw(t("record.asked"));
      return;
    }
    Object.assign(this.field, { base: entry ?? this.field.base, value, preselected: value, state: ENTERED[decision.action] || this.field.state, blind: false });
    if (this.editor) this.#showAgain();
    else this.input.value = this.#shown();
    this.#draw(t("record.saved"));
  }

  /** The decision was not kept; what was typed stays in the input. */
  failed(message) {
    this.#draw(message, true);
  }

  /** The rules were applied again after an edit of another field. */
  recheck({ state, doubts }) {
    if (state === this.field.state && JSON.stringify(doubts) === JSON.stringify(this.field.doubts)) return;
    Object.assign(this.field, { state, doubts });
    this.#draw(this.note.textContent);
  }

  #open() {
    if (this.element.classList.contains("at")) return; // back from another window: the selection is the person's
    document.querySelector(".field-row.last")?.classList.remove("last");
    this.element.classList.add("at", "last");
    this.onfocus(this.field);
    if (this.input.readOnly) return;
    if (!this.editor) {
      this.editor = new Editor(this.input, this.list);
      this.editor.addEventListener("checked", ({ detail }) => {
        if (this.editor.untouched) return;
        this.#doubts(detail.doubts || []);
        this.about.doubts(detail.doubts || []);
        this.note.textContent = detail.value && detail.value !== detail.text ? `→ ${detail.display || detail.value}` : "";
      });
      this.shown = performance.now();
      this.keys = 0;
      this.editor.open(this.field);
    } else {
      this.shown = performance.now();
      this.editor.focus();
    }
  }

  /** The field as the server has it. What was typed since, the cursor and its selection are the person's: they stay. */
  #showAgain() {
    if (!this.editor || this.editor.changed) return;
    const before = this.input.value;
    dropDraft(this.field.field);
    this.editor.show(this.field);
    if (document.activeElement === this.input && this.input.value !== before) this.editor.focus();
  }

  /** Autosave: leaving a row keeps what was typed. */
  #left() {
    if (document.activeElement === this.input) return; // another window came to the front: the row was not left
    this.element.classList.remove("at");
    this.editor?.completion.close();
    if (this.editor?.changed && this.editor.text) this.#save();
  }

  #save(action = "") {
    const { editor, field } = this;
    if (!editor) return true;
    if (!this.seen()) {
      this.#draw(t("field.not_seen"), true); // what was typed stays as a draft
      return false;
    }
    const unasked = action && editor.withoutText(action);
    if (unasked) {
      this.#draw(t("field.typed_again", { text: editor.text, action: t(`action.${action}`) }), true);
      return false;
    }
    const decision = action ? { action, value: "", as_written: "" } : editor.decision();
    if (decision.warn) {
      this.#draw(decision.warn === "blank" ? t("record.is_blank") : editor.warning(decision), true);
      return false;
    }
    if (decision.action === "confirm" && !["in_review", "read"].includes(field.state)) return true; // nothing new
    this.outbox.add({
      field: field.field, note: "", ...decision, base: field.base ?? null, lane: field.lane,
      seconds: Math.round(Math.min(3600e3, performance.now() - this.shown)) / 1000, keys: this.keys,
    }, columnName(field.code));
    editor.sent(); // leaving the row does not send it twice
    dropDraft(field.field);
    this.#draw("…");
    return true;
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    this.keys += 1;
    if (event.key === "Enter" && event.shiftKey) return event.preventDefault(); // a value has one line
    const number = this.editor && (event.altKey || this.editor.digitsPick) && !event.ctrlKey ? event.code.match(/^(?:Digit|Numpad)([1-9])$/)?.[1] : "";
    const choice = number ? this.about.choice(number) : null;
    if (choice) {
      event.preventDefault();
      if (!event.repeat) this.pick(choice);
      return undefined;
    }
    const plain = !event.altKey && !event.ctrlKey && !event.shiftKey;
    if (plain && (event.key === "ArrowDown" || event.key === "ArrowUp") && !this.editor?.completion.shown) {
      event.preventDefault();
      this.onmove(event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    const action = this.editor ? actionOf(event, false) : "";
    if (!plain && !["back", "again", "take"].includes(action) && !shortcutOf(event)) return;
    if (heldDown(event, action)) return action ? event.preventDefault() : undefined;
    const { completion } = this.editor;
    if (action === "confirm") { if (this.#save()) this.onmove(1); }
    else if (action === "blank" || action === "unreadable") { if (this.#save(action)) this.onmove(1); }
    else if (action === "ask") this.#ask();
    else if (action === "restore") this.editor.restore();
    else if (action === "down" || action === "up") completion.walk(action === "down" ? 1 : -1);
    else if (action === "take") { if (completion.painted && this.editor.take() && this.#save()) this.onmove(1); }
    else if (action === "back") this.editor.undoWord();
    else if (action === "again") this.editor.undoWord(1);
    else if (action !== "complete" || !this.editor.take()) return;
    event.preventDefault();
  }

  /** A question to a senior instead of a value; Enter sends it, Escape does not. */
  #ask() {
    if (!this.seen() || this.element.querySelector(".ask-note")) return;
    const input = h("input", { class: "ask-note-input", lang: "vi", autocomplete: "off", spellcheck: false, maxLength: 500 });
    const note = h("div", { class: "ask-note" }, h("label", {}, t("field.ask_note"), input));
    input.addEventListener("keydown", (event) => {
      if (composing(event) || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      note.remove();
      this.input.focus();
      if (event.key === "Escape") return;
      const { field, editor } = this;
      this.outbox.add({
        field: field.field, action: "ask", value: editor.value, as_written: "", note: input.value.normalize("NFC").trim(), base: field.base ?? null,
        lane: field.lane, seconds: Math.round(Math.min(3600e3, performance.now() - this.shown)) / 1000, keys: this.keys,
      }, columnName(field.code));
      this.#draw("…");
      this.onmove(1);
    });
    this.element.querySelector(".row-entry").append(note);
    input.focus();
  }

  /** As tall as what stands there: nothing is cut off. */
  #tall() {
    if (GROWS) return;
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  #shown() {
    const option = this.field.options?.find((one) => one.value === this.field.value);
    return option ? said(option.label) : this.field.value;
  }

  #draw(note = "", bad = false) {
    const { state } = this.field;
    this.#tall();
    this.tag.textContent = this.sampled ? t("record.blind_sample") : t(`state.${state}`);
    this.tag.className = `tag ${this.sampled ? "" : SHADE[state] ?? ""}`;
    this.element.classList.toggle("open", this.open);
    this.note.textContent = note;
    this.note.classList.toggle("bad", bad);
    this.#doubts(this.open || bad ? this.field.doubts || [] : []);
    this.onchange?.();
  }

  #doubts(doubts) {
    fill(this.doubts, doubts.map((doubt) => h("li", { class: doubt.severity }, said(doubt.message))));
  }
}
