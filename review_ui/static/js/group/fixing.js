// One tile of a group at a time, decided beside the others: typed with completion, picked, asked about or put off.

import { askNote } from "../ask_note.js";
import { fill, find, h } from "../dom.js";
import { dropDraft } from "../drafts.js";
import { Editor } from "../editor.js";
import { choicesOf } from "../field/panels.js";
import { actionOf, heldDown } from "../keys.js";
import { load } from "../pictures.js";
import { keyLabel } from "../shortcuts.js";
import { Sight } from "../sight.js";
import { Viewer } from "../viewer.js";
import { columnName, t } from "../words.js";

const ACTIONS = ["confirm", "blank", "unreadable", "ask", "skip", "page"];
const LABEL = { page: "whole_page" };

/**
 * The panel under the tiles. Each decision is a deed of its own; the caller is told of it (`ondecided`), of an item put
 * off (`onlater`), of the one shown (`onshown`), to be shown in its page (`onpage`), of the wish to take back (`onundo`) or to look back (`onpast`), and of the end (`onend`).
 */
export class Fixing {
  constructor(deeds, { ondecided, onlater, onpage, onshown, onundo, onpast, onend }) {
    Object.assign(this, { deeds, ondecided, onlater, onpage, onshown, onundo, onpast, onend });
    this.left = [];
    this.item = null;
    this.viewer = new Viewer(find("#fix-crop"));
    this.sight = new Sight((state) => { find("#fix").dataset.sight = state; });
    this.editor = new Editor(find("#fix-value"), find("#fix-suggestions"));
    fill(find("#fix-actions"), ACTIONS.map((action) =>
      h("button", { class: action === "confirm" ? "primary" : "", onmousedown: (event) => event.preventDefault(), onclick: () => this.act(action) }, t(`action.${LABEL[action] || action}`), h("kbd", {}, action === "confirm" ? "Enter" : keyLabel(action)))));
    find("#fix-back").addEventListener("click", () => this.#end());
    find("#fix").addEventListener("keydown", (event) => this.#key(event));
  }

  /** Begin with these items. */
  start(items) {
    this.left = items;
    find("#fix").hidden = false;
    this.#next();
  }

  /** Leave the panel; what was typed stays as a draft. */
  close() {
    this.item = null;
    this.left = [];
    find("#fix").hidden = true;
  }

  /** Decide the item shown. */
  act(action) {
    if (!this.item) return;
    if (action === "page") return void this.onpage(this.item);
    if (action === "ask") return void askNote(find("#fix .entry"), (note) => this.#decide({ action: "ask", value: this.editor.value, as_written: "", note }), () => this.editor.focus());
    if (action === "skip") {
      this.onlater(this.item);
      return void this.#next();
    }
    const refused = this.#refused(action);
    find("#fix-hint").textContent = refused;
    if (refused) return;
    let decision = { action, value: "", as_written: "" };
    if (action === "confirm") {
      decision = this.editor.decision();
      if (decision.warn) {
        find("#fix-hint").textContent = this.editor.warning(decision);
        return;
      }
    }
    this.#decide(decision);
  }

  #decide(decision) {
    const { item } = this;
    const full = {
      field: item.field, note: "", ...decision, base: item.base ?? null, lane: item.lane || "doubt",
      seconds: Math.round(Math.min(3600e3, performance.now() - this.shown)) / 1000, keys: this.keys,
    };
    this.deeds.add([{ item, decision: full, label: columnName(item.code) }]);
    dropDraft(item.field);
    this.ondecided(item, full);
    this.#next();
  }

  /** Why the item cannot be decided like this yet; "" when it can. */
  #refused(action) {
    if (!this.sight.enough) return this.sight.missing;
    const typed = action !== "confirm" && this.editor.withoutText(action);
    return typed ? t("field.typed_again", { text: this.editor.text, action: t(`action.${action}`) }) : "";
  }

  #next() {
    this.item = this.left.shift() || null;
    if (!this.item) return this.#end();
    const { item } = this;
    this.shown = performance.now();
    this.keys = 0;
    find("#fix-title").textContent = `${columnName(item.code)} · ${item.book} · ${t("page_line", { page: item.page_name, position: item.position })}`;
    this.onshown(item);
    find("#fix-count").textContent = t("left", { count: this.left.length });
    find("#fix-hint").textContent = "";
    this.sight.begin();
    load(item.crop).then((image) => {
      if (this.item !== item) return;
      this.viewer.show(image, { width: item.crop.width || image.naturalWidth, height: item.crop.height || image.naturalHeight });
      this.sight.shown();
    }, () => this.item === item && this.sight.failedIn(this.viewer, [], () => this.editor.focus()));
    this.editor.open(item);
    this.choices = choicesOf(item);
    fill(find("#fix-readings"), this.choices.map((choice) => h("button", {
      class: "reading", onmousedown: (event) => event.preventDefault(), onclick: () => this.editor.write(choice.value, choice.as_written),
    }, h("kbd", {}, choice.key), choice.label || t("empty_value"))));
    return undefined;
  }

  #end() {
    this.close();
    this.onend();
  }

  #key(event) {
    if (!this.item || event.target.closest("button, .ask-note")) return;
    const action = actionOf(event, this.editor.untouched);
    if (heldDown(event, action)) return void (action && event.preventDefault());
    this.keys += 1;
    const { completion } = this.editor;
    if (!action) return;
    const number = /^(pick|digit)-(\d)$/.exec(action);
    if (number) {
      const choice = (number[1] === "pick" || this.editor.digitsPick) && this.choices.find((one) => one.key === number[2]);
      if (!choice) return;
      this.editor.write(choice.value, choice.as_written);
    } else if (action === "complete") void (this.editor.take() || this.editor.nextDoubt());
    else if (action === "take") {
      if (completion.painted && this.editor.take()) this.act("confirm");
    } else if (action === "back" || action === "undo") {
      if (action === "undo" || !this.editor.undoWord()) this.onundo();
    }
    else if (action === "past") this.onpast();
    else if (action === "again") this.editor.undoWord(1);
    else if (action === "down" || action === "up") completion.walk(action === "down" ? 1 : -1);
    else if (action === "restore") {
      if (this.editor.untouched && !completion.shown) this.#end();
      else this.editor.restore();
    } else if (ACTIONS.includes(action)) this.act(action);
    else if (!this.viewer.obey(action)) return;
    event.preventDefault();
    event.stopPropagation();
  }
}
