// A picture to look into: zoom by wheel, pinch or keys, pan by dragging or keys, a box drawn on it.

import { h } from "./dom.js";

const MOST = 8;

/**
 * Shows a picture inside an element. Coordinates are pixels of the full picture, whatever size the file has.
 */
export class Viewer {
  /** @param {HTMLElement} frame an element with a size of its own */
  constructor(frame) {
    this.frame = frame;
    this.stage = h("div", { class: "stage" });
    this.boxes = h("div", { class: "boxes" });
    this.outlines = h("div", { class: "boxes words" });
    frame.classList.add("viewer");
    frame.append(this.stage, this.outlines, this.boxes);
    this.size = { width: 1, height: 1 };
    this.view = { x: 0, y: 0, scale: 1 };
    this.margin = 0; // pixels of the screen that stay free around a picture fitted whole
    this.box = null;
    this.outlined = [];
    this.fitted = () => this.fit();
    this.pointers = new Map();
    this.#listen();
    // Asked for its size after a change of the page, an element would be laid out at once; the observer knows it from the last frame.
    this.room = { width: 0, height: 0 };
    new ResizeObserver(() => {
      this.room = { width: frame.clientWidth, height: frame.clientHeight };
      this.fitted();
    }).observe(frame);
  }

  /** Show a picture. `size`: pixels its coordinates refer to; `box`: [x, y, w, h] to draw, or null. */
  show(image, size, box = null) {
    this.size = { width: size.width, height: size.height };
    this.box = box;
    this.outline([]);
    image.className = "picture";
    image.style.width = `${this.size.width}px`;
    image.style.height = `${this.size.height}px`;
    this.stage.replaceChildren(image);
    this.fitted();
  }

  /** Nothing to show but words, and buttons under them. */
  say(text, ...buttons) {
    this.box = null;
    this.outline([]);
    this.stage.replaceChildren();
    this.boxes.replaceChildren(h("div", { class: "viewer-words muted" }, h("p", {}, text), h("p", { class: "row" }, buttons)));
  }

  /** The whole picture, never enlarged more than `most` times. */
  fit(most = 2.5) {
    this.fitted = () => this.fit(most);
    const { width, height } = this.room;
    const free = 2 * this.margin;
    const scale = Math.min((width - free) / this.size.width, (height - free) / this.size.height, most);
    this.#set((width - this.size.width * scale) / 2, (height - this.size.height * scale) / 2, scale);
  }

  /** As wide as the frame, with the box in the middle of its height. */
  fitWidth(most = 2.5) {
    this.fitted = () => this.fitWidth(most);
    const { width, height } = this.room;
    const scale = Math.min(width / this.size.width, most);
    const [, y, , boxHeight] = this.box || [0, 0, 0, this.size.height];
    const wanted = height / 2 - (y + boxHeight / 2) * scale;
    const lowest = Math.min(0, height - this.size.height * scale);
    const top = this.size.height * scale < height ? (height - this.size.height * scale) / 2 : Math.max(lowest, Math.min(0, wanted));
    this.#set((width - this.size.width * scale) / 2, top, scale);
  }

  /** The surroundings of a box: `times` its width, at least `share` of the picture's width. */
  near(box, times = 1.6, share = 0.45) {
    this.box = box;
    this.fitted = () => this.near(box, times, share);
    const { width, height } = this.room;
    const [x, y, w, bh] = box;
    const wide = Math.min(this.size.width, Math.max(w * times, this.size.width * share));
    const scale = Math.min(width / wide, height / (bh * 1.3), 2.5);
    this.#set(
      within(width / 2 - (x + w / 2) * scale, width, this.size.width * scale),
      within(height / 2 - (y + bh / 2) * scale, height, this.size.height * scale), scale);
  }

  /** A box at `scale` pixels of the screen by pixel of the picture, never smaller: its beginning where it is too long. */
  readable(box, scale) {
    this.box = box;
    this.fitted = () => this.readable(box, scale);
    const { width, height } = this.room;
    const [x, y, w, bh] = box;
    const own = Math.min(MOST, Math.max(scale, Math.min(width / this.size.width, height / this.size.height)));
    const left = w * own > width - 40 ? 20 - x * own : width / 2 - (x + w / 2) * own;
    const top = bh * own > height - 20 ? 10 - y * own : height / 2 - (y + bh / 2) * own;
    this.#set(within(left, width, this.size.width * own), within(top, height, this.size.height * own), own);
  }

  /** Draw a box on the picture as it is. */
  mark(box) {
    this.box = box;
    this.#draw();
  }

  /** Outline parts of the picture, `current` ones more strongly; boxes are [x, y, w, h]. Ink stays visible. */
  outline(boxes, current = []) {
    if (!boxes.length && !current.length && !this.outlined.length) return;
    this.outlined = [...boxes.map((box) => [box, "word"]), ...current.map((box) => [box, "word current"])].map(
      ([box, kind]) => ({ box, mark: h("div", { class: kind }) }));
    this.outlines.replaceChildren(...this.outlined.map(({ mark }) => mark));
    this.#drawOutlines();
  }

  /** Zoom by a factor about a point of the frame (its middle where none is given). */
  zoom(factor, x = this.room.width / 2, y = this.room.height / 2) {
    this.fitted = () => {};
    const least = 0.5 * Math.min(this.room.width / this.size.width, this.room.height / this.size.height);
    const scale = Math.min(MOST, Math.max(least, this.view.scale * factor));
    const by = scale / this.view.scale;
    this.#set(x - (x - this.view.x) * by, y - (y - this.view.y) * by, scale);
  }

  /** Move by pixels of the screen. */
  pan(dx, dy) {
    this.fitted = () => {};
    this.#set(this.view.x + dx, this.view.y + dy, this.view.scale);
  }

  /** Do what a key action says; false when it is none of ours. */
  obey(action) {
    const step = 60;
    const moves = { "pan-left": [step, 0], "pan-right": [-step, 0], "pan-up": [0, step], "pan-down": [0, -step] };
    if (moves[action]) this.pan(...moves[action]);
    else if (action === "zoom-in") this.zoom(1.25);
    else if (action === "zoom-out") this.zoom(0.8);
    else if (action === "fit") this.fit();
    else return false;
    return true;
  }

  /** Point of the picture under a point of the screen. */
  toPicture(clientX, clientY) {
    const { left, top } = this.frame.getBoundingClientRect();
    return [(clientX - left - this.view.x) / this.view.scale, (clientY - top - this.view.y) / this.view.scale];
  }

  /** Point of the frame where a point of the picture is shown. */
  toFrame(x, y) {
    return [this.view.x + x * this.view.scale, this.view.y + y * this.view.scale];
  }

  #set(x, y, scale) {
    if (!(scale > 0)) return; // the frame is hidden: it is fitted again when it has a size
    this.view = { x, y, scale };
    this.stage.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.#draw();
    this.#drawOutlines();
    this.onview?.();
  }

  #draw() {
    if (!this.box) return this.boxes.replaceChildren();
    const mark = this.boxes.querySelector(".box") || h("div", { class: "box" });
    Object.assign(mark.style, around(this.box, this.view, 4));
    if (mark.parentNode !== this.boxes) this.boxes.replaceChildren(mark);
    return undefined;
  }

  #drawOutlines() {
    for (const { box, mark } of this.outlined) Object.assign(mark.style, around(box, this.view, 2));
  }

  #listen() {
    this.frame.addEventListener("wheel", (event) => {
      event.preventDefault();
      const { left, top } = this.frame.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY / 400), event.clientX - left, event.clientY - top);
    }, { passive: false });
    this.frame.addEventListener("dblclick", () => this.fit());
    this.frame.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
    this.frame.addEventListener("pointerdown", (event) => {
      if (event.target.closest("button")) return; // captured, the press would not reach it
      this.frame.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    });
    this.frame.addEventListener("pointermove", (event) => this.#moved(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.frame.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    }
  }

  #moved(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const { left, top } = this.frame.getBoundingClientRect();
      const away = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      this.zoom(away(now) / away(before), (now[0] + other[0]) / 2 - left, (now[1] + other[1]) / 2 - top);
      this.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    } else {
      this.pan(now[0] - before[0], now[1] - before[1]);
    }
    this.pointers.set(event.pointerId, now);
  }
}

/** The place in the frame of a box of the picture with `margin` pixels of the screen around it, as styles. */
export function around([x, y, width, height], view, margin) {
  return {
    left: `${view.x + x * view.scale - margin}px`, top: `${view.y + y * view.scale - margin}px`,
    width: `${width * view.scale + 2 * margin}px`, height: `${height * view.scale + 2 * margin}px`,
  };
}

/** An offset at which a picture of `size` leaves no gap in a frame; in the middle where it is smaller. */
function within(offset, frame, size) {
  return size < frame ? (frame - size) / 2 : Math.min(0, Math.max(frame - size, offset));
}
