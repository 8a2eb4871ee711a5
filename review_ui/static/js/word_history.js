// What was typed into one input, word by word: the last word can be taken back and brought again.

/** Where the word that holds `place` begins: after the blank or comma before it. */
const wordStart = (text, place) => Math.max(text.lastIndexOf(" ", place - 1), text.lastIndexOf(",", place - 1)) + 1;

/** How many characters two texts have in common at their beginning. */
function common(one, other) {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/**
 * Texts of an input. The browser's own list of changes does not serve: it goes on over fields of the same input, so
 * that the text of a field that is saved already would come back into the next one.
 */
export class WordHistory {
  /** Begin with `text`; `before`: the text that stood there before it, to go back to. */
  open(text, before = text) {
    this.text = text;
    this.past = before === text ? [] : [before];
    this.future = [];
    this.word = null;
  }

  /** The input says `text` now. A change within one word counts with the changes of that word before it. */
  note(text) {
    if (text === this.text) return;
    const begin = text.slice(0, wordStart(text, common(this.text, text)));
    if (this.word !== begin) this.past.push(this.text);
    this.word = begin;
    this.text = text;
    this.future = [];
  }

  /** The next change counts for itself, whatever word it is in. */
  cut() {
    this.word = null;
  }

  /** Whether there is a word to take back. */
  get any() {
    return this.past.length > 0;
  }

  /** The text before the last word; null when nothing is left to take back. */
  back() {
    return this.#step(this.past, this.future);
  }

  /** The text that was taken back last; null when there is none. */
  again() {
    return this.#step(this.future, this.past);
  }

  #step(from, to) {
    if (!from.length) return null;
    to.push(this.text);
    this.text = from.pop();
    this.word = null;
    return this.text;
  }
}
