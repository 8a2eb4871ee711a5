// The list of things on the form, and what can be said of the chosen one.

import { fill, find, h } from "../dom.js";
import { said, t } from "../words.js";
import { matching } from "./columns.js";

const MOST_OFFERED = 8;

/**
 * The side panel. `hooks`: content(), chosen(), column(code), columns(), choose(key, more), change(key, values), setColumn(key, column), mayChange().
 */
export class FieldPanel {
  constructor(hooks) {
    this.hooks = hooks;
    this.list = find("#things");
    this.own = find("#chosen-thing");
    this.shownFor = "";
    this.list.addEventListener("keydown", (event) => this.#walk(event));
  }

  /** Show the list and the chosen thing as they are now. */
  draw() {
    const content = this.hooks.content(), chosen = this.hooks.chosen();
    const fields = content.fields.toSorted((a, b) => top(a) - top(b));
    const kept = document.activeElement?.closest?.("#things") ? document.activeElement.dataset.key : "";
    fill(this.list, fields.map((field) => this.#row(field, chosen.has(field.key))), content.captions.map((one) => this.#caption(one, chosen.has(one.key))));
    const rows = [...this.list.querySelectorAll("[data-key]")];
    const stop = rows.find((row) => row.dataset.key === kept) ?? rows.find((row) => row.getAttribute("aria-selected") === "true") ?? rows[0];
    for (const row of rows) row.tabIndex = row === stop ? 0 : -1; // one stop of the Tab key; arrows walk within
    if (stop?.dataset.key === kept) stop.focus({ preventScroll: true });
    find("#field-count").textContent = t("layouts.field_count", { count: content.fields.filter((one) => one.accepted).length, proposed: content.fields.filter((one) => !one.accepted).length });
    this.#chosen(content, chosen);
  }

  /** The name of a field for people. */
  nameOf(field) {
    const column = this.hooks.column(field.code);
    return column ? said(column.name) : field.code || t("layouts.no_column");
  }

  /** Put the cursor where the column of a field, or the words of a caption, are typed. */
  ask() {
    this.own.querySelector("#column, #words-of")?.focus();
  }

  #row(field, isChosen) {
    const kind = field.kind ? t(`kind.${field.kind}`) : "";
    const lines = field.kind === "tick" ? t("layouts.boxes", { count: field.options.length }) : field.lines.length > 1 ? t("layouts.lines", { count: field.lines.length }) : "";
    return h("button", {
      class: `thing-row ${field.accepted ? (field.code ? "" : "nameless") : "proposed"}`, role: "option", "aria-selected": isChosen ? "true" : "false", dataset: { key: field.key },
      onclick: (event) => this.hooks.choose(field.key, event.ctrlKey || event.shiftKey),
    }, h("span", { class: "thing-name" }, this.nameOf(field)), h("span", { class: "muted small" }, [kind, lines].filter(Boolean).join(" · ")), field.accepted ? null : h("span", { class: "tag warn" }, t("layouts.proposed")));
  }

  #caption(caption, isChosen) {
    return h("button", { class: `thing-row caption-row ${caption.text ? "" : "nameless"}`, role: "option", "aria-selected": isChosen ? "true" : "false", dataset: { key: caption.key }, onclick: (event) => this.hooks.choose(caption.key, event.ctrlKey || event.shiftKey) },
      h("span", { class: "thing-name" }, `“${caption.text || "…"}”`), h("span", { class: "muted small" }, caption.anchor ? t("layouts.is_anchor") : t("layouts.is_print")));
  }

  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...this.list.querySelectorAll("[data-key]")];
    const at = rows.indexOf(document.activeElement);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (!next) return;
    next.focus();
    this.hooks.choose(next.dataset.key, event.shiftKey);
  }

  #chosen(content, chosen) {
    const [key] = chosen;
    const field = chosen.size === 1 ? content.fields.find((one) => one.key === key) : null;
    const caption = chosen.size === 1 ? content.captions.find((one) => one.key === key) : null;
    const state = JSON.stringify(field || caption || [...chosen]);
    if (this.shownFor === state) return;
    const typing = this.own.contains(document.activeElement) ? document.activeElement.id : "";
    this.shownFor = state;
    if (field) fill(this.own, this.#forField(field));
    else if (caption) fill(this.own, this.#forCaption(caption));
    else fill(this.own, h("p", { class: "muted small" }, chosen.size > 1 ? t("layouts.several", { count: chosen.size }) : t(chosen.size ? "layouts.line_chosen" : "layouts.nothing_chosen")));
    if (typing) this.own.querySelector(`#${typing}`)?.focus();
  }

  #forField(field) {
    const locked = !this.hooks.mayChange();
    const input = h("input", { id: "column", type: "search", autocomplete: "off", spellcheck: false, lang: "vi", value: field.code ? this.nameOf(field) : "", placeholder: t("layouts.column_hint"), role: "combobox", "aria-expanded": "false", "aria-controls": "column-offers", disabled: locked });
    const offers = h("div", { id: "column-offers", class: "offers", role: "listbox", hidden: true });
    let at = 0;
    let found = [];
    const show = () => {
      found = matching(this.hooks.columns(), input.value).slice(0, MOST_OFFERED);
      at = Math.max(0, Math.min(at, found.length - 1));
      const used = new Set(this.hooks.content().fields.filter((one) => one.key !== field.key).map((one) => one.code));
      fill(offers, found.map((column, index) => h("button", { role: "option", tabIndex: -1, "aria-selected": index === at ? "true" : "false", onmousedown: (event) => { event.preventDefault(); take(column); } },
        said(column.name), h("span", { class: "muted small" }, ` ${t(`kind.${column.kind}`)}${used.has(column.code) ? ` · ${t("layouts.used")}` : ""}`))));
      offers.hidden = !found.length;
      input.setAttribute("aria-expanded", String(!offers.hidden));
    };
    const take = (column) => {
      offers.hidden = true;
      this.hooks.setColumn(field.key, column);
    };
    input.addEventListener("focus", () => { input.select(); at = 0; if (!field.code) show(); });
    input.addEventListener("input", () => { at = 0; show(); });
    input.addEventListener("blur", () => { offers.hidden = true; });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (offers.hidden) show();
        else { at = Math.max(0, Math.min(found.length - 1, at + (event.key === "ArrowDown" ? 1 : -1))); show(); }
      } else if (event.key === "Enter" && found[at]) {
        event.preventDefault();
        take(found[at]);
      } else if (event.key === "Escape") {
        event.preventDefault(); // a search box would be emptied, and the field keeps its column
        input.value = field.code ? this.nameOf(field) : "";
        offers.hidden = true;
      }
    });
    return [
      h("label", {}, t("layouts.column"), h("div", { class: "column-box" }, input, offers)),
      h("label", {}, t("layouts.kind"), h("select", { id: "kind", disabled: locked || field.kind === "tick", onchange: (event) => this.hooks.change(field.key, { kind: event.target.value }) },
        h("option", { value: "", disabled: true, selected: !field.kind }, ""), Object.keys(KINDS).map((kind) => h("option", { value: kind, selected: kind === field.kind, disabled: kind === "tick" }, t(`kind.${kind}`))))),
      field.kind === "date" && field.lines.length > 1 ? h("label", { class: "check" }, h("input", { type: "checkbox", id: "parts", checked: field.join === ".", disabled: locked, onchange: (event) => this.hooks.change(field.key, { join: event.target.checked ? "." : " " }) }), t("layouts.date_parts")) : null,
      field.kind === "tick" ? this.#options(field, locked) : null,
      h("label", { class: "check" }, h("input", { type: "checkbox", id: "once", checked: field.scope === "page", disabled: locked, onchange: (event) => this.hooks.change(field.key, { scope: event.target.checked ? "page" : "record" }) }), t("layouts.once_a_sheet")),
    ];
  }

  #options(field, locked) {
    const values = Object.entries(this.hooks.column(field.code)?.values ?? {});
    return h("div", { class: "options" }, field.options.map((option, index) => h("label", {}, t("layouts.box_number", { number: index + 1 }),
      values.length
        ? h("select", { id: `option-${index}`, disabled: locked, onchange: (event) => this.#setOption(field, index, event.target.value) }, values.map(([value, name]) => h("option", { value, selected: value === option.value }, `${value} – ${said(name)}`)))
        : h("input", { value: option.value, maxLength: 20, autocomplete: "off", spellcheck: false, id: `option-${index}`, disabled: locked, onchange: (event) => this.#setOption(field, index, event.target.value) }))));
  }

  #setOption(field, index, value) {
    this.hooks.change(field.key, { options: field.options.map((one, at) => (at === index ? { ...one, value } : one)) });
  }

  #forCaption(caption) {
    const locked = !this.hooks.mayChange();
    return [
      h("label", {}, t("layouts.words"), h("input", { id: "words-of", lang: "vi", value: caption.text, maxLength: 300, spellcheck: false, autocomplete: "off", disabled: locked, onchange: (event) => this.hooks.change(caption.key, { text: event.target.value.trim() }) })),
      h("label", { class: "check" }, h("input", { type: "checkbox", id: "anchor", checked: caption.anchor, disabled: locked, onchange: (event) => this.hooks.change(caption.key, { anchor: event.target.checked }) }), t("layouts.anchor")),
      h("label", { class: "check" }, h("input", { type: "checkbox", id: "bold", checked: caption.bold, disabled: locked, onchange: (event) => this.hooks.change(caption.key, { bold: event.target.checked }) }), t("layouts.bold")),
      h("label", { class: "check" }, h("input", { type: "checkbox", id: "once", checked: caption.scope === "page", disabled: locked, onchange: (event) => this.hooks.change(caption.key, { scope: event.target.checked ? "page" : "record" }) }), t("layouts.once_a_sheet")),
    ];
  }
}

/** Kinds of fields, in the order of the list. */
export const KINDS = Object.fromEntries(["person_name", "date", "date_words", "time", "number_year", "number", "sex", "ethnic_group", "nationality", "relation", "id_type", "id_number", "id_document", "place", "agency", "position", "free_text", "tick"].map((kind) => [kind, true]));

function top(field) {
  const box = field.lines[0] ?? field.options[0]?.box ?? [0, 0];
  return box[1] * 1000 + box[0];
}
