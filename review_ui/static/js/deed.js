// A deed: what is decided of several fields at once, kept in the outbox and taken back as one.

import { post } from "./api.js";

let number = 0;

/** A name for a deed that no other browser gives (letters, digits and dashes; 40 at most). */
export function deedName() {
  number += 1;
  const chance = crypto.getRandomValues(new Uint32Array(2));
  return [Date.now(), number, ...chance].map((part) => part.toString(36)).join("-");
}

/** The deeds of a screen, newest last. */
export class Deeds {
  /** @param {import("./outbox.js").Outbox} outbox */
  constructor(outbox) {
    this.outbox = outbox;
    this.done = [];
    outbox.addEventListener("outcome", ({ detail: { key, outcome } }) => {
      const deed = this.done.find((one) => one.keys.includes(key));
      if (deed && outcome.ok) deed.kept += 1;
    });
  }

  /** Decide several fields at once: `[{item, decision, label}]`. */
  add(decided) {
    const deed = deedName();
    const keys = decided.map(({ decision, label }) => this.outbox.add({ ...decision, deed }, label));
    this.done.push({ keys, items: decided.map(({ item }) => item), kept: 0 });
    if (this.done.length > 50) this.done.shift();
  }

  /**
   * Take back the last deed: what was not sent from the outbox, the rest from the server.
   *
   * @returns {Promise<object[]|null>} the items as they stand now; null when the server could not be asked
   */
  async takeBack() {
    const last = this.done.pop() || { keys: [], items: [], kept: 0 };
    const own = last.items.filter((_, i) => this.outbox.takeBack(last.keys[i]));
    if (last.keys.length && own.length === last.keys.length) return own;
    if (!(await this.outbox.flush(3000))) return null;
    if (last.keys.length && !last.kept) return own; // nothing of it was kept: what is on the server is another deed
    const { items } = await post("/api/undo");
    return [...own, ...items];
  }
}
