// How much is done today and how much is left, moving with every decision and not with the next look at the server.

/** Counts of one filter: those of the server, and what has happened here since it was asked. */
export class Tally {
  /** @param {object} filter lane, kind, book, rule */
  constructor(filter) {
    this.filter = filter;
    this.total = null;
    this.done = 0;
    this.open = new Set(); // decisions that the server has not answered
  }

  /** The server's counts. */
  refreshed({ total, done_today: done = 0 }) {
    this.total = total;
    this.done = done;
  }

  /** A decision is on its way. */
  decided(key) {
    this.open.add(key);
  }

  /** It was taken back before it was sent, or refused. */
  dropped(key) {
    this.open.delete(key);
  }

  /** The server has kept it; `changed` are the fields that stand otherwise now. */
  kept(key, { field, changed }) {
    this.open.delete(key);
    this.done += 1;
    if (this.total === null) return;
    for (const one of changed || []) this.total += this.#counts(one, one.lane, field) - this.#counts(one, one.lane_before, field);
  }

  /** The server has taken `count` decisions back; `waits`: their fields wait in this queue again. */
  undone(count, waits) {
    this.done = Math.max(0, this.done - count);
    if (this.total !== null && waits) this.total += count;
  }

  /** Decisions of today, those on their way included. */
  get today() {
    return this.done + this.open.size;
  }

  /** Fields that wait, without those just decided; null when nobody knows yet. */
  get left() {
    return this.total === null ? null : Math.max(0, this.total - this.open.size);
  }

  /** 1 where a field of this queue is counted by the filter, else 0; which rules doubt others is not known here. */
  #counts(one, lane, decided) {
    const { kind, book, rule } = this.filter;
    const fits = lane === this.filter.lane && (!kind || kind === one.kind) && (!book || book === one.book);
    return fits && (!rule || one.field === decided) ? 1 : 0;
  }
}
