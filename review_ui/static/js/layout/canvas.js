// The form drawn over the straightened page: boxes to choose, draw, move and size by mouse, finger or keys.

import { boxOnLine, lineAt, snapped } from "./snap.js";
import { moved, partsOf, resized } from "./model.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.5; // mm an arrow key moves
const FAR = 10; // times as far with Ctrl
const CLICK = 1.5; // mm: a shorter drag is a click
const HANDLE = 12; // pixels of the screen

const el = (name, attributes = {}) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

/**
 * `hooks`: content(), chosen() (Set of keys), part() (the one box of them that is meant, or null), tool(), label(field), choose(key, more), placed(key, part, box), drawn(box, isClick).
 */
export class Canvas {
  constructor(viewer, hooks) {
    this.viewer = viewer;
    this.hooks = hooks;
    this.svg = el("svg", { class: "sketch-svg" });
    this.drag = null;
    this.nodes = new Map();
    viewer.frame.append(this.svg);
    viewer.onview = () => this.draw();
    this.svg.addEventListener("pointerdown", (event) => this.#down(event));
    this.svg.addEventListener("pointermove", (event) => this.#moved(event));
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, (event) => this.#up(event));
    viewer.frame.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Pixels of the picture in a mm. */
  get scale() {
    return this.viewer.size.width / this.hooks.content().page.width;
  }

  /** Draw everything anew. */
  draw() {
    if (!this.hooks.ready()) return;
    const { scale, x, y } = this.viewer.view;
    const mm = this.scale * scale;
    const content = this.hooks.content(), chosen = this.hooks.chosen();
    const parts = [];
    const box = ([left, top, width, height], attributes) => el("rect", { x: x + left * mm, y: y + top * mm, width: Math.max(width * mm, 1), height: Math.max(height * mm, 1), ...attributes });
    for (const kind of ["rules", "leaders", "captions", "fields"]) {
      for (const thing of content[kind]) {
        for (const { part, box: own } of partsOf(kind, thing)) {
          const isChosen = chosen.has(thing.key) && (this.hooks.part() ?? part) === part;
          const seen = this.drag?.key === thing.key && this.drag.part === part ? this.drag.box : own;
          const state = kind === "fields" ? (thing.accepted ? (thing.code ? "named" : "nameless") : "proposed") : thing.anchor === false ? "no-anchor" : "";
          const isLine = kind === "rules" || kind === "leaders";
          const touch = isLine ? [seen[0] - 0.7, seen[1] - 0.7, seen[2] + 1.4, seen[3] + 1.4] : seen;
          if (kind === "fields" && thing.scope === "record") {
            for (const [dx, dy] of content.offsets.slice(1)) parts.push(box([seen[0] + dx, seen[1] + dy, seen[2], seen[3]], { class: "ghost" }));
          }
          parts.push(box(touch, { class: `thing ${kind} ${state} ${isChosen ? "chosen" : ""}`, "data-key": thing.key, "data-part": part }));
          if (isChosen && !isLine) {
            parts.push(el("rect", { class: "handle", "data-key": thing.key, "data-part": part, x: x + (seen[0] + seen[2]) * mm - HANDLE / 2, y: y + (seen[1] + seen[3]) * mm - HANDLE / 2, width: HANDLE, height: HANDLE }));
          }
          const name = part === 0 && kind === "fields" ? this.hooks.label(thing) : thing.lines?.length > 1 ? String(part + 1) : "";
          if (name && mm > 1.2) {
            const label = el("text", { class: `name ${state} ${isChosen ? "chosen" : ""}`, x: x + seen[0] * mm + 3, y: y + seen[1] * mm + 11 });
            label.textContent = name;
            parts.push(label);
          }
        }
      }
    }
    if (this.drag?.draws) parts.push(box(this.drag.box, { class: "drawing" }));
    this.svg.replaceChildren(...parts);
    this.svg.classList.toggle("draws", this.hooks.tool() !== "choose");
  }

  /** Bring a box of the page into sight. */
  show([x, y, width, height]) {
    const own = [x, y, width, height].map((mm) => mm * this.scale);
    const [left, top] = this.viewer.toFrame(own[0], own[1]);
    const [right, bottom] = this.viewer.toFrame(own[0] + own[2], own[1] + own[3]);
    const { clientWidth, clientHeight } = this.viewer.frame;
    if (left < 0 || top < 0 || right > clientWidth || bottom > clientHeight) {
      this.viewer.pan(clientWidth / 2 - (left + right) / 2, clientHeight / 2 - (top + bottom) / 2);
    }
  }

  #point(event) {
    return this.viewer.toPicture(event.clientX, event.clientY).map((value) => value / this.scale);
  }

  #down(event) {
    if (event.button) return;
    this.viewer.frame.focus({ preventScroll: true });
    const tool = this.hooks.tool();
    const { key, part } = event.target.dataset;
    if (tool === "choose" && !key) return this.hooks.choose(null, event.ctrlKey || event.shiftKey); // the viewer pans
    event.stopPropagation();
    this.svg.setPointerCapture(event.pointerId);
    const [x, y] = this.#point(event);
    if (tool !== "choose") {
      this.drag = { draws: true, from: [x, y], box: [x, y, 0, 0] };
      return undefined;
    }
    this.hooks.choose(key, event.ctrlKey || event.shiftKey);
    const found = this.#part(key, Number(part));
    if (found && this.hooks.mayChange()) this.drag = { key, part: Number(part), from: [x, y], start: found, box: found, sizes: event.target.classList.contains("handle") };
    return undefined;
  }

  #moved(event) {
    if (!this.drag) return;
    event.stopPropagation();
    const [x, y] = this.#point(event);
    const { from, start } = this.drag;
    const page = this.hooks.content().page;
    if (this.drag.draws) this.drag.box = [Math.min(x, from[0]), Math.min(y, from[1]), Math.abs(x - from[0]), Math.abs(y - from[1])];
    else this.drag.box = (this.drag.sizes ? resized : moved)(start, x - from[0], y - from[1], page);
    this.draw();
  }

  #up(event) {
    const { drag } = this;
    if (!drag) return;
    event.stopPropagation();
    this.drag = null;
    const content = this.hooks.content();
    if (drag.draws) {
      const isClick = drag.box[2] < CLICK && drag.box[3] < CLICK;
      this.hooks.drawn(this.#fitting(content, drag.box, isClick), isClick);
    } else if (drag.box.some((value, at) => Math.abs(value - drag.start[at]) > 0.2)) {
      const isField = content.fields.some((one) => one.key === drag.key && one.kind !== "tick");
      this.hooks.placed(drag.key, drag.part, isField && !event.altKey ? snapped(content, drag.box) : drag.box);
    }
    this.draw();
  }

  /** What is meant by a drawn box, or a click on a printed line; null for a click elsewhere. */
  #fitting(content, box, isClick) {
    const tool = this.hooks.tool();
    if (!isClick) return tool === "field" ? snapped(content, box) : box;
    if (tool === "tick") return [box[0] - 2.5, box[1] - 2.5, 5, 5];
    if (tool !== "field") return null;
    const line = lineAt(content, box[0], box[1]);
    return line ? boxOnLine(line) : null;
  }

  #part(key, part) {
    const content = this.hooks.content();
    for (const kind of ["fields", "captions", "rules", "leaders"]) {
      const thing = content[kind].find((one) => one.key === key);
      if (thing) return partsOf(kind, thing)[part]?.box ?? null;
    }
    return null;
  }

  #key(event) {
    if (event.target !== this.viewer.frame || event.altKey || event.metaKey) return;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const far = STEP * (event.ctrlKey ? FAR : 1);
    if (!this.hooks.nudged(step[0] * far, step[1] * far, event.shiftKey)) this.viewer.pan(-step[0] * 60, -step[1] * 60);
  }
}
