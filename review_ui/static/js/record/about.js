// What stands beside the rows of a record: of the focused field its picks, doubts, question and history.

import { fill, find, h } from "../dom.js";
import { DIGITS } from "../editor.js";
import { choicesOf } from "../field/panels.js";
import { columnName, said, t } from "../words.js";

/** The panel of the focused row. */
export class About {
  /** @param {(choice: object) => void} onpick a reading or offer was clicked */
  constructor(history, onpick) {
    Object.assign(this, { history, onpick });
    this.choices = [];
  }

  /** Show what is known about a field. */
  show(field, editable) {
    find("#about-name").textContent = columnName(field.code);
    this.choices = editable ? choicesOf(field) : [];
    const bare = !DIGITS.has(field.kind) || field.keyed?.length;
    find("#picks-title").textContent = t(field.options?.length ? "field.choices" : "field.readings");
    fill(find("#picks"), this.choices.map((choice) => h("button", {
      class: "reading", onmousedown: (event) => event.preventDefault(), onclick: () => this.onpick(choice),
    }, h("kbd", {}, bare ? choice.key : `Alt ${choice.key}`), h("span", { class: "reading-text" }, choice.label || t("empty_value")),
    choice.note ? h("span", { class: "muted small" }, choice.note) : null)));
    fill(find("#question"), field.question ? h("p", { class: "notice" }, t("field.asked", { question: field.question })) : null);
    this.doubts(field.blind ? [] : field.doubts);
    this.history.show(field.code);
  }

  /** Why the field is to be reviewed. */
  doubts(doubts) {
    fill(find("#why"), (doubts || []).map((doubt) => h("li", { class: doubt.severity }, said(doubt.message))));
  }

  /** The choice of a number key; null when there is none. */
  choice(key) {
    return this.choices.find((one) => one.key === key) || null;
  }
}
