// Four corners on a picture, dragged by mouse or finger or moved by arrow keys, with a loupe.

import { h } from "../dom.js";
import { t } from "../words.js";

const LOUPE = 150;
const ENLARGED = 2.5;
const SVG = "http://www.w3.org/2000/svg";

/** Handles over a viewer; `onchange(corners)` after each move. Corners are pixels of the picture. */
export class Corners {
  constructor(viewer, onchange) {
    this.viewer = viewer;
    this.onchange = onchange;
    this.corners = [];
    this.line = document.createElementNS(SVG, "polygon");
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.classList.add("corner-lines");
    this.svg.append(this.line);
    this.loupe = h("canvas", { class: "loupe", width: LOUPE, height: LOUPE, hidden: true });
    this.handles = [0, 1, 2, 3].map((i) => this.#handle(i));
    viewer.frame.append(this.svg, ...this.handles, this.loupe);
    viewer.onview = () => this.#draw();
  }

  /** Set all four, clockwise from the top left of the form. */
  set(corners) {
    this.corners = corners.map(([x, y]) => [x, y]);
    this.#draw();
    this.onchange(this.corners);
  }

  /** The form begins at the next corner: it lies on its side. */
  turn() {
    this.set([...this.corners.slice(1), this.corners[0]]);
  }

  #handle(i) {
    const handle = h("button", { class: "corner", "aria-label": t(`page.corner_${i + 1}`), title: t(`page.corner_${i + 1}`) }, String(i + 1));
    handle.addEventListener("mousedown", (event) => event.stopPropagation());
    handle.addEventListener("dblclick", (event) => event.stopPropagation());
    handle.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      handle.setPointerCapture(event.pointerId);
      const at = this.viewer.toPicture(event.clientX, event.clientY);
      this.grip = [this.corners[i][0] - at[0], this.corners[i][1] - at[1]];
      this.#look(i);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId) || !this.grip) return;
      const [x, y] = this.viewer.toPicture(event.clientX, event.clientY);
      this.#move(i, x + this.grip[0], y + this.grip[1]);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      handle.addEventListener(end, () => { this.grip = null; this.loupe.hidden = true; });
    }
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      const far = event.shiftKey ? 10 : 1;
      this.#move(i, this.corners[i][0] + step[0] * far, this.corners[i][1] + step[1] * far);
    });
    handle.addEventListener("focus", () => this.corners.length && this.#look(i));
    handle.addEventListener("blur", () => { this.loupe.hidden = true; });
    return handle;
  }

  /** Corners may lie up to half a page outside: the scan can have cut them off. */
  #move(i, x, y) {
    const { width, height } = this.viewer.size;
    this.corners[i] = [Math.max(-width / 2, Math.min(width * 1.5, x)), Math.max(-height / 2, Math.min(height * 1.5, y))];
    this.#draw();
    this.#look(i);
    this.onchange(this.corners);
  }

  #draw() {
    if (!this.corners.length) return;
    const points = this.corners.map(([x, y]) => this.viewer.toFrame(x, y));
    this.line.setAttribute("points", points.map((p) => p.join(",")).join(" "));
    points.forEach(([x, y], i) => {
      this.handles[i].style.left = `${x}px`;
      this.handles[i].style.top = `${y}px`;
    });
  }

  /** The picture about a corner, enlarged, away from the hand. */
  #look(i) {
    const image = this.viewer.stage.querySelector("img");
    if (!image) return;
    const [x, y] = this.corners[i];
    const [left] = this.viewer.toFrame(x, y);
    const ratio = image.naturalWidth / this.viewer.size.width;
    const reach = LOUPE / ENLARGED / this.viewer.view.scale;
    const context = this.loupe.getContext("2d");
    context.fillStyle = "#d0d0d0";
    context.fillRect(0, 0, LOUPE, LOUPE);
    context.drawImage(image, (x - reach / 2) * ratio, (y - reach / 2) * ratio, reach * ratio, reach * ratio, 0, 0, LOUPE, LOUPE);
    context.strokeStyle = "#d32f00";
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(LOUPE / 2, 0); context.lineTo(LOUPE / 2, LOUPE);
    context.moveTo(0, LOUPE / 2); context.lineTo(LOUPE, LOUPE / 2);
    context.stroke();
    this.loupe.hidden = false;
    this.loupe.classList.toggle("right", left < this.viewer.frame.clientWidth / 2);
  }
}
