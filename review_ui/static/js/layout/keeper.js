// Keeps a sketch on the server after every change, and beside it in the browser until the server has it.

import { put } from "../api.js";

const TRY_AGAIN_MS = 4000;

/** Sends the newest content, one request at a time; `tell(state, error)` after each step: saving, saved, waiting or refused. */
export class Keeper {
  constructor(id, revision, tell) {
    this.address = `/api/sketches/${id}`;
    this.name = `sketch:${document.body.dataset.user}:${id}`;
    this.revision = revision;
    this.tell = tell;
    this.next = null;
    this.busy = false;
  }

  /** What a browser that died had not sent yet, if the server has not gone on since; null otherwise. */
  left() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name));
      return kept && kept.revision === this.revision ? kept.content : null;
    } catch {
      return null;
    }
  }

  /** Keep this content. */
  keep(content) {
    this.next = content;
    this.#beside();
    this.#send();
  }

  /** Whether the server has everything. */
  get settled() {
    return !this.busy && !this.next;
  }

  /** Resolves when the server has everything, or refuses it. */
  async settle() {
    while (!this.settled && !this.stopped) await new Promise((done) => setTimeout(done, 50));
  }

  async #send() {
    if (this.busy || !this.next || this.stopped) return;
    this.busy = true;
    const content = this.next;
    this.next = null;
    this.tell("saving");
    try {
      const kept = await put(this.address, { revision: this.revision, content });
      this.revision = kept.revision;
      this.busy = false;
      if (this.next) {
        this.#beside();
        this.#send();
      } else {
        localStorage.removeItem(this.name);
        this.tell("saved");
      }
    } catch (error) {
      this.busy = false;
      this.next ??= content;
      if (error.passing) {
        this.tell("waiting", error);
        setTimeout(() => this.#send(), TRY_AGAIN_MS);
      } else {
        this.stopped = true;
        this.tell("refused", error);
      }
    }
  }

  #beside() {
    try {
      localStorage.setItem(this.name, JSON.stringify({ revision: this.revision, content: this.next }));
    } catch {
      // no room: the server has it in a moment
    }
  }
}
