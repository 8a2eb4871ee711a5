// The grid of crops of a group: pick out odd ones by mouse, touch, number or arrows.

import { h } from "../dom.js";
import { composing } from "../keys.js";
import { load } from "../pictures.js";

const NUMBER_MS = 700;

/** Crops as numbered tiles; `onconfirm`, `onback`, `onchange` are told what happens. */
export class Tiles {
  constructor(element, { onconfirm, onback, onchange }) {
    Object.assign(this, { element, onconfirm, onback, onchange });
    this.items = [];
    this.picked = new Set();
    this.typed = "";
    this.timer = 0;
  }

  /** The items that were picked out. */
  get odd() {
    return this.items.filter((item) => this.picked.has(item.field));
  }

  /** Show items, none picked out. */
  show(items) {
    this.items = items;
    this.picked.clear();
    this.typed = "";
    this.element.dataset.shape = shapeOf(items);
    this.tiles = items.map((item, i) => this.#tile(item, i));
    this.element.replaceChildren(...this.tiles);
    this.element.scrollTop = 0;
    this.tiles[0].focus();
  }

  /** A key was pressed. */
  key(event) {
    if (composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.tiles.indexOf(document.activeElement);
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (step) this.tiles[Math.max(0, Math.min(this.tiles.length - 1, at + step))].focus();
    else if (event.key === " " || event.key === "x") this.toggle(Math.max(0, at));
    else if (/^\d$/.test(event.key)) this.#number(event.key);
    else if (event.key === "Enter") this.#settle(() => this.onconfirm());
    else if (event.key === "Escape") this.onback();
    else return;
    event.preventDefault();
  }

  /** Pick out a tile, or put it back. */
  toggle(index) {
    const item = this.items[index];
    if (!item) return;
    const odd = !this.picked.delete(item.field);
    if (odd) this.picked.add(item.field);
    this.tiles[index].classList.toggle("odd", odd);
    this.tiles[index].setAttribute("aria-selected", String(odd));
    this.tiles[index].focus();
    this.onchange();
  }

  /** Digits make a number; it counts once no longer number can begin with them, or after a moment. */
  #number(digit) {
    clearTimeout(this.timer);
    this.typed += digit;
    const number = Number(this.typed);
    if (number * 10 > this.items.length) this.#settle();
    else this.timer = setTimeout(() => this.#settle(), NUMBER_MS);
  }

  #settle(then) {
    clearTimeout(this.timer);
    const number = Number(this.typed);
    this.typed = "";
    if (number) this.toggle(number - 1);
    else then?.();
  }

  #tile(item, i) {
    const frame = h("span", { class: "tile-crop" });
    load(item.crop).then((image) => { image.removeAttribute("style"); frame.replaceChildren(image); }, () => { frame.textContent = "?"; });
    return h("button", {
      class: "tile", role: "option", "aria-selected": "false", "aria-label": `${i + 1}`, dataset: { field: item.field },
      onclick: () => this.toggle(i),
    }, h("span", { class: "tile-number" }, String(i + 1)), frame);
  }
}

/** How the crops are best laid out: `long` lines, `block`s of several lines, `middle`, or `short`. */
function shapeOf(items) {
  const crops = items.map(({ crop }) => crop || { width: 4, height: 1 }).sort((a, b) => a.width / a.height - b.width / b.height);
  const { width, height } = crops[Math.floor(crops.length / 2)];
  const widest = items[0].page_picture?.width || 2480;
  if (width > widest * 0.4) return width / height > 9 ? "long" : "block";
  return width / height > 4.5 ? "middle" : "short";
}
