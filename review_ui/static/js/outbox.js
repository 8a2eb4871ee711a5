// Decisions on their way to the server: kept on this computer until it has them, sent in order, sent again.

import { ApiError, post, renewToken } from "./api.js";
import { forget, keep, keysUnder, ownKeys, ownerOf, recall, user } from "./memory.js";

const BATCH = 20;
const ROOT = "sohoa.outbox.";

/**
 * Each decision is a localStorage item of its own, so that a browser that dies loses none and two tabs do not
 * spoil each other's. A decision that was stored but whose answer got lost is sent again: the server's conflict
 * then shows our own entry, which counts as saved.
 *
 * Events: `status` (detail {state: "saved"|"sending"|"waiting"|"full"|"offline"|"log_in", count, seconds}),
 * `outcome` (detail {decision, outcome, label}), `offers` (detail: [{field, offers, preselected}] of `coming`, as they
 * are after all decisions that were sent).
 */
export class Outbox extends EventTarget {
  /** The outbox of this page, null on pages where nothing is decided. */
  static ofPage = null;

  /**
   * @param {(send: () => void) => void} soon when a decision is sent after it was stored: a page that shows the next
   *   field meanwhile sends it once that is painted
   * @param {() => number[]} coming fields whose offers a decision may change
   */
  constructor(soon = (send) => send(), coming = () => []) {
    super();
    Object.assign(this, { soon, coming });
    this.asks = true;
    this.waiting = ownKeys(ROOT).map((key) => ({ key, lasting: true, ...recall(key) })).filter((kept) => kept.decision);
    this.inFlight = [];
    this.failures = 0;
    this.timer = 0;
    this.number = 0;
    this.current = null;
    Outbox.ofPage ??= this;
    addEventListener("online", () => this.hurry());
    addEventListener("sohoa-unlocked", () => this.hurry());
  }

  /** Decisions of this user that the server does not have yet. */
  get count() {
    return this.waiting.length + this.inFlight.length;
  }

  /** Whether all of them outlive this page: false where the browser could not keep one. */
  get lasting() {
    return [...this.waiting, ...this.inFlight].every((held) => held.lasting);
  }

  /** Decisions of this user that any page of this browser has kept and not sent yet. */
  static get kept() {
    return ownKeys(ROOT).length;
  }

  /** Decisions that other users left on this computer: `{name: count}`. */
  static ofOthers() {
    const counts = {};
    for (const key of keysUnder(ROOT)) {
      const name = ownerOf(key, ROOT);
      if (name !== user) counts[name] = (counts[name] || 0) + 1;
    }
    return counts;
  }

  /** Take a decision in: from now on it cannot be lost. `label` says what it is about. */
  add(decision, label = "") {
    this.number += 1;
    const time = String(Date.now()).padStart(14, "0");
    const key = `${ROOT}${user}.${time}-${String(this.number).padStart(5, "0")}-${Math.random().toString(36).slice(2, 8)}`;
    const held = { key, decision, label, lasting: keep(key, { decision, label }) };
    this.waiting.push(held);
    this.#tell();
    this.#pumpSoon();
    return key;
  }

  /** Take back a decision that has not been sent; false when it is under way or gone. */
  takeBack(key) {
    const index = this.waiting.findIndex((held) => held.key === key);
    if (index < 0) return false;
    this.waiting.splice(index, 1);
    forget(key);
    this.#tell();
    return true;
  }

  /** Wait until all is sent, or `limit` ms have passed; true when nothing is left. */
  async flush(limit = 5000) {
    const end = Date.now() + limit;
    this.hurry();
    while (this.count && Date.now() < end) await new Promise((done) => setTimeout(done, 30));
    return !this.count;
  }

  /** Try once to send all, `limit` ms at most; true when nothing is left. A failed try is not waited for. */
  async tryAll(limit) {
    const end = Date.now() + limit;
    this.hurry();
    while (this.count && !this.timer && Date.now() < end) await new Promise((done) => setTimeout(done, 30));
    return !this.count;
  }

  /** Send now, not after the waiting time. */
  hurry() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.#pump();
  }

  /** Send when the page says so: once for all that is added until then. */
  #pumpSoon() {
    if (this.due) return;
    this.due = true;
    this.soon(() => { this.due = false; this.#pump(); });
  }

  async #pump() {
    if (this.current || this.timer) return this.#tell();
    this.current = this.#run();
    await this.current;
    this.current = null;
    if (this.waiting.length && !this.timer) this.#pump();
    return this.#tell();
  }

  async #run() {
    this.size = BATCH;
    while (this.waiting.length) {
      this.inFlight = this.#batch();
      this.#tell();
      // With the last of them only: the answer says how things stand when all are kept. What failed is sent without.
      const fields = this.asks && !this.waiting.length ? this.coming() : [];
      try {
        const decisions = this.inFlight.map((held) => held.decision);
        const answer = await post("/api/decide", { decisions, ...(fields.length && { offers_for: fields }) }, { waits: false });
        this.#answered(this.inFlight, answer.outcomes || answer);
        this.failures = 0;
        this.asks = true;
        if (answer.offers?.length) this.dispatchEvent(new CustomEvent("offers", { detail: answer.offers }));
      } catch (error) {
        const batch = this.inFlight;
        this.inFlight = [];
        this.waiting.unshift(...batch);
        this.asks = false;
        if (!(await this.#goesOn(error, batch, fields.length > 0))) return;
      }
    }
  }

  /** The next decisions, never two about the same field: the second needs the first one's entry. */
  #batch() {
    const fields = new Set();
    const batch = [];
    while (this.waiting.length && batch.length < this.size && !fields.has(this.waiting[0].decision.field)) {
      fields.add(this.waiting[0].decision.field);
      batch.push(this.waiting.shift());
    }
    return batch;
  }

  #answered(batch, outcomes) {
    this.inFlight = [];
    batch.forEach((held, i) => {
      const outcome = outcomes[i];
      if (!outcome) {
        this.waiting.unshift(held);
        return;
      }
      const own = outcome.conflict && outcome.conflict.user === user && outcome.conflict.value === outcome.value;
      if (own) Object.assign(outcome, { ok: true, entry: outcome.conflict.entry ?? null, conflict: null });
      forget(held.key);
      if (outcome.ok) this.#rebase(held.decision.field, outcome.entry);
      this.dispatchEvent(new CustomEvent("outcome", { detail: { ...held, outcome } }));
    });
  }

  /** Later decisions about a field answer the entry that has just been made. */
  #rebase(field, entry) {
    for (const held of this.waiting) {
      if (held.decision.field !== field || held.decision.base === entry) continue;
      held.decision.base = entry;
      keep(held.key, { decision: held.decision, label: held.label });
    }
  }

  /** After a failure: true when sending may go on at once, false when it waits for the timer. `asked`: for offers, too. */
  async #goesOn(error, batch, asked) {
    const status = error instanceof ApiError ? error.status : 0;
    const session = status === 403 ? await renewToken() : "";
    if (session === "renewed") return true;
    const refused = status >= 400 && status < 500 && ![401, 408, 429].includes(status) && session !== "other";
    if (refused) {
      if (batch.length > 1) this.size = 1; // one by one: a bad decision holds up no other
      else if (!asked) this.#drop(error);
      return true;
    }
    this.failures += 1;
    const known = { 0: "offline", 401: "log_in", 507: "full" };
    this.problem = session === "other" ? "log_in" : known[status] || "waiting";
    this.seconds = error.wait || Math.min(15, 2 ** Math.min(this.failures - 1, 4));
    this.timer = setTimeout(() => this.hurry(), this.seconds * 1000);
    return false;
  }

  /** The server will never take the first decision: whoever made it is told, with what was typed. */
  #drop(error) {
    const held = this.waiting.shift();
    forget(held.key);
    const outcome = { field: held.decision.field, ok: false, entry: null, conflict: null, message: error.told };
    this.dispatchEvent(new CustomEvent("outcome", { detail: { ...held, outcome } }));
  }

  #tell() {
    const state = !this.count ? "saved" : this.timer ? this.problem : "sending";
    this.dispatchEvent(new CustomEvent("status", { detail: { state, count: this.count, seconds: this.seconds || 0 } }));
  }
}
