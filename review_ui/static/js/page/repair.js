// Reading a page again: choose the form, put four corners, see the straightened page under the form's print.

import { post } from "../api.js";
import { fill, find, h, tell } from "../dom.js";
import { toast } from "../toast.js";
import { said, t } from "../words.js";
import { cost, effectOf } from "./cutting.js";
import { Corners } from "./corners.js";
import { likeliest } from "./forms.js";
import { convex, straighten } from "./homography.js";

const PREVIEW = 310; // pixels, the longer side
const PRINT = [11, 79, 220]; // colour of the form's print over the page

/** The repair panel of the page screen. */
export class Repair {
  /** @param {(page: object|null) => void} onread shows the page once it has been read again */
  constructor(viewer, address, onread) {
    this.viewer = viewer;
    this.address = address;
    this.onread = onread;
    this.layout = null;
    this.planned = null; // a cut of a page that was read, looked at and not agreed to
    this.corners = new Corners(viewer, () => this.#preview());
    this.canvas = find("#preview");
    find("#turn").addEventListener("click", () => this.corners.turn());
    find("#reset").addEventListener("click", () => this.#reset());
    find("#reread").addEventListener("click", () => this.#read(false));
    find("#trust").addEventListener("click", () => this.#read(true));
    find("#recut-agree").addEventListener("click", () => this.planned && this.#send(this.planned));
    addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.target.closest("a, select, input:not([type=radio]), button:not(.corner)") && !find("#repair").hidden) {
        event.preventDefault();
        this.#read(false);
      }
    });
  }

  /** Begin with a page and the forms it may be. */
  open(page, layouts) {
    this.layouts = layouts;
    this.wasRead = page.kind === "record";
    tell(find("#answer"), "", "");
    const chosen = likeliest(page.likely, layouts);
    fill(find("#layouts"), layouts.map((one) => h("label", { class: "layout" },
      h("input", { type: "radio", name: "layout", value: one.id, checked: one === chosen, onchange: () => this.#choose(one) }),
      h("span", {}, h("b", {}, one.id), " ", said(one.title)))));
    this.#source();
    const last = (page.decisions || []).find((one) => one.kind === "reread")?.details?.corners;
    this.layout = null;
    if (chosen) this.#choose(chosen);
    if (last) this.corners.set(last);
    else this.#reset();
  }

  #choose(layout) {
    this.layout = layout;
    const { width, height } = layout.page;
    const scale = PREVIEW / Math.max(width, height);
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.#print(layout);
    if (this.corners.corners.length) this.#preview();
  }

  /** The form's print, in blue and see-through, over the preview. */
  async #print(layout) {
    const over = find("#outline");
    Object.assign(over, { width: this.canvas.width, height: this.canvas.height }); // empties it
    if (!layout.outline) return;
    const answer = await fetch(layout.outline).catch(() => null);
    if (!answer?.ok || this.layout !== layout) return;
    const form = await createImageBitmap(await answer.blob(), { resizeWidth: over.width * 2, resizeHeight: over.height * 2, resizeQuality: "high" });
    Object.assign(over, { width: form.width, height: form.height });
    const context = over.getContext("2d", { willReadFrequently: true });
    context.drawImage(form, 0, 0);
    const pixels = context.getImageData(0, 0, over.width, over.height);
    for (let at = 0; at < pixels.data.length; at += 4) {
      const ink = 255 - pixels.data[at + 1];
      pixels.data.set([...PRINT, Math.min(255, ink * 1.4)], at);
    }
    context.putImageData(pixels, 0, 0);
  }

  /** Pixels of the scan, small enough to be straightened while a corner is dragged. */
  #source() {
    const image = this.viewer.stage.querySelector("img");
    if (!image) return;
    this.ratio = Math.min(1, 1100 / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = new OffscreenCanvas(Math.round(image.naturalWidth * this.ratio), Math.round(image.naturalHeight * this.ratio));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    this.pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    this.ratio = canvas.width / this.viewer.size.width;
  }

  #reset() {
    const { width, height } = this.viewer.size;
    const inset = Math.round(Math.min(width, height) * 0.02);
    this.corners.set([[inset, inset], [width - inset, inset], [width - inset, height - inset], [inset, height - inset]]);
  }

  #preview() {
    this.#plan(null);
    const fits = convex(this.corners.corners);
    find("#reread").disabled = !fits || !this.layout;
    find("#preview-hint").textContent = t(!this.layout ? "page.layout_first" : fits ? "page.preview_hint" : "page.not_convex");
    if (!fits || !this.pixels || this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      const context = this.canvas.getContext("2d");
      const quad = this.corners.corners.map(([x, y]) => [x * this.ratio, y * this.ratio]);
      context.putImageData(straighten(this.pixels, quad, context.createImageData(this.canvas.width, this.canvas.height)), 0, 0);
    });
  }

  async #read(trust) {
    const button = find("#reread");
    if (button.disabled || !this.layout) return;
    button.disabled = true;
    find("#trust").hidden = true;
    this.#plan(null);
    const corners = this.corners.corners.map(([x, y]) => [Math.round(x), Math.round(y)]);
    const cut = { layout: this.layout.id, corners, trust };
    if (this.wasRead) await this.#look(cut);
    else await this.#send(cut);
    button.disabled = false;
  }

  /** What another cut would do with what people decided; it is done when the person agrees. */
  async #look(cut) {
    tell(find("#answer"), t("page.recut_looking"), "");
    try {
      const answer = await post(`${this.address}/cut-preview`, cut, { timeout: 180000 });
      if (answer.kind !== "record") return this.#refused(answer, cut.trust);
      tell(find("#answer"), `${t("page.recut_read", { count: answer.records })} ${effectOf(answer, t)}`, cost(answer) ? "warn" : "ok");
      this.#plan({ ...cut, accepted: cost(answer) });
      find("#recut-agree").focus();
    } catch (error) {
      tell(find("#answer"), error.told || String(error), "error");
    }
  }

  async #send(cut) {
    this.#plan(null);
    tell(find("#answer"), t("page.rereading"), "");
    try {
      const answer = await post(`${this.address}/reread`, cut, { timeout: 180000 });
      if (answer.kind !== "record") return this.#refused(answer, cut.trust);
      toast(t("page.reread_done", { count: answer.records }), "ok");
      await this.onread(null);
    } catch (error) {
      tell(find("#answer"), error.told || String(error), "error");
    }
  }

  #refused(answer, trust) {
    tell(find("#answer"), `${said(answer.cause)} ${said(answer.remedy)}`, "error");
    find("#trust").hidden = trust;
  }

  #plan(cut) {
    this.planned = cut;
    find("#recut-agree").hidden = !cut;
  }
}
