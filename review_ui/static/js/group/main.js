// Groups: many crops decided in one deed. All of one value, blanks, a column, or a correction made everywhere in its book.

import { get, post, withQuery } from "../api.js";
import { Deeds } from "../deed.js";
import { fill, find, h, whenIdle } from "../dom.js";
import { draftOf } from "../drafts.js";
import { Conflicts } from "../field/conflicts.js";
import { Filters } from "../field/filters.js";
import { Lookback } from "../field/lookback.js";
import { Outbox } from "../outbox.js";
import { load } from "../pictures.js";
import { SaveState } from "../savestate.js";
import { keyLabel, shortcutOf } from "../shortcuts.js";
import { toast } from "../toast.js";
import { Viewer } from "../viewer.js";
import { columnName, percent, said, t } from "../words.js";
import { CommonValue } from "./common_value.js";
import { Fixing } from "./fixing.js";
import { decisionOf, proposed, shownOf } from "./proposals.js";
import { Tiles } from "./tiles.js";

const COUNT = 48;
const RENEW_MS = 150e3;
const root = find("#group");
const filter = JSON.parse(root.dataset.filter || "{}");
const corrected = Number(root.dataset.corrected || 0);
const outbox = new Outbox(whenIdle);
const deeds = new Deeds(outbox);
new SaveState(find("#save-state"), outbox);
if (!corrected) new Filters(find("#filters"), filter, "group", null);
const conflicts = new Conflicts(find("#conflicts"), outbox, () => {});
const page = new Viewer(find("#tile-page"));
let group = null;
let started = 0;
let keys = 0;
let busy = false;
let fixed = 0;

const tiles = new Tiles(find("#tiles"), { onenter: enter, onact: act, onback: leave, onchange: head });
const common = new CommonValue({ onenter: settle, onleave: () => tiles.focus(), onchange: head });
const fixing = new Fixing(deeds, {
  ondecided: (item, decision) => { fixed = decision.action === "correct" ? item.field : fixed; drop(item); },
  onlater: later, onpage: showPage, onundo: undo, onpast: () => lookback.toggle(),
  onshown: (item) => tiles.mark(item),
  onend: () => { tiles.mark(null); if (group?.items.length) tiles.focus(); else next(); },
});
const lookback = new Lookback(outbox, [], openPast, () => { if (fixing.item) fixing.editor.focus(); else if (group) tiles.focus(); });
fill(find("#past"), t("action.past"), h("kbd", {}, keyLabel("past")));
find("#past").addEventListener("click", () => lookback.toggle());
find("#confirm-group").addEventListener("click", settle);
find("#back").addEventListener("click", leave);
addEventListener("pagehide", () => release(true));
setInterval(() => {
  const fields = held();
  if (fields.length && !corrected) post("/api/queue/renew", { fields }).catch(() => {});
}, RENEW_MS);
outbox.addEventListener("outcome", ({ detail: { decision, outcome, label } }) => {
  if (outcome.conflict) conflicts.add({ decision, mine: outcome.value || decision.value, conflict: outcome.conflict, label });
  else if (!outcome.ok) toast(t("field.refused", { label, message: said(outcome.message) }), "error");
});
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.target.closest?.("select, .who, #fix, #common")) return;
  keys += 1;
  if (!find("#verify").hidden && !event.target.closest?.(".verify-head button")) tiles.key(event);
  else if (!find("#choose").hidden) walkGroups(event);
});
outbox.hurry();
if (corrected) openCorrection();
else choose();

/** The list of groups. */
async function choose() {
  release();
  part("choose");
  await outbox.flush(2000);
  const answer = await get(withQuery("/api/groups", filter)).catch((error) => ({ groups: [], error }));
  if (answer.error) toast(answer.error.told, "error");
  const sorts = ["blank", "column", "value"].map((sort) => [sort, answer.groups.filter((one) => one.sort === sort)]);
  fill(find("#groups"), answer.groups.length ? sorts.filter(([, groups]) => groups.length).map(([sort, groups]) => [
    h("h2", {}, t(`group.sort_${sort}`)), groups.map(card),
  ]) : h("p", { class: "muted" }, t("group.none")));
  find("#groups").querySelector("button")?.focus();
}

function card(one) {
  const named = one.sort === "value" ? one.value : one.sort === "column" ? columnName(one.code) : t("group.blanks");
  const about = one.sort === "value" ? t("group.least", { percent: percent(one.confidence_min) }) : one.book;
  return h("button", { class: "group-card", onclick: () => open(one) },
    one.kind ? h("span", { class: "tag" }, t(`kind.${one.kind}`)) : null, h("b", {}, named),
    h("span", { class: "muted small" }, `${t("group.count", { count: one.count })} · ${about}`));
}

/** The crops of one group; back to the list when there are none. */
async function open(one) {
  try {
    await outbox.flush(2000);
    const { sort, kind, value, book, code } = one;
    const { items } = await post("/api/groups/take", { filter, sort, kind, value, book, code, count: COUNT });
    const onWay = new Set([...outbox.waiting, ...outbox.inFlight].map((kept) => kept.decision.field));
    const left = items.filter((item) => !onWay.has(item.field));
    if (!left.length) return choose();
    group = { ...one, items: left };
    verify();
  } catch (error) {
    toast(error.told || String(error), "error");
  }
  return undefined;
}

/** Where else in its book a correction holds. */
async function openCorrection() {
  await outbox.flush(3000);
  try {
    const found = await get(`/api/fields/${corrected}/correction`);
    group = { ...found, sort: "correction", items: [...found.items, ...found.decided], apart: new Set(found.decided.map((item) => item.field)) };
    if (group.items.length) verify();
    else nothingElse(found);
  } catch (error) {
    part("choose");
    fill(find("#groups"), h("p", { class: "notice error" }, error.told || String(error)), goBack());
  }
}

function nothingElse({ was, waiting }) {
  part("choose");
  fill(find("#groups"), h("p", {}, t("group.nowhere_else", { was: was.join("”, “") })),
    waiting ? h("p", { class: "muted" }, t("group.waiting", { count: waiting })) : null, goBack());
  find("#groups").querySelector("button").focus();
}

function goBack() {
  return h("button", { class: "primary", onclick: () => history.back() }, t("group.go_back"));
}

/** Show the tiles of the group that are not decided yet; those the machine is hardly ever right about begin left out. */
function verify(out = null) {
  part("verify");
  started = performance.now();
  keys = 0;
  fixing.close();
  find("#tile-page").hidden = true;
  common.open(group.sort === "correction" ? [] : group.items);
  const unsure = group.items.filter((item) => group.sort !== "correction" && proposed(item) === null).map((item) => item.field);
  const inked = new Set(group.sort === "blank" ? unsure : []); // one deed says that boxes are empty: never of one with ink
  tiles.show(group.items, (item) => shownOf(item, group), new Set([...(out || unsure), ...inked, ...(group.apart || [])]),
    group.apart || inked, t(group.apart ? "group.decided_apart" : "group.inked", { key: keyLabel("doubt"), blank: keyLabel("blank") }));
  head();
}

/** The words above the crops. */
function head() {
  if (!group) return;
  const odd = tiles.odd.length;
  const same = alike().length;
  const left = group.items.length - odd - same;
  const { sort, value, code, was, more, waiting } = group;
  const option = group.items[0]?.options?.find((one) => one.value === value);
  find("#same-as").textContent = `${t(`group.${sort === "value" ? "same_as" : `all_${sort}`}`)} `;
  find("#same-value").textContent = { value: option ? said(option.label) : value, blank: "", column: columnName(code || ""), correction: `${columnName(code || "")}: “${was?.join("”, “")}” → “${value}”` }[sort];
  find("#verify-hint").textContent = [t("group.hint", { key: keyLabel("doubt") }), more ? t("group.more", { count: more }) : "", waiting ? t("group.waiting", { count: waiting }) : ""].filter(Boolean).join(" ");
  find("#picked").hidden = !odd;
  find("#picked").textContent = t("group.picked", { count: odd });
  find("#unseen").hidden = !left;
  find("#unseen").textContent = t("group.unseen", { count: left });
  const words = common.text ? t("group.write_all", { value: common.text, count: same }) : sort === "correction" ? t("group.correct_all", { count: same }) : t("group.confirm", { count: same });
  fill(find("#confirm-group"), same || !odd ? words : t("group.confirm_none", { count: odd }), h("kbd", {}, "Enter"));
}

/** Those that have been on the screen, were not left out, and have a value to be given. */
function alike() {
  const odd = new Set(tiles.odd.map((item) => item.field));
  const given = group.sort === "correction" || Boolean(common.text);
  return tiles.seen.filter((item) => !odd.has(item.field) && (given || proposed(item) !== null));
}

/** Enter on a tile: one that was left out is decided for itself, else the deed is done. */
function enter() {
  const { current } = tiles;
  if (current && tiles.picked.has(current.field) && !common.text) return edit(current);
  return settle();
}

/** Decide what has been seen and not left out in one deed; what nobody saw stays. */
async function settle() {
  if (!group || busy) return undefined;
  const same = alike();
  if (!same.length) return tiles.odd.length ? edit(tiles.odd[0]) : toast(t("group.nothing_seen"), "warn");
  busy = true;
  const given = common.text ? await common.value() : undefined;
  busy = false;
  if (given === null) return toast(t("field.not_understood", { text: common.text }), "warn");
  const seconds = Math.round(Math.min(3600e3, performance.now() - started) / same.length) / 1000;
  const spent = { seconds, keys: Math.round(keys / same.length), note: "" };
  deeds.add(same.map((item) => ({ item, label: columnName(item.code), decision: { ...spent, ...decisionOf(item, group, given) } })));
  const named = given?.shown || { value: group.value, correction: group.value }[group.sort] || t(`group.own_${group.sort}`);
  toast(t(group.sort === "correction" || given ? "group.written" : "group.confirmed", { count: same.length, value: named }), "ok");
  const decided = new Set(same.map((item) => item.field));
  const out = new Set(tiles.odd.map((item) => item.field));
  group.items = group.items.filter((item) => !decided.has(item.field));
  if (!group.items.length) return next();
  verify(out);
  const rest = tiles.odd.filter((item) => !group.apart?.has(item.field));
  if (rest.length && rest.length === group.items.length) edit(rest[0]);
  return undefined;
}

/** One tile, then those that were left out after it. */
function edit(item) {
  const at = tiles.items.indexOf(item);
  const after = tiles.odd.filter((other) => other !== item && !group.apart?.has(other.field));
  fixing.start([item, ...after.filter((other) => tiles.items.indexOf(other) > at), ...after.filter((other) => tiles.items.indexOf(other) < at)]);
}

/** Do what a key says to the tile that has the focus. */
function act(action) {
  const { current } = tiles;
  if (action === "undo") return undo();
  if (action === "past") return lookback.toggle();
  if (action === "common") return common.focus();
  if (action === "everywhere") return everywhere();
  if (!current) return undefined;
  if (action === "page") return showPage(current);
  if (action === "skip") return later(current);
  if (["blank", "unreadable"].includes(action) && draftOf(current.field) === null) return without(current, action);
  fixing.start([current]);
  if (action === "ask") fixing.act("ask");
  return undefined;
}

/** Blank or unreadable instead of a value: one tile alone. */
function without(item, action) {
  if (!tiles.isSeen(item)) return toast(t("field.not_seen"), "warn");
  const decision = { field: item.field, action, value: "", as_written: "", base: item.base ?? null, lane: item.lane || "doubt", seconds: 0, keys: 1, note: "" };
  deeds.add([{ item, decision, label: columnName(item.code) }]);
  drop(item);
  if (!group.items.length) return next();
  return tiles.focus();
}

/** The page an item stands on, with its place marked; the same key takes it away. */
function showPage(item) {
  const pane = find("#tile-page");
  pane.hidden = !pane.hidden;
  if (pane.hidden || !item.page_picture) return;
  load(item.page_picture).then((image) => {
    page.show(image.cloneNode(), item.page_picture, item.box);
    page.near(item.box);
  }, () => page.say(t("field.picture_failed")));
}

/** A decision about one tile is on its way. */
function drop(item) {
  group.items = group.items.filter((other) => other !== item);
  tiles.remove(item);
}

/** Not now: the field goes back to the queue. */
function later(item) {
  drop(item);
  if (!corrected) post("/api/queue/release", { fields: [item.field] }).catch(() => {});
  if (!group.items.length && !fixing.item) next();
  else if (!fixing.item) tiles.focus();
}

/** Take back the last deed as a whole; its fields are tiles again. */
async function undo() {
  if (busy) return;
  busy = true;
  try {
    const items = await deeds.takeBack();
    if (items === null) toast(t("field.undo_offline"), "warn");
    else if (!items.length) toast(t("field.nothing_to_undo"));
    else backOnScreen(items);
  } catch (error) {
    toast(error.told || String(error), "error");
  }
  busy = false;
}

function backOnScreen(items) {
  const back = new Set(items.map((item) => item.field));
  const of = group || { sort: "column", kind: items[0].kind, value: "", code: items[0].code, book: items[0].book };
  group = { ...of, items: [...items, ...(group?.items || []).filter((item) => !back.has(item.field))] };
  toast(t("group.undone", { count: items.length }));
  verify(new Set(tiles.odd.map((item) => item.field)));
}

/** The last correction made on this screen, wherever else in its book it holds. */
async function everywhere() {
  if (!fixed) return toast(t("group.nothing_corrected"), "warn");
  await outbox.flush(3000);
  location.href = `/correction/${fixed}`;
  return undefined;
}

/** A decision of before is changed beside its scan; the browser's way back leads here again. */
async function openPast({ record, field }) {
  await outbox.flush(3000);
  location.href = `/record/${record}?field=${field}`;
}

/** More of the same, else the list. */
function next() {
  if (!group) return choose();
  if (corrected) return openCorrection();
  return open({ ...group, items: [] });
}

function leave() {
  if (!find("#tile-page").hidden) {
    find("#tile-page").hidden = true;
    return tiles.focus();
  }
  return corrected ? history.back() : choose();
}

function held() {
  return (group?.items || []).map((item) => item.field);
}

/** Give back what was taken and not decided. */
function release(leaving = false) {
  const fields = held();
  group = null;
  fixing.close();
  if (fields.length && !corrected) post("/api/queue/release", { fields }, { keepalive: leaving }).catch(() => {});
}

function part(name) {
  for (const own of ["choose", "verify"]) find(`#${own}`).hidden = own !== name;
  if (name === "choose") find("#tiles").replaceChildren();
}

function walkGroups(event) {
  if ((event.ctrlKey && event.key.toLowerCase() === "z") || shortcutOf(event) === "undo") {
    event.preventDefault();
    undo();
    return;
  }
  if (shortcutOf(event) === "past") {
    event.preventDefault();
    lookback.toggle();
    return;
  }
  const cards = [...document.querySelectorAll(".group-card")];
  const at = cards.indexOf(document.activeElement);
  const columns = getComputedStyle(find("#groups")).gridTemplateColumns.split(" ").length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (!step || at < 0) return;
  event.preventDefault();
  cards[Math.max(0, Math.min(cards.length - 1, at + step))].focus();
}
