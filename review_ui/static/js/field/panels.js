// What stands around the input: subject, readings with their numbers, doubts, the record, actions, progress.

import { askNote } from "../ask_note.js";
import { differing } from "../differing.js";
import { fill, find, h } from "../dom.js";
import { DIGITS } from "../editor.js";
import { keyLabel } from "../shortcuts.js";
import { columnName, percent, said, t } from "../words.js";

const ACTIONS = ["confirm", "blank", "unreadable", "ask", "skip", "undo", "page", "past", "everywhere"];
const LABEL = { page: "whole_page" };
const SEVERE = { hard: "bad", soft: "warn", confidence: "" };

/** The panels of the field screen. `onaction` and `onpick` are told what was clicked. */
export class Panels {
  constructor(onaction, onpick) {
    this.onpick = onpick;
    this.choices = [];
    fill(find("#actions"), ACTIONS.map((action) => h("button", {
      class: action === "confirm" ? "primary" : "", dataset: { action }, onmousedown: (event) => event.preventDefault(), onclick: () => onaction(action),
    }, t(`action.${LABEL[action] || action}`), h("kbd", {}, action === "confirm" ? "Enter" : keyLabel(action, action === "undo" ? "Ctrl+Z" : "")))));
  }

  /** Show an item's words; its record is for `siblings`. */
  show(item) {
    this.item = item;
    fill(find("#subject"), columnName(item.code), h("span", { class: "tag" }, t(`kind.${item.kind}`)), this.#lane(item));
    find("#place").textContent = `${item.book} · ${t("page_line", { page: item.page_name ?? item.page, position: item.position })}`;
    this.readings(item);
    this.#once(item);
    this.doubts(item.blind ? [] : item.doubts || []);
  }

  /** What the input's text becomes in the Excel cell, told beside it. */
  becomes(editor, item) {
    const output = find("#becomes");
    if (!item) return fill(output);
    const { text, value } = editor;
    output.dataset.state = "";
    if (editor.untouched && editor.unsure) return fill(output, t("field.unsure"));
    if (!text) return fill(output, item.blind ? t("field.blind_empty") : t("empty_value"));
    if (editor.untouched && !item.blind) return fill(output, this.#certainty(item));
    if (!value) {
      output.dataset.state = "unclear";
      return fill(output, "?");
    }
    output.dataset.state = "ok";
    const option = editor.options.find((one) => one.value === value);
    const display = option ? `${value} · ${said(option.label)}` : editor.checked?.text === text ? editor.checked.display || value : value;
    return fill(output, display === text ? "✓" : ["→ ", h("b", {}, display)]);
  }

  /** The server's checks of what stands there now. */
  checked(answer, item, untouched) {
    if (!item) return;
    const others = Object.entries(answer.others || {}).flatMap(([code, doubts]) => doubts.map((doubt) => ({ ...doubt, code })));
    this.doubts(untouched ? item.doubts || [] : [...(answer.doubts || []), ...others]);
    const output = find("#becomes");
    if (untouched || !answer.text) return; // nothing was typed: the output says so
    output.dataset.state = answer.value ? "ok" : "unclear";
    const display = answer.display || answer.value;
    fill(output, !answer.value ? "?" : display === answer.text ? "✓" : ["→ ", h("b", {}, display)]);
  }

  /** Doubts in plain words. */
  doubts(doubts) {
    fill(find("#doubts"), doubts.map((doubt) => h("li", { class: `doubt ${SEVERE[doubt.severity] ?? ""}` },
      doubt.code && doubt.code !== this.item?.code ? h("b", {}, `${columnName(doubt.code)}: `) : null, said(doubt.message))));
  }

  /** A line under the input. */
  hint(text, urgent = false) {
    const hint = find("#hint");
    hint.textContent = text;
    hint.classList.toggle("urgent", urgent);
  }

  /** Done and left. */
  progress({ today, left }) {
    fill(find("#progress"), h("b", {}, t("done_today", { count: today })), left === null ? "" : ` · ${t("left", { count: left })}`);
  }

  /** The choice `step` after the one whose value stands in the input. */
  walk(step, value) {
    if (!this.choices.length) return null;
    const at = this.choices.findIndex((one) => one.value === value);
    return this.choices[Math.max(0, Math.min(this.choices.length - 1, at + step))];
  }

  /** Ask for a question to a senior; Enter sends, Escape cancels. */
  askNote(onsend, oncancel) {
    askNote(find(".entry"), onsend, oncancel);
  }

  #lane(item) {
    if (item.lane === "doubt" || !item.lane) return null;
    return h("span", { class: "tag accent" }, t(`lane.${item.lane}`));
  }

  /** The letters of a choice; those that are not in the reading are marked. */
  #letters(choice, item) {
    const read = item.value || item.as_written;
    if (!read || item.keyed?.length || item.options?.length) return choice.label;
    return differing(choice.label, read).map((one) => (one.differs ? h("mark", {}, one.text) : one.text));
  }

  /** A value that belongs to the book is asked once: the box says for how many more the answer serves. */
  #once(item) {
    document.querySelector(".once")?.remove();
    this.box = null;
    if (!(item.once > 1) || item.lane !== "doubt" || item.past) return;
    this.box = h("input", { type: "checkbox", checked: true, onchange: () => find("#value").focus() });
    find("#becomes").after(h("label", { class: "once small row" }, this.box, t("field.once", { count: item.once - 1 })));
  }

  /** Whether the answer serves for the fields of the book that are like this one. */
  get forAll() {
    return Boolean(this.box?.checked);
  }

  #certainty(item) {
    if (item.keyed?.length || item.blind || item.past || !item.confidence) return "";
    return h("span", { class: "muted" }, t("certainty", { percent: percent(item.confidence) }));
  }

  /** The values to pick, with their numbers. */
  readings(item) {
    this.choices = choicesOf(item);
    const title = item.keyed?.length ? "arbitrate" : item.blind ? (item.lane === "sample" ? "sample" : "blind") : item.options?.length ? "choices" : "readings";
    find("#readings-title").textContent = t(`field.${title}`);
    fill(find("#readings"),
      item.question ? h("p", { class: "notice" }, t("field.asked", { question: item.question })) : null,
      this.choices.map((choice) => this.#reading(choice, item)));
  }

  /** Values that came behind those that stand there; nothing that stands there is touched. */
  moreReadings(item) {
    const more = choicesOf(item).slice(this.choices.length);
    this.choices.push(...more);
    find("#readings").append(...more.map((choice) => this.#reading(choice, item)));
  }

  #reading(choice, item) {
    const bare = !DIGITS.has(item.kind) || item.keyed?.length;
    return h("button", {
      class: choice.value === item.value && !item.blind ? "reading own" : "reading",
      onmousedown: (event) => event.preventDefault(), onclick: () => this.onpick(choice.key),
    }, h("kbd", {}, bare ? choice.key : `Alt ${choice.key}`), h("span", { class: "reading-text" }, choice.label ? this.#letters(choice, item) : t("empty_value")),
    choice.note ? h("span", { class: "muted small" }, choice.note) : null);
  }

  /** The other fields of the record, as they are now. */
  siblings(fields) {
    const told = JSON.stringify(fields);
    if (told === this.told) return;
    this.told = told;
    fill(find("#siblings"), h("table", { class: "siblings" }, h("tbody", {}, fields.map((own) => h("tr", {
      class: own.state === "in_review" ? "open" : "",
    }, h("th", {}, columnName(own.code)), h("td", {}, shown(own)))))));
  }
}

function shown(own) {
  if (own.blind && !own.value) return t("record.hidden");
  if (!own.value) return "–";
  return own.kind === "sex" ? t(`sex.${own.value}`) : own.value;
}

/** What the number keys choose: keyed values, else codes, else offers; `{key, value, as_written, label, note}`. */
export function choicesOf(item) {
  if (item.keyed?.length) {
    return item.keyed.map((own, i) => ({ key: String(i + 1), value: own.value, as_written: "", label: own.value, note: own.user }));
  }
  const offers = item.blind ? [] : item.offers || [];
  if (item.options?.length && item.kind !== "id_document") {
    return item.options.filter((one) => /^[0-9]$/.test(one.value)).map((one) => ({
      key: one.value, value: one.value, as_written: "", label: said(one.label),
      note: known(offers.find((own) => own.value === one.value)),
    }));
  }
  return offers.map((one, i) => ({
    key: String(i + 1), value: one.value, as_written: one.as_written, label: one.value,
    note: [one.as_written ? `“${one.as_written}”` : "", known(one)].filter(Boolean).join(" · "),
  }));
}

/** Where an offer is from, and how likely it is right. */
function known(offer) {
  if (!offer) return "";
  const sure = offer.probability ? `${percent(offer.probability)} %` : "";
  return [offer.source === "reading" ? "" : said(offer.note), sure].filter(Boolean).join(" · ");
}
