// The two pictures of the field screen: the field itself, large, and where it stands on the row or page.

import { h } from "../dom.js";
import { load } from "../pictures.js";
import { Viewer } from "../viewer.js";
import { t } from "../words.js";

/** Crop and context of an item. */
export class Pictures {
  /** `sight` is told when the crop stands on the screen, or cannot be had. */
  constructor(cropFrame, contextFrame, order, sight) {
    this.sight = sight;
    this.frame = cropFrame;
    this.crop = new Viewer(cropFrame);
    this.context = new Viewer(contextFrame);
    this.byPage = order === "record";
    this.page = false;
    this.item = null;
  }

  /** Show an item's pictures; resolves when the crop is there (or cannot be had). */
  async show(item) {
    this.item = item;
    this.page = false;
    this.sight.begin();
    document.body.classList.remove("whole-page");
    const crop = load(item.crop).then(
      (image) => this.item === item && this.#crop(image, item),
      () => this.item === item && this.#failed(item));
    this.#surroundings(item);
    await crop;
  }

  /** Between the row and the whole page. */
  togglePage(item) {
    this.page = !this.page;
    document.body.classList.toggle("whole-page", this.page);
    if (this.page) this.#whole(item);
    else this.#surroundings(item);
  }

  /** Zoom and pan: the page or row while the whole page is shown, else the crop. */
  obey(action) {
    if (action === "fit" && !this.page) return this.#nearer();
    return (this.page ? this.context : this.crop).obey(action);
  }

  #crop(image, item) {
    const size = sizeOf(item.crop, image);
    const slope = size.height / size.width;
    this.frame.dataset.shape = slope > 1.2 ? "column" : slope > 0.6 ? "tall" : size.height * 6 > size.width ? "two-lines" : "line";
    this.crop.show(image, size);
    this.wide = false;
    this.crop.fit(2.5); // the whole box first: what is not on the screen cannot be confirmed
    this.sight.shown();
  }

  /** The whole crop is shown; once more, and its writing is as wide as the frame. */
  #nearer() {
    this.wide = !this.wide;
    if (this.wide) this.crop.fitWidth(2.5);
    else this.crop.fit(2.5);
    return true;
  }

  #failed(item) {
    this.sight.failedIn(this.crop, [h("button", { onclick: () => this.show(item) }, t("action.retry"))]);
  }

  #surroundings(item) {
    if (this.byPage || !item.context) return this.#near(item);
    return load(item.context).then((image) => {
      if (this.item !== item || this.page) return;
      this.context.show(image, sizeOf(item.context, image), item.crop_box || null);
      this.context.fitWidth(1.6);
    }, () => {});
  }

  /** The page about the field: in a record the page stays and the box moves. */
  #near(item) {
    return this.#pagePicture(item, (image, size) => {
      this.context.show(image, size, item.box);
      this.context.near(item.box, 1.5, 0.9);
    });
  }

  #whole(item) {
    return this.#pagePicture(item, (image, size) => {
      this.context.show(image, size, item.box);
      this.context.fit(2);
    });
  }

  async #pagePicture(item, use) {
    const { page_picture: picture } = item;
    if (!picture) return;
    const still = this.page;
    try {
      const image = await load(picture);
      if (this.item === item && this.page === still) use(image, sizeOf(picture, image));
    } catch { /* the crop is enough to decide */ }
  }
}

function sizeOf(picture, image) {
  return { width: picture.width || image.naturalWidth, height: picture.height || image.naturalHeight };
}
