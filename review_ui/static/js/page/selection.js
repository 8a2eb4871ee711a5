// Which of many things are chosen: one after the other, or all from the last one on.

export class Selection {
  #chosen = new Set();
  #last = null;

  /** @param {() => number[]} shown ids of the things on the screen, in their order */
  constructor(shown) {
    this.shown = shown;
  }

  /** Ids of those chosen, in the order they have on the screen; what is not shown does not count. */
  get ids() {
    return this.shown().filter((id) => this.#chosen.has(id));
  }

  /** Choose one or leave it out; `reach`: all between the last one and it become like it. */
  toggle(id, reach = false) {
    const ids = this.shown();
    const wanted = !this.#chosen.has(id);
    const from = reach && this.#last !== null ? ids.indexOf(this.#last) : -1;
    const to = ids.indexOf(id);
    const range = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const one of range) {
      if (wanted) this.#chosen.add(one);
      else this.#chosen.delete(one);
    }
    this.#last = id;
  }

  all() {
    this.#chosen = new Set(this.shown());
  }

  none() {
    this.#chosen.clear();
    this.#last = null;
  }
}
