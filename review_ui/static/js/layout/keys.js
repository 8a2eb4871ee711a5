// The keys of the screen on which a form is taught: all that a mouse does there can be done without one.

import { find } from "../dom.js";
import * as model from "./model.js";
import { boxOnLine, lineAt } from "./snap.js";

export const TOOLS = { v: "choose", f: "field", c: "caption", t: "tick", r: "rule" };
const SIZES = { field: [60, 8.2], caption: [30, 5], tick: [5, 5], rule: [60, 0] }; // mm, of what a key puts down
const APART = 8; // mm between two tick boxes that keys put down

/**
 * `hooks`: content(), chosen(), part(), setPart(number or null), mayChange(), tool(), setTool(name), choose(key, more), drawn(box, isClick),
 * placed(key, part, box), ask() for the column or words, help(), deeds, addLineTo(key).
 */
export class Keys {
  constructor(viewer, canvas, hooks) {
    Object.assign(this, { viewer, canvas, hooks });
    this.own = {
      enter: () => this.#acceptOrAsk(), delete: () => find("#delete").click(), backspace: () => find("#delete").click(), g: () => find("#group").click(),
      l: (more) => (more ? this.addLine() : find("#add-line").click()), s: () => this.#ontoLine(), "?": () => hooks.help(),
      escape: () => this.#leave(), n: (more) => this.#step(1, more), p: (more) => this.#step(-1, more),
      "+": () => viewer.zoom(1.25), "=": () => viewer.zoom(1.25), "-": () => viewer.zoom(0.8), 0: () => viewer.fitWidth(),
    };
    addEventListener("keydown", (event) => this.#down(event));
  }

  /** A new thing in the middle of what is seen, a further tick box beside the last one: moved and sized by arrow keys. */
  draw() {
    const size = SIZES[this.hooks.tool()];
    if (!size || !this.hooks.mayChange()) return;
    const { left, top, width, height } = this.viewer.frame.getBoundingClientRect();
    const [x, y] = this.viewer.toPicture(left + width / 2, top + height / 2).map((value) => value / this.canvas.scale);
    const last = this.hooks.tool() === "tick" ? this.#chosenField()?.options.at(-1)?.box : null;
    const box = last ? [last[0] + APART, last[1], ...size] : [x - size[0] / 2, y - size[1] / 2, ...size];
    this.hooks.drawn(model.moved(box, 0, 0, this.hooks.content().page), true);
    const made = this.#chosenField();
    if (made?.options.length > 1) this.hooks.setPart(made.options.length - 1);
    this.#home();
  }

  /** A line more for the chosen field, below its last one; arrow keys then move it alone. */
  addLine() {
    const field = this.#chosenField();
    if (!field?.lines.length || !this.hooks.mayChange()) return;
    const last = field.lines.at(-1);
    const box = model.moved(last, 0, last[3], this.hooks.content().page);
    this.hooks.addLineTo(field.key);
    this.hooks.drawn(box, true);
    this.hooks.setPart(this.#chosenField().lines.findIndex((one) => one.join() === box.join()));
    this.#home();
  }

  #down(event) {
    const { frame } = this.viewer;
    const key = event.key.toLowerCase();
    if (event.target.closest("dialog")) return;
    if (event.ctrlKey && key === "s") {
      event.preventDefault();
      if (!find("#save").disabled) {
        frame.focus({ preventScroll: true }); // what was typed counts once its input is left
        this.hooks.deeds.save();
      }
      return;
    }
    if (key === "escape" && (event.target.closest(".sketch-side") || document.activeElement === document.body)) return this.#home();
    if (event.target.closest("input, select, textarea")) return;
    if (event.ctrlKey && (key === "z" || key === "y")) {
      event.preventDefault();
      this.hooks.deeds[key === "y" || event.shiftKey ? "redo" : "undo"]();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || document.activeElement !== frame) return;
    if (TOOLS[key]) {
      this.hooks.setTool(TOOLS[key]);
      if (event.shiftKey) this.draw();
    } else if (/^[1-9]$/.test(key)) this.#part(Number(key) - 1);
    else if (this.own[key]) this.own[key](event.shiftKey);
    else return;
    event.preventDefault();
  }

  #home() {
    this.viewer.frame.focus({ preventScroll: true });
  }

  #chosenField() {
    const [key, ...others] = this.hooks.chosen();
    return others.length ? undefined : this.hooks.content().fields.find((one) => one.key === key);
  }

  #acceptOrAsk() {
    const chosen = this.hooks.chosen();
    if (this.hooks.content().fields.some((one) => chosen.has(one.key) && !one.accepted)) this.hooks.deeds.accept();
    else this.hooks.ask();
  }

  /** One line or tick box of the chosen field alone. */
  #part(number) {
    const field = this.#chosenField();
    const count = field ? model.partsOf("fields", field).length : 0;
    if (count > 1 && number < count) this.hooks.setPart(number);
  }

  /** Back by one step: from a line to its field, from a field to nothing. */
  #leave() {
    if (this.hooks.part() !== null) return this.hooks.setPart(null);
    this.hooks.setTool("choose");
    return this.hooks.choose(null);
  }

  /** The whole printed line that the box lies on, as a click on it with the mouse. */
  #ontoLine() {
    const field = this.#chosenField();
    if (!field) return;
    for (const { part, box } of model.partsOf("fields", field)) {
      if (field.kind === "tick" || (this.hooks.part() !== null && part !== this.hooks.part())) continue;
      const line = lineAt(this.hooks.content(), box[0] + box[2] / 2, box[1] + box[3] / 2);
      if (line) this.hooks.placed(field.key, part, boxOnLine(line));
    }
  }

  /** The next thing or the one before: fields and printed words as in the list, then ruled and dotted lines; `more`: beside what is chosen. */
  #step(by, more) {
    const { rules, leaders } = this.hooks.content();
    const keys = [...[...document.querySelectorAll("#things [data-key]")].map((one) => one.dataset.key), ...[...rules, ...leaders].map((one) => one.key)];
    if (!keys.length) return;
    const chosen = [...this.hooks.chosen()];
    const at = keys.indexOf(chosen.at(-1));
    const next = keys[at < 0 && by < 0 ? keys.length - 1 : (at + by + keys.length) % keys.length];
    this.hooks.choose(more && chosen.includes(next) ? chosen.at(-1) : next, more);
  }
}
