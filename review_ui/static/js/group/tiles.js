// The grid of crops of a group: pick out odd ones by mouse, touch, number or arrows.

import { h } from "../dom.js";
import { composing } from "../keys.js";
import { load } from "../pictures.js";
import { LEAST_LOOK_MS } from "../sight.js";

const NUMBER_MS = 700;
/** Share of a tile that must be on the screen for its writing to be seen whole. */
const SEEN_SHARE = 0.95;

/** Crops as numbered tiles; `onconfirm`, `onback`, `onchange` are told what happens. */
export class Tiles {
  constructor(element, { onconfirm, onback, onchange }) {
    Object.assign(this, { element, onconfirm, onback, onchange });
    this.items = [];
    this.picked = new Set();
    this.typed = "";
    this.timer = 0;
    this.watch = new IntersectionObserver((entries) => this.#moved(entries), { root: element, threshold: [0, SEEN_SHARE] });
  }

  /** Items whose picture has stood on the screen for a moment: only these can be confirmed. */
  get seen() {
    return this.items.filter((item) => this.known.has(item.field));
  }

  /** The items that were picked out. */
  get odd() {
    return this.items.filter((item) => this.picked.has(item.field));
  }

  /** Show items, none picked out. */
  show(items) {
    this.items = items;
    this.picked.clear();
    this.watch.disconnect();
    this.known = new Set();
    this.looks = new Map(); // field -> timer of a tile that is on the screen and has not been there long enough
    this.painted = new Set();
    this.onscreen = new Set();
    this.typed = "";
    this.element.dataset.shape = shapeOf(items);
    this.tiles = items.map((item, i) => this.#tile(item, i));
    this.element.replaceChildren(...this.tiles);
    this.element.scrollTop = 0;
    for (const tile of this.tiles) this.watch.observe(tile);
    this.tiles[0].focus();
  }

  /** A key was pressed. */
  key(event) {
    if (composing(event) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (event.repeat && !event.key.startsWith("Arrow")) return event.preventDefault();
    const at = this.tiles.indexOf(document.activeElement);
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (step) this.tiles[Math.max(0, Math.min(this.tiles.length - 1, at + step))].focus();
    else if (event.key === " " || event.key === "x") this.toggle(Math.max(0, at));
    else if (/^\d$/.test(event.key)) this.#number(event.key);
    else if (event.key === "Enter") this.#settle(() => this.onconfirm());
    else if (event.key === "Escape") this.onback();
    else return undefined;
    return event.preventDefault();
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

  /** Fields can share one crop, and an element stands in one place only: every tile has its own. */
  async #picture(item, frame) {
    try {
      const image = (await load(item.crop)).cloneNode();
      image.removeAttribute("style");
      await image.decode();
      frame.replaceChildren(image);
      requestAnimationFrame(() => requestAnimationFrame(() => { this.painted.add(item.field); this.#look(item.field); }));
    } catch {
      frame.textContent = "?"; // never seen: it stays until somebody picks it out
    }
  }

  #moved(entries) {
    for (const { target, intersectionRatio } of entries) {
      const field = Number(target.dataset.field);
      if (intersectionRatio >= SEEN_SHARE) this.onscreen.add(field);
      else this.onscreen.delete(field);
      this.#look(field);
    }
  }

  /** A tile counts as seen once its picture has been on the screen without a break for the least look. */
  #look(field) {
    const both = this.painted.has(field) && this.onscreen.has(field);
    if (both && !this.looks.has(field) && !this.known.has(field)) {
      const { known } = this;
      this.looks.set(field, setTimeout(() => {
        known.add(field);
        if (known === this.known) this.onchange();
      }, LEAST_LOOK_MS));
    } else if (!both) {
      clearTimeout(this.looks.get(field));
      this.looks.delete(field);
    }
  }

  #tile(item, i) {
    const frame = h("span", { class: "tile-crop" });
    this.#picture(item, frame);
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
