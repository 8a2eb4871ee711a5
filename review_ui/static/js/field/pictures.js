// The two pictures of the field screen: the field itself, large, and where it stands on the row or page.

import { fill, h } from "../dom.js";
import { ahead, load } from "../pictures.js";
import { Viewer } from "../viewer.js";
import { t } from "../words.js";

/** Crop and context of an item. */
export class Pictures {
  constructor(cropFrame, contextFrame, order) {
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
    return (this.page ? this.context : this.crop).obey(action);
  }

  #crop(image, item) {
    const size = sizeOf(item.crop, image);
    const tall = size.height > size.width * 0.6;
    this.frame.dataset.shape = tall ? "tall" : size.height * 6 > size.width ? "two-lines" : "line";
    this.crop.show(image, size);
    if (tall) this.crop.fitWidth(2.5);
    else this.crop.fit(2.5);
  }

  #failed(item) {
    this.crop.say(t("field.picture_failed"));
    fill(this.crop.stage, h("button", { onclick: () => this.show(item) }, t("action.retry")));
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

  /** Load the page picture while the reviewer looks at the crop. */
  static ahead(item) {
    ahead(item.page_picture);
  }
}

function sizeOf(picture, image) {
  return { width: picture.width || image.naturalWidth, height: picture.height || image.naturalHeight };
}
