// The grid of crops of a group: leave some out by mouse, touch, number or arrows and space.

import { h } from "../dom.js";
import { composing } from "../keys.js";
import { load } from "../pictures.js";
import { shortcutOf } from "../shortcuts.js";
import { LEAST_LOOK_MS } from "../sight.js";

const NUMBER_MS = 700;
/** Share of a tile that must be on the screen for its writing to be seen whole. */
const SEEN_SHARE = 0.95;
const PADDING_PX = 8; // of the grid

/** What a key of the closed list does to the tile that has the focus. */
const ACTS = { page: "page", blank: "blank", doubt: "edit", unreadable: "unreadable", ask: "ask", skip: "skip", undo: "undo", past: "past", everywhere: "everywhere" };

/**
 * Crops as numbered tiles. `onenter` is told of Enter on a tile, `onact` of another key with what it does (`page`,
 * `edit`, `blank`, `everywhere`, `unreadable`, `ask`, `skip`, `undo`, `past`, `common`), `onback` and `onchange` of the rest.
 */
export class Tiles {
  constructor(element, { onenter, onact, onback, onchange }) {
    Object.assign(this, { element, onenter, onact, onback, onchange });
    this.items = [];
    this.tiles = [];
    this.picked = new Set();
    this.typed = "";
    this.timer = 0;
    this.at = 0;
    const covered = document.querySelector(".top")?.offsetHeight ?? 0; // by the bar that stays when a small screen scrolls
    this.watch = new IntersectionObserver((entries) => this.#moved(entries), { rootMargin: `${-covered}px 0px 0px`, threshold: [0, SEEN_SHARE] });
    // No tile is taller than what can be seen at once: it could never be seen whole, nor confirmed.
    new ResizeObserver(() => element.style.setProperty("--room", `${Math.min(element.clientHeight, innerHeight - covered) - 2 * PADDING_PX}px`)).observe(element);
    element.addEventListener("focusin", ({ target }) => { this.at = Math.max(0, this.tiles.indexOf(target)); });
  }

  /** Items whose picture has stood on the screen for a moment: only these can be confirmed. */
  get seen() {
    return this.items.filter((item) => this.known.has(item.field));
  }

  /** The items that were left out. */
  get odd() {
    return this.items.filter((item) => this.picked.has(item.field));
  }

  /** The item that has or last had the focus. */
  get current() {
    return this.items[this.at] || null;
  }

  /** Whether the picture of an item has stood on the screen for a moment. */
  isSeen(item) {
    return this.known.has(item.field);
  }

  /**
   * Show items.
   *
   * @param {object[]} items
   * @param {(item: object) => string} caption what stands under a crop; "" for nothing
   * @param {Set<number>} out fields left out from the beginning
   * @param {Set<number>} apart fields that come after a line of their own
   * @param {string} why the words on that line
   */
  show(items, caption = () => "", out = new Set(), apart = new Set(), why = "") {
    this.items = items;
    this.picked = new Set(items.map((item) => item.field).filter((field) => out.has(field)));
    this.watch.disconnect();
    for (const timer of this.looks?.values() || []) clearTimeout(timer);
    this.known = new Set();
    this.looks = new Map(); // field -> timer of a tile that is on the screen and has not been there long enough
    this.painted = new Set();
    this.onscreen = new Set();
    this.typed = "";
    this.element.dataset.shape = shapeOf(items);
    this.tiles = items.map((item, i) => this.#tile(item, i, caption(item)));
    const first = items.findIndex((item) => apart.has(item.field));
    const line = h("p", { class: "apart muted", role: "presentation" }, why);
    this.element.replaceChildren(...this.tiles);
    if (first >= 0) this.tiles[first].before(line);
    this.element.scrollTop = 0;
    for (const tile of this.tiles) this.watch.observe(tile);
    this.focus(Math.max(0, items.findIndex((item) => !this.picked.has(item.field))));
  }

  /** Put the focus on a tile: the one given, else the one that had it. */
  focus(index = this.at) {
    const tile = this.tiles[Math.max(0, Math.min(this.tiles.length - 1, index))];
    tile?.focus({ preventScroll: true });
    tile?.scrollIntoView({ block: "nearest" });
  }

  /** Mark the tile that is being edited; null for none. */
  mark(item) {
    this.tiles.forEach((tile, i) => tile.classList.toggle("edited", this.items[i] === item));
    if (item) this.tiles[this.items.indexOf(item)]?.scrollIntoView({ block: "nearest" });
  }

  /** The item has been dealt with: its tile goes. */
  remove(item) {
    const index = this.items.indexOf(item);
    if (index < 0) return;
    this.watch.unobserve(this.tiles[index]);
    this.tiles[index].remove();
    this.items = this.items.filter((other) => other !== item);
    this.tiles.splice(index, 1);
    this.picked.delete(item.field);
    if (this.at > index) this.at -= 1;
    this.at = Math.max(0, Math.min(this.at, this.tiles.length - 1));
    this.onchange();
  }

  /** A key was pressed. */
  key(event) {
    if (composing(event)) return undefined;
    const back = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey;
    const act = back ? "undo" : ACTS[shortcutOf(event)];
    if (act) {
      event.preventDefault();
      return event.repeat ? undefined : this.onact(act);
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (event.repeat && !event.key.startsWith("Arrow")) return event.preventDefault();
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (step) this.focus(this.at + step);
    else if (event.key === " ") this.toggle(this.at);
    else if (/^\d$/.test(event.key)) this.#number(event.key);
    else if (event.key === "=") this.onact("common");
    else if (event.key === "Enter") this.#settle(() => this.onenter());
    else if (event.key === "Escape") this.onback();
    else if (event.key.length === 1 && /\p{L}/u.test(event.key)) return this.onact("type"); // the letter goes into the input
    else return undefined;
    return event.preventDefault();
  }

  /** Leave a tile out, or put it back. */
  toggle(index) {
    const item = this.items[index];
    if (!item) return;
    const odd = !this.picked.delete(item.field);
    if (odd) this.picked.add(item.field);
    this.tiles[index].classList.toggle("odd", odd);
    this.tiles[index].setAttribute("aria-selected", String(odd));
    this.focus(index);
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

  #tile(item, i, caption) {
    const frame = h("span", { class: "tile-crop" });
    const odd = this.picked.has(item.field);
    this.#picture(item, frame);
    return h("button", {
      class: ["tile", odd && "odd", isTall(item) && "tall"].filter(Boolean).join(" "), role: "option", "aria-selected": String(odd), "aria-label": [i + 1, caption].filter(Boolean).join(" · "),
      dataset: { field: item.field }, onclick: () => this.toggle(this.items.indexOf(item)), ondblclick: () => this.onact("edit"),
    }, h("span", { class: "tile-number" }, String(i + 1)), frame, caption ? h("span", { class: "tile-value" }, caption) : null);
  }
}

/** Whether a crop is taller than wide by so much that it needs the height of several rows. */
function isTall({ crop }) {
  return Boolean(crop) && crop.height > crop.width * 0.8;
}

/** How the crops are best laid out: `long` lines, `block`s of several lines, `middle`, or `short`. */
function shapeOf(items) {
  const crops = items.map(({ crop }) => crop || { width: 4, height: 1 }).sort((a, b) => a.width / a.height - b.width / b.height);
  const { width, height } = crops[Math.floor(crops.length / 2)];
  const widest = items[0].page_picture?.width || 2480;
  if (width > widest * 0.4) return width / height > 9 ? "long" : "block";
  return width / height > 4.5 ? "middle" : "short";
}
