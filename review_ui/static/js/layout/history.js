// What was before and after: undo and redo of whole states. States are never changed, so keeping them costs little.

const MOST = 300;

/** Past and future states of something; `former(steps)` gives older ones that somebody else has kept, or null. */
export class History {
  constructor(state, former = async () => null) {
    this.state = state;
    this.past = [];
    this.future = [];
    this.former = former;
    this.older = 0; // states fetched from elsewhere
  }

  /** A new state; what was undone before is gone. */
  push(state) {
    if (state === this.state) return;
    this.past.push(this.state);
    if (this.past.length > MOST) this.past.shift();
    this.future = [];
    this.state = state;
  }

  /** The state before; false when there is none. */
  async undo() {
    if (!this.past.length) {
      const found = await this.former(this.older + 1);
      if (!found) return false;
      this.older += 1;
      this.past.push(found);
    }
    this.future.push(this.state);
    this.state = this.past.pop();
    return true;
  }

  /** What was undone last, again; false when nothing was. */
  redo() {
    if (!this.future.length) return false;
    this.past.push(this.state);
    this.state = this.future.pop();
    return true;
  }
}
