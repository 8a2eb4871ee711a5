// One field after the other: shows an item, turns keys into decisions, moves on at once.

import { ApiError, get, post } from "../api.js";
import { fill, find, h, whenIdle } from "../dom.js";
import { dropDraft, keepDraft } from "../drafts.js";
import { Editor } from "../editor.js";
import { toggleHelp } from "../help.js";
import { actionOf, heldDown, typesLetter } from "../keys.js";
import { recall, keep } from "../memory.js";
import { Sight } from "../sight.js";
import { toast } from "../toast.js";
import { columnName, moment, said, t } from "../words.js";
import { Conflicts } from "./conflicts.js";
import { KnownFields } from "./known.js";
import { ELSEWHERE, Lookback } from "./lookback.js";
import { MarkedWords } from "./marked_words.js";
import { Panels } from "./panels.js";
import { Pictures } from "./pictures.js";
import { Tally } from "./tally.js";

const QUICK = "sohoa.quick_pick";

/** The field screen. `supply` gives items, `outbox` takes decisions. */
export class FieldScreen {
  constructor({ supply, outbox, filter, order }) {
    Object.assign(this, { supply, outbox, filter, order });
    this.root = find("#screen");
    this.editor = new Editor(find("#value"), find("#suggestions"));
    this.sight = new Sight((state) => { this.root.dataset.sight = state; });
    this.pictures = new Pictures(find("#crop"), find("#context"), order, this.sight);
    this.marked = new MarkedWords(this.pictures.crop);
    this.panels = new Panels((action) => this.act(action), (index) => this.pick(index));
    this.conflicts = new Conflicts(find("#conflicts"), outbox, () => this.editor.item && this.editor.focus());
    this.history = [];
    this.withheld = new Map(); // items like one that was answered for its whole book, by its field
    this.known = new KnownFields();
    this.tally = new Tally(filter);
    this.lookback = new Lookback(outbox, this.history, (past) => this.revisit(past), () => this.editor.item && this.editor.focus());
    this.item = null;
    this.moving = false;
    outbox.addEventListener("outcome", (event) => this.#outcome(event.detail));
    outbox.addEventListener("offers", (event) => this.#offered(event.detail));
    this.editor.addEventListener("doubt", (event) => this.marked.select(event.detail));
    this.editor.addEventListener("change", () => this.#typed());
    this.editor.addEventListener("checked", (event) => this.panels.checked(event.detail, this.item, this.editor.untouched));
    document.addEventListener("keydown", (event) => this.#key(event));
    let hidden = 0;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) hidden = performance.now();
      else if (hidden) this.shown += performance.now() - hidden;
    });
    addEventListener("sohoa-locked", () => { hidden = performance.now(); });
    addEventListener("sohoa-unlocked", () => { this.shown += performance.now() - hidden; });
    find("#help-button").addEventListener("click", () => this.act("help"));
  }

  /** Show the next item. `pressed`: time of the key that asked for it, for the measurement. */
  async advance(pressed = 0) {
    this.moving = true;
    let item = null;
    try {
      const asked = this.supply.next();
      if (!this.supply.current) this.#idle(t("field.loading"));
      item = await asked;
    } catch (error) {
      this.#stuck(error);
      return;
    } finally {
      this.moving = false;
    }
    if (item) await this.show(item, pressed);
    else this.#nothing();
  }

  /** Show an item. */
  async show(item, pressed = 0) {
    this.item = item;
    this.shown = performance.now();
    this.keys = 0;
    this.marked.clear();
    // First of all: a value put into the input that has the focus makes the browser lay out all that has changed until then.
    this.editor.open(item);
    this.root.dataset.state = "item";
    this.#turn();
    Object.assign(this.root.dataset, {
      field: item.field, lane: item.lane, code: item.code, record: item.record, page: item.page_name, position: item.position,
    });
    find("#idle").hidden = true;
    this.panels.show(item);
    this.panels.becomes(this.editor, item);
    this.#beside();
    this.panels.hint(item.past || (this.editor.restored ? t("field.draft_back") : ""));
    await this.pictures.show(item);
    if (this.item === item) this.marked.show(item.field, this.editor.doubtful);
    if (pressed && this.item === item) requestAnimationFrame(() => setTimeout(() => {
      performance.measure("field:next", { start: pressed, end: performance.now() });
    }));
  }

  /** The counters and the record beside the field: nobody decides by them, so they come when no key is being answered. */
  #beside() {
    if (this.besides) return;
    this.besides = true;
    whenIdle(() => {
      this.besides = false;
      this.panels.progress(this.tally);
      if (this.item) this.panels.siblings(this.known.siblings(this.item));
    });
  }

  /** Do what a key or button says. */
  act(action, pressed = performance.now()) {
    if (action === "help") return toggleHelp(this.#quickPickBox());
    if (action === "page") return this.item && this.pictures.togglePage(this.item);
    if (action === "undo") return this.undo();
    if (action === "find") return find("#find-text").focus();
    if (action === "past") return this.lookback.toggle();
    if (action === "everywhere") return this.#everywhere();
    if (!this.item || this.moving) return undefined;
    if (action === "confirm") return this.#seen() && this.#enter(pressed);
    if (action === "blank" || action === "unreadable") return this.#seen() && this.#without(action, pressed);
    if (action === "ask") return this.panels.askNote((note) => this.decide({ action: "ask", value: this.editor.value, as_written: "", note }, performance.now()), () => this.editor.focus());
    if (action === "skip") return this.#skip(pressed);
    if (action === "restore") return this.item.past && this.editor.untouched ? this.#leave(pressed) : this.editor.restore();
    return this.pictures.obey(action);
  }

  /** Choose a reading, a code or a keyed value by its number; false when there is none. */
  pick(number, pressed = performance.now()) {
    const choice = this.panels.choices.find((one) => one.key === String(number));
    if (!choice || !this.item || this.moving) return false;
    // Who has typed something gets the reading into the input first: it is not saved in its place.
    const saves = this.quickPick && this.editor.untouched;
    if (saves && !this.#seen()) return true;
    this.editor.write(choice.value, choice.as_written);
    this.panels.becomes(this.editor, this.item);
    if (saves) {
      const decision = { action: choice.value === this.item.value && !this.item.keyed?.length ? "confirm" : "correct", value: choice.value, as_written: choice.as_written };
      this.decide(choice.value ? decision : { action: "blank", value: "", as_written: "" }, pressed);
    }
    return true;
  }

  /** Whether picking a number saves at once. */
  get quickPick() {
    return recall(QUICK) !== false;
  }

  /** Put a decision into the outbox and move on without waiting for the server. */
  decide(decision, pressed) {
    const item = this.item;
    const full = {
      field: item.field, note: "", ...decision, base: item.base ?? null, lane: item.past ? null : item.lane || "doubt",
      seconds: this.#seconds(), keys: this.keys,
    };
    const forAll = this.panels.forAll && full.value && ["confirm", "correct"].includes(full.action);
    if (forAll) full.alike = true;
    const key = this.outbox.add(full, columnName(item.code));
    if (forAll) this.withheld.set(item.field, this.supply.withhold(item, full.value));
    this.history.push({ key, item, decision: full, shown: decision.action === "correct" ? this.editor.value : null });
    if (this.history.length > 50) this.history.shift();
    this.supply.finish(item);
    dropDraft(item.field);
    this.known.decided(item, full);
    this.tally.decided(key);
    this.item = null;
    return this.advance(pressed);
  }

  /** Take back the last decision: from the outbox while it is there, else from the server. */
  async undo() {
    const last = this.history.at(-1) || null;
    if (last && this.outbox.takeBack(last.key)) {
      this.tally.dropped(last.key);
      this.supply.restore(this.withheld.get(last.item.field) || [], []);
      this.withheld.delete(last.item.field);
      return this.#back(last.item, last);
    }
    if (!(await this.outbox.flush(3000))) return toast(t("field.undo_offline"), "warn");
    try {
      const answer = await post("/api/undo", { offers_for: this.supply.coming });
      const item = answer?.item ?? answer;
      if (!item?.field) return toast(t("field.nothing_to_undo"));
      this.supply.renewOffers(answer.offers || []); // what was taken back is offered no more
      for (const other of (answer.items || []).slice(1).toReversed()) this.supply.putBack(other);
      this.tally.undone(answer.items?.length || 1, item.lane === this.filter.lane);
      return this.#back({ ...last?.item, ...item, past: item.lane ? "" : last?.item.past }, last);
    } catch (error) {
      return toast(error.told || String(error), "error");
    }
  }

  /** The last correction, wherever else in its book it holds. */
  async #everywhere() {
    const last = this.history.findLast((past) => past.decision.action === "correct");
    if (!last) return toast(t("field.nothing_corrected"), "warn");
    if (!(await this.outbox.flush(3000))) return toast(t("field.undo_offline"), "warn");
    location.href = `/correction/${last.item.field}`;
    return undefined;
  }

  /** What waits according to the server. */
  waiting(counts) {
    if (!counts) return;
    this.tally.refreshed(counts);
    this.panels.progress(this.tally);
    if (!this.item && !this.moving && counts.total > counts.leased && !this.supply.skipped.length) this.advance();
  }

  /** Open a past decision: the field on the screen waits, with what was typed into it. */
  async revisit(past) {
    if (ELSEWHERE.has(past.lane)) return toast(t("past.elsewhere", { label: columnName(past.code), lane: t(`lane.${past.lane}`) }), "warn");
    let item;
    try {
      item = await get(`/api/fields/${past.field}`);
    } catch (error) {
      return toast(error.told || String(error), "error");
    }
    if (ELSEWHERE.has(item.lane)) return toast(t("past.elsewhere", { label: columnName(item.code), lane: t(`lane.${item.lane}`) }), "warn");
    const held = [...this.outbox.inFlight, ...this.outbox.waiting].findLast((one) => one.decision.field === item.field);
    if (held) item.value = held.decision.value; // the server does not know it yet
    this.#setAside();
    const told = past.time ? "past.viewing" : "past.viewing_here";
    return this.show({ ...item, preselected: item.value, past: t(told, { time: moment(past.time), action: t(`past.did.${past.action}`) }) });
  }

  /** Back from a past decision to the field that waits. */
  #leave(pressed) {
    this.item = null;
    return this.advance(pressed);
  }

  /** The field on the screen comes next again; a past one belongs to no queue. */
  #setAside() {
    if (this.item && !this.item.past) this.supply.putBack(this.item);
    this.item = null;
  }

  #back(item, last) {
    this.history.pop();
    this.known.forget(item.field);
    this.panels.progress(this.tally);
    const same = last?.item.field === item.field;
    if (same && last.decision.action !== "confirm" && last.decision.value) keepDraft(item.field, last.decision.value);
    this.#setAside();
    this.supply.putBack(item);
    toast(t("field.undone", { label: columnName(item.code) }));
    return this.advance();
  }

  /** Time the field has been looked at; not while the page was hidden. */
  #seconds() {
    return Math.round(Math.min(3600e3, performance.now() - this.shown)) / 1000;
  }

  /** Whether the field has been seen; says what is missing when it has not. */
  #seen() {
    const { missing } = this.sight;
    if (missing) this.panels.hint(missing, true);
    return !missing;
  }

  #without(action, pressed) {
    if (!this.editor.withoutText(action)) return this.decide({ action, value: "", as_written: "" }, pressed);
    return this.panels.hint(t("field.typed_again", { text: this.editor.text, action: t(`action.${action}`) }), true);
  }

  #enter(pressed) {
    if (this.item.past && this.editor.untouched) return this.#leave(pressed);
    const decision = this.editor.decision();
    if (decision.warn) return this.panels.hint(this.editor.warning(decision), true);
    return this.decide(decision, pressed);
  }

  #skip(pressed) {
    if (this.item.past) return this.#leave(pressed);
    this.supply.skip(this.item);
    this.item = null;
    return this.advance(pressed);
  }

  #typed() {
    this.panels.hint("");
    this.panels.becomes(this.editor, this.item);
  }

  #key(event) {
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("select, .ask-note, .who") || (event.target !== this.editor.input && event.target.closest?.("button, a") && ["Enter", "Tab"].includes(event.key))) return;
    const untouched = !this.item || this.editor.untouched;
    const action = actionOf(event, untouched);
    if (heldDown(event, action)) return action ? event.preventDefault() : undefined;
    if (!action && this.item && typesLetter(event)) this.editor.input.focus({ preventScroll: true });
    if (this.item && !["Shift", "Control", "Alt", "Meta"].includes(event.key)) this.keys += 1;
    if (!action) return;
    if (this.#obeyed(action, event.timeStamp || performance.now())) event.preventDefault();
  }

  #obeyed(action, pressed) {
    if (action.startsWith("pick-")) return this.pick(action.slice(5), pressed);
    if (action.startsWith("digit-")) return this.item && this.editor.digitsPick && this.pick(action.slice(6), pressed);
    if (action === "complete") {
      // Without a list the next word in doubt; the focus stays where typing goes.
      if (this.item && !this.editor.take() && !this.editor.nextDoubt()) this.editor.input.focus({ preventScroll: true });
      return Boolean(this.item);
    }
    if (action === "take") return this.#take(pressed);
    if (action === "back") return this.#takeBack(pressed);
    if (action === "again") return Boolean(this.item) && this.editor.undoWord(1);
    if (action === "down" || action === "up") return this.#walk(action === "down" ? 1 : -1);
    this.act(action, pressed);
    return true;
  }

  /** The proposal into the input, and saved at once if it stood on the screen. */
  #take(pressed) {
    const read = this.editor.completion.painted;
    if (this.item && this.editor.take() && read) this.act("confirm", pressed);
    return Boolean(this.item);
  }

  /** The last word typed, else the last decision. */
  #takeBack(pressed) {
    if (!this.item || !this.editor.undoWord()) this.act("undo", pressed);
    else if (this.editor.untouched) this.panels.hint(t("field.typing_undone"));
    return true;
  }

  #walk(step) {
    if (this.editor.completion.shown) this.editor.completion.walk(step);
    else if (this.item) {
      const choice = this.panels.walk(step, this.editor.value);
      if (choice) this.editor.write(choice.value, choice.as_written);
    }
    return true;
  }

  #outcome({ key, decision, outcome, label }) {
    if (outcome.ok) this.tally.kept(key, { field: decision.field, changed: outcome.changed });
    else this.tally.dropped(key);
    if (outcome.ok) this.known.changed(outcome.changed);
    else this.known.forget(decision.field);
    this.#beside();
    this.#alike(decision, outcome);
    if (outcome.conflict) this.conflicts.add({ decision, mine: outcome.value || decision.value, conflict: outcome.conflict, label, item: this.#known(decision.field) });
    else if (!outcome.ok) {
      const typed = this.#known(decision.field);
      if (decision.value) keepDraft(decision.field, decision.value);
      toast(t("field.refused", { label, message: said(outcome.message) }), "error");
      if (typed) {
        this.supply.putBack(typed);
        if (!this.item && !this.moving) this.advance();
      }
    } else if (outcome.record) {
      this.#otherwise(decision, outcome, label);
      const record = this.#known(decision.field)?.record;
      if (record) this.supply.recheck(record, outcome.record);
    }
  }

  /** What is offered since a decision; under a person's eyes nothing under Enter changes, and no number. */
  #offered(fresh) {
    const { item, editor } = this;
    const open = this.sight.unseen && editor.untouched;
    const before = item?.preselected;
    this.supply.renewOffers(fresh, open ? null : item);
    if (!item || !fresh.some(({ field }) => field === item.field)) return;
    if (!open) return this.panels.moreReadings(item);
    this.panels.readings(item);
    if (item.preselected === before) return;
    this.marked.clear();
    editor.renew();
    this.sight.renewed();
    this.panels.becomes(editor, item);
    this.marked.show(item.field, editor.doubtful);
  }

  /** What the answer served for besides is told; what it did not serve for comes again. */
  #alike({ field }, outcome) {
    const held = this.withheld.get(field);
    if (!held) return;
    this.withheld.delete(field);
    const answered = outcome.ok ? outcome.alike || [] : [];
    this.supply.restore(held, answered);
    if (answered.length) toast(t("field.once_done", { count: answered.length }));
    if (held.length && !this.item && !this.moving) this.advance();
  }

  /** The server's value counts: whoever saw another one beside the input is told what was kept. */
  #otherwise({ field }, { value }, label) {
    const shown = this.history.findLast((past) => past.item.field === field)?.shown;
    if (shown && value && value !== shown) toast(t("field.kept_as", { label, value }), "warn");
  }

  /** Counts what has been on the screen: whoever watches the page sees that it moved on. */
  #turn() {
    this.root.dataset.turn = Number(this.root.dataset.turn || 0) + 1;
  }

  #known(field) {
    return this.history.findLast((past) => past.item.field === field)?.item || null;
  }

  #idle(words) {
    this.root.dataset.state = "idle";
    const idle = find("#idle");
    idle.hidden = false;
    fill(idle, h("p", {}, words));
  }

  #nothing() {
    this.item = null;
    this.panels.progress(this.tally);
    this.#turn();
    this.#idle(t("field.nothing"));
    const skipped = this.supply.skipped.length;
    const again = h("button", { class: "primary", onclick: () => { this.supply.showSkipped(); this.advance(); } }, t("field.show_skipped"));
    find("#idle").append(...(skipped ? [h("p", {}, t("field.skipped_left", { count: skipped })), again] : [h("p", { class: "muted" }, t("field.nothing_more"))]));
    if (skipped) again.focus();
    this.conflicts.open();
  }

  #stuck(error) {
    this.#idle(error instanceof ApiError ? error.told : String(error));
    const again = h("button", { class: "primary", onclick: () => this.advance() }, t("action.retry"));
    find("#idle").append(again);
    again.focus();
    if (error.passing) setTimeout(() => { if (again.isConnected) this.advance(); }, 3000);
  }

  #quickPickBox() {
    return h("label", { class: "row" }, h("input", { type: "checkbox", checked: this.quickPick, onchange: (event) => keep(QUICK, event.target.checked) }), t("help.quick_pick"));
  }
}
