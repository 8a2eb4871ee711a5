// Group verification: many crops that the machine read as the same value, confirmed at once.

import { get, post, withQuery } from "../api.js";
import { fill, find, h } from "../dom.js";
import { Conflicts } from "../field/conflicts.js";
import { Filters } from "../field/filters.js";
import { Outbox } from "../outbox.js";
import { SaveState } from "../savestate.js";
import { toast } from "../toast.js";
import { columnName, percent, said, t } from "../words.js";
import { Fixing } from "./fixing.js";
import { Tiles } from "./tiles.js";

const COUNT = 48;
const root = find("#group");
const filter = JSON.parse(root.dataset.filter || "{}");
const outbox = new Outbox();
new SaveState(find("#save-state"), outbox);
new Filters(find("#filters"), filter, "group", null);
new Conflicts(find("#conflicts"), outbox, () => {});
let group = null;
let started = 0;
let keys = 0;

const tiles = new Tiles(find("#tiles"), { onconfirm: confirm, onback: choose, onchange: head });
const fixing = new Fixing(outbox, fixed);
find("#confirm-group").addEventListener("click", confirm);
find("#back").addEventListener("click", choose);
addEventListener("pagehide", () => release(true));
outbox.addEventListener("outcome", ({ detail }) => {
  if (!detail.outcome.ok && !detail.outcome.conflict) toast(t("field.refused", { label: detail.label, message: said(detail.outcome.message) }), "error");
});
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.target.closest?.("select, .who")) return;
  keys += 1;
  if (!find("#verify").hidden) tiles.key(event);
  else if (!find("#choose").hidden) walkGroups(event);
});
outbox.hurry();
choose();

/** The list of groups. */
async function choose() {
  release();
  group = null;
  page("choose");
  await outbox.flush(2000);
  const answer = await get(withQuery("/api/groups", filter)).catch((error) => ({ groups: [], error }));
  const groups = answer.groups || answer;
  if (answer.error) toast(answer.error.told, "error");
  fill(find("#groups"), groups.length ? groups.map((one) => h("button", { class: "group-card", onclick: () => open(one) },
    h("span", { class: "tag" }, t(`kind.${one.kind}`)), h("b", {}, one.value || t("empty_value")),
    h("span", { class: "muted small" }, `${t("group.count", { count: one.count })} · ${t("group.least", { percent: percent(one.confidence_min) })}`)))
    : h("p", { class: "muted" }, t("group.none")));
  find("#groups").querySelector("button")?.focus();
}

/** The crops of one group. */
async function open(one) {
  try {
    const answer = await post("/api/groups/take", { filter, kind: one.kind, value: one.value, count: COUNT });
    const items = answer.items || answer;
    if (!items.length) return choose();
    group = { ...one, items };
    verify();
  } catch (error) {
    toast(error.told || String(error), "error");
  }
  return undefined;
}

/** Show the tiles of the group that are not decided yet. */
function verify() {
  page("verify");
  started = performance.now();
  keys = 0;
  tiles.show(group.items);
  head();
}

/** Those picked out have been corrected: on with the tiles that nobody has seen yet, or with another group. */
function fixed() {
  return group && !fixing.left.length ? verify() : choose();
}

/** The words above the crops. */
function head() {
  if (!group) return;
  const odd = tiles.odd.length;
  const same = alike().length;
  const left = group.items.length - odd - same;
  find("#same-as").textContent = `${t("group.same_as")} `;
  const option = group.items[0].options?.find((one) => one.value === group.value);
  find("#same-value").textContent = option ? said(option.label) : group.value || t("empty_value");
  find("#verify-hint").textContent = t("group.hint");
  find("#picked").hidden = !odd;
  find("#picked").textContent = t("group.picked", { count: odd });
  find("#unseen").hidden = !left;
  find("#unseen").textContent = t("group.unseen", { count: left });
  fill(find("#confirm-group"), same || !odd ? t("group.confirm", { count: same }) : t("group.confirm_none", { count: odd }), h("kbd", {}, "Enter"));
}

/** Those that have been on the screen and were not picked out. */
function alike() {
  const odd = new Set(tiles.odd.map((item) => item.field));
  return tiles.seen.filter((item) => !odd.has(item.field));
}

/** Confirm what has been seen and not picked out, then correct what was picked out; what nobody saw stays. */
function confirm() {
  if (!group) return undefined;
  const { items } = group;
  const odd = new Set(tiles.odd.map((item) => item.field));
  const same = alike();
  if (!same.length && !odd.size) return toast(t("group.nothing_seen"), "warn");
  const seconds = Math.min(3600, (performance.now() - started) / 1000) / items.length;
  for (const item of same) {
    outbox.add({
      field: item.field, action: "confirm", value: item.value, as_written: "", base: item.base ?? null, lane: item.lane || "doubt",
      seconds: Math.round(seconds * 1000) / 1000, keys: Math.round(keys / items.length), note: "",
    }, columnName(item.code));
  }
  if (same.length) toast(t("group.confirmed", { count: same.length, value: group.value || t("empty_value") }), "ok");
  const decided = new Set(same.map((item) => item.field));
  const left = items.filter((item) => !odd.has(item.field) && !decided.has(item.field));
  group = left.length ? { ...group, items: left } : null;
  if (odd.size) {
    page("fix");
    return fixing.start(items.filter((item) => odd.has(item.field)));
  }
  return group ? verify() : choose();
}

/** Give back what was taken and not decided. */
function release(leaving = false) {
  const fields = [...(group?.items || []), ...fixing.left, ...(fixing.item ? [fixing.item] : [])].map((item) => item.field);
  group = null;
  fixing.left = [];
  if (fields.length) post("/api/queue/release", { fields }, { keepalive: leaving }).catch(() => {});
}

function page(name) {
  for (const part of ["choose", "verify", "fix"]) find(`#${part}`).hidden = part !== name;
}

function walkGroups(event) {
  const cards = [...document.querySelectorAll(".group-card")];
  const at = cards.indexOf(document.activeElement);
  const columns = getComputedStyle(find("#groups")).gridTemplateColumns.split(" ").length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (!step || at < 0) return;
  event.preventDefault();
  cards[Math.max(0, Math.min(cards.length - 1, at + step))].focus();
}
