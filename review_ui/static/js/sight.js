// Whether a picture has been seen: painted on the screen, and long enough for a person to look at it.

import { h } from "./dom.js";
import { t } from "./words.js";

/** Nobody sees a field in less: a hand that answers a picture takes 200 ms and more, a held key repeats every 33 ms. */
export const LEAST_LOOK_MS = 150;

/**
 * What is known about the picture of the item on the screen.
 *
 * `state`: `loading` until it has been painted, `new` for a moment, then `seen`; `failed` when it cannot be had,
 * `acknowledged` once a person has said that it is decided without.
 */
export class Sight {
  /** @param {(state: string) => void} ontell told of each change of the state */
  constructor(ontell = () => {}) {
    this.ontell = ontell;
    this.round = 0;
    this.begin();
  }

  /** Another item: nothing of it has been seen. */
  begin() {
    this.round += 1;
    this.#tell("loading");
  }

  /** The picture has been put on the screen; it counts after the next frame and a moment. */
  shown() {
    const { round } = this;
    const later = (next) => () => { if (round === this.round) next(); };
    const look = () => { this.#tell("new"); setTimeout(later(() => this.#tell("seen")), LEAST_LOOK_MS); };
    // The first frame puts the picture in, the second begins after it has been painted.
    requestAnimationFrame(later(() => requestAnimationFrame(later(look))));
  }

  /** Another value stands beside the picture: both are looked at from now on. */
  renewed() {
    if (this.state !== "new") return; // while it loads, the look has not begun
    this.round += 1;
    this.shown();
  }

  /** There is no picture to be had. */
  failed() {
    this.#tell("failed");
  }

  /** A person decides without the picture. */
  acknowledge() {
    if (this.state === "failed") this.#tell("acknowledged");
  }

  /** There is no picture: the viewer says so, with other `buttons` and the one that goes on without; then `after`. */
  failedIn(viewer, buttons = [], after = () => {}) {
    this.failed();
    const goOn = () => { this.acknowledge(); viewer.say(t("field.without_picture")); after(); };
    viewer.say(t("field.picture_failed"), ...buttons, h("button", { dataset: { action: "without-picture" }, onclick: goOn }, t("action.without_picture")));
  }

  /** Why nothing may be decided now; "" when it may. */
  get missing() {
    if (this.enough) return "";
    return t(this.state === "failed" ? "field.no_picture" : "field.not_seen");
  }

  /** Whether nobody has had the time to look at it: what is offered may still change. */
  get unseen() {
    return this.state === "loading" || this.state === "new";
  }

  /** Whether a decision may be made now. */
  get enough() {
    return this.state === "seen" || this.state === "acknowledged";
  }

  #tell(state) {
    this.state = state;
    this.ontell(state);
  }
}
