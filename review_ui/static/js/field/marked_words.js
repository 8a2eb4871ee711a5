// The words in doubt of the field on the screen, outlined on its picture.

import { get } from "../api.js";

const boxesOf = (words) => words.flatMap((word) => word.boxes);

/** The first question comes after the picture was painted; the page may have to be looked at for some seconds. */
export const ASK_AFTER_MS = [250, 1000, 2000, 4000, 8000];

/**
 * Asks where the words of a field stand and has those in doubt outlined.
 *
 * Nothing waits for it: a field that is left before the answer has no outlines.
 */
export class MarkedWords {
  /**
   * @param {{outline: (boxes: number[][], current: number[][]) => void}} viewer of the field's picture
   * @param {(url: string) => Promise<{words: object[]|null}>} ask
   * @param {(ms: number) => Promise<void>} pause
   */
  constructor(viewer, ask = get, pause = (ms) => new Promise((done) => { setTimeout(done, ms); })) {
    Object.assign(this, { viewer, ask, pause });
    this.round = 0;
    this.words = [];
    this.current = null;
  }

  /** Another field: no outline is left of the one before. */
  clear() {
    this.round += 1;
    this.words = [];
    this.current = null;
    this.viewer.outline([], []);
  }

  /**
   * The picture of a field is there; `doubtful`: [start, end] of its words in doubt, in characters of its value. What was
   * asked before is not waited for any more.
   */
  async show(field, doubtful) {
    this.round += 1;
    const { round } = this;
    if (!doubtful.length) return;
    for (const wait of ASK_AFTER_MS) {
      await this.pause(wait);
      if (round !== this.round) return;
      const answer = await this.ask(`/api/fields/${field}/words`).catch(() => ({ words: [] }));
      if (round !== this.round) return;
      if (!answer.words) continue;
      this.words = answer.words.filter((word) => doubtful.some(([start, end]) => start === word.start && end === word.end));
      this.#outline();
      return;
    }
  }

  /** The word in doubt that is selected in the input, [start, end]. */
  select(span) {
    this.current = span;
    this.#outline();
  }

  #outline() {
    const isCurrent = ({ start, end }) => this.current?.[0] === start && this.current[1] === end;
    this.viewer.outline(boxesOf(this.words.filter((word) => !isCurrent(word))), boxesOf(this.words.filter(isCurrent)));
  }
}
