// The next fields to look at, leased from the queue and with their pictures ready before they are needed.

import { post } from "./api.js";
import { whenIdle } from "./dom.js";
import { ahead } from "./pictures.js";

const LOW = 8;
const COUNT = 12;
const MOST = 60;
const RENEW_MS = 150e3;
const IDLE_MS = 4000;
/** Items whose offers are asked for after a decision, as many as the server gathers at once. */
const COMING = 8;
/** Values that a number can pick. */
const MOST_PICKS = 9;

/** A stream of items of one filter and order; `skip` puts one away for later. */
export class Supply {
  /**
   * @param {object} filter book, type, kind, rule, lane
   * @param {"field"|"record"} order
   * @param {(field: number) => boolean} decided whether a field's decision is still on its way
   */
  constructor(filter, order, decided) {
    this.filter = filter;
    this.order = order;
    this.decided = decided;
    this.ready = [];
    this.skipped = [];
    this.current = null;
    this.filling = null;
    this.done = new Set();
    this.renewing = setInterval(() => this.#renew(), RENEW_MS);
    addEventListener("pagehide", () => this.release());
    addEventListener("sohoa-unlocked", () => this.#takeAnew());
  }

  /** The next item, or null when the queue has nothing for this user now. */
  async next() {
    this.current = null;
    if (!this.ready.length) await this.#fill();
    this.current = this.ready.shift() || null;
    whenIdle(() => {
      if (this.ready.length < LOW) this.#fill().catch(() => {});
      this.#ahead();
    });
    return this.current;
  }

  /** The item is decided: it is not handed out again although the server may not know yet. */
  finish(item) {
    this.done.add(item.field);
    if (this.current?.field === item.field) this.current = null;
  }

  /** Items like one that is answered for its whole book wait for the server's word, unseen. */
  withhold({ book, code, value }, said) {
    const like = (item) => item.book === book && item.code === code && item.lane === "doubt"
      && ((item.value && item.value === value) || item.preselected === said);
    const held = this.ready.filter(like);
    this.ready = this.ready.filter((item) => !like(item));
    return held;
  }

  /** Of those withheld the fields `answered` are done, the others come again. */
  restore(held, answered) {
    for (const field of answered) this.done.add(field);
    this.ready = this.ready.filter((item) => !this.done.has(item.field));
    this.ready.unshift(...held.filter((item) => !this.done.has(item.field)));
  }

  /** Put the current item away until the others are done. */
  skip(item) {
    this.skipped.push(item);
    this.current = null;
  }

  /** Those put away come again. */
  showSkipped() {
    this.ready.push(...this.skipped.splice(0));
  }

  /** Put an item in front, e.g. one whose decision was taken back. */
  putBack(item) {
    this.done.delete(item.field);
    this.ready = [item, ...this.ready.filter((other) => other.field !== item.field)];
  }

  /** An edit of a record may have settled or raised doubts about its other fields. */
  recheck(record, states) {
    for (const item of this.ready) {
      if (item.record === record && states[item.code]) item.doubts = states[item.code].doubts;
    }
    const settled = (item) => item.record === record && item.lane === "doubt" && (states[item.code]?.state ?? "in_review") !== "in_review";
    this.ready = this.ready.filter((item) => !settled(item));
  }

  /** The fields that come next, the one on the screen first: a decision may change what they are offered. */
  get coming() {
    const items = [...this.#own()].filter((item) => !item.blind);
    return items.slice(0, COMING).map((item) => item.field);
  }

  /**
   * Offers as a decision left them replace those of the items that wait.
   *
   * @param {{field: number, offers: object[], preselected: string|null}[]} fresh
   * @param {object|null} seen an item that somebody has before his eyes: what is under Enter stays there, each value keeps
   *   its number, and new values come behind
   */
  renewOffers(fresh, seen = null) {
    const known = new Map(fresh.map((one) => [one.field, one]));
    for (const item of this.#own()) {
      const own = known.get(item.field);
      if (!own) continue;
      if (item !== seen) Object.assign(item, { offers: own.offers, preselected: own.preselected });
      else item.offers = withNew(item.offers || [], own.offers);
    }
  }

  /** Give the leases back, for others to work on. */
  release() {
    clearInterval(this.renewing);
    const fields = this.#held();
    this.ready = [];
    this.skipped = [];
    if (fields.length) post("/api/queue/release", { fields }, { keepalive: true, waits: false }).catch(() => {});
  }

  /** The items of this person here, each once: one that was set aside for a past one waits again. */
  #own() {
    return new Set([this.current, ...this.ready, ...this.skipped].filter(Boolean));
  }

  #held() {
    return [...this.#own()].map((item) => item.field).filter((field) => !this.decided(field));
  }

  #fill() {
    const late = Date.now() < (this.emptyUntil || 0) && this.ready.length;
    this.filling ??= (late ? Promise.resolve() : this.#take()).finally(() => { this.filling = null; });
    return this.filling;
  }

  async #take() {
    const count = Math.min(MOST, this.#held().length + COUNT);
    const asked = performance.now();
    const answer = await post("/api/queue/take", { filter: this.filter, order: this.order, count });
    const known = new Set([...this.#held(), ...this.done]);
    const fresh = (answer.items || answer).filter((item) => !known.has(item.field) && !this.decided(item.field));
    for (const item of fresh) item.taken = asked;
    this.ready.push(...fresh);
    if (!fresh.length) this.emptyUntil = Date.now() + IDLE_MS;
    this.#ahead();
  }

  #ahead() {
    const items = this.ready.slice(0, LOW);
    // Crops first: without its crop a field cannot be decided, without its surroundings it nearly always can.
    ahead([...items.map((item) => item.crop), ...items.map((item) => item.context)]);
  }

  #renew() {
    const fields = this.#held();
    if (fields.length) post("/api/queue/renew", { fields }, { waits: false }).catch(() => {});
  }

  /** While the page was locked, others may have got what waited in it. */
  #takeAnew() {
    this.ready = [];
    this.#renew();
    this.#fill().catch(() => {});
  }
}

/** The offers with those that are new behind them. */
function withNew(offers, fresh) {
  const shown = new Set(offers.map((one) => one.value));
  return [...offers, ...fresh.filter((one) => !shown.has(one.value))].slice(0, Math.max(MOST_PICKS, offers.length));
}
