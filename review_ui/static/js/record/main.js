// A record as the paper has it, under its picture: every field can be edited, the picture follows.

import { get } from "../api.js";
import { fill, find, h, settled, whenIdle } from "../dom.js";
import { Conflicts } from "../field/conflicts.js";
import { toggleHelp } from "../help.js";
import { actionOf, composing } from "../keys.js";
import { Outbox } from "../outbox.js";
import { load } from "../pictures.js";
import { SaveState } from "../savestate.js";
import { keyLabel, shortcutOf } from "../shortcuts.js";
import { Sight } from "../sight.js";
import { toast } from "../toast.js";
import { Viewer } from "../viewer.js";
import { said, t } from "../words.js";
import { About } from "./about.js";
import { History } from "./history.js";
import { dropRecord, putAside } from "./no_record.js";
import { Row } from "./row.js";
import { readableScale } from "./scale.js";

const DECIDED = new Set(["confirmed", "corrected", "unreadable", "blank"]);
const root = find("#record");
const editable = root.dataset.edit === "yes";
const outbox = new Outbox(whenIdle);
new SaveState(find("#save-state"), outbox);
const conflicts = new Conflicts(find("#conflicts"), outbox, settled(() => { if (!conflicts.waiting.length) show(); }, 150)); // theirs, where it was kept
const viewer = new Viewer(find("#scan"));
const sight = new Sight((state) => { root.dataset.sight = state; });
const history = new History(find("#history"), root.dataset.record);
const about = new About(history, (choice) => at()?.pick(choice));
let record = null;
let rows = [];
let scale = 1;
let painted = ""; // "cut", "page", or nothing yet
let whole = false;
let corrected = 0; // the field that was corrected last on this screen
const everywhere = h("button", { id: "everywhere", hidden: true, onclick: () => correctEverywhere() }, t("action.everywhere"), h("kbd", {}, keyLabel("everywhere")));
find("#page-link").after(" ", everywhere);

outbox.addEventListener("outcome", ({ detail: { decision, outcome, label } }) => {
  const own = rows.find((row) => row.field.field === decision.field);
  if (outcome.ok) {
    own?.saved(decision, outcome);
    if (decision.action === "correct") corrected = decision.field;
    everywhere.hidden = !corrected;
    for (const row of rows) if (outcome.record?.[row.field.code]) row.recheck(outcome.record[row.field.code]);
    for (const one of outcome.changed || []) rows.find((row) => row.field.field === one.field && row !== own)?.changed(one);
    history.again();
  } else if (!outcome.conflict) {
    own?.failed(said(outcome.message));
    toast(t("field.refused", { label, message: said(outcome.message) }), "error");
  } else {
    own?.failed(t("conflict.title"));
    conflicts.add({ decision, mine: outcome.value || decision.value, conflict: outcome.conflict, label, item: own?.field.crop ? own.field : null });
  }
  count();
});
addEventListener("keydown", (event) => {
  if (composing(event) || document.querySelector("dialog[open]") || event.target.closest?.(".ask-note")) return;
  if (obeyed(event)) event.preventDefault();
});
find("#help-button").addEventListener("click", () => toggleHelp());
find("#help-button kbd").textContent = keyLabel("help");
find("#next-doubt").addEventListener("click", nextDoubt);
find("#no-record").addEventListener("click", noRecord);
outbox.hurry();
show();

/** Keys of the whole screen; those of a row are its own. */
function obeyed(event) {
  if (!record) return false;
  const own = { help: toggleHelp, page: toggleWhole, doubt: nextDoubt, everywhere: correctEverywhere, no_record: noRecord }[shortcutOf(event)];
  if (own) own();
  else if (event.key === "PageDown" || event.key === "PageUp") go(find(event.key === "PageDown" ? "#next" : "#previous"));
  else return event.altKey && viewer.obey(actionOf(event, false));
  return true;
}

async function show() {
  try {
    record = await get(`/api/records/${root.dataset.record}`);
  } catch (error) {
    fill(find("#fields"), h("p", { class: "notice error" }, error.told || String(error)));
    if (error.passing) setTimeout(show, 3000); // a large sheet may take the server longer the first time
    return;
  }
  find("#title").textContent = `${record.book} · ${t("page_line", { page: record.page_name, position: record.position })}`;
  link("#previous", record.previous, `← ${t("record.previous")}`, "PgUp");
  link("#next", record.next, `${t("record.next")} →`, "PgDn");
  find("#page-link").href = `/page/${record.page}`;
  find("#page-link").textContent = t("record.open_page");
  fill(find("#no-record"), t("record.no_record"), h("kbd", {}, keyLabel("no_record")));
  find("#no-record").hidden = root.dataset.pages !== "yes";
  scale = readableScale(record.fields);
  rows = record.fields.map((field) => new Row({ ...field, book: record.book, waits: field.lane, lane: "doubt" }, {
    outbox, editable, about, onfocus: follow, onmove: (step) => move(field.field, step), onchange: count, seen: () => sight.enough,
  }));
  fill(find("#fields"), rows.map((row) => row.element));
  count();
  paint(record.cut ? "cut" : "page");
  const wanted = Number(new URLSearchParams(location.search).get("field") || location.hash.replace("#field-", ""));
  (rows.find((row) => row.field.field === wanted) || rows.find((row) => row.field.state === "in_review") || rows[0])?.focus();
  history.load();
}

/** Put the record (`cut`) or its page into the frame; then the field that has the focus. */
async function paint(what) {
  const picture = record[what === "cut" ? "cut" : "picture"];
  if (!picture) return;
  try {
    const image = await load(picture);
    if (wantedPicture() !== what) return;
    painted = what;
    viewer.show(image, { width: picture.width || image.naturalWidth, height: picture.height || image.naturalHeight });
    const focused = at();
    if (focused) follow(focused.field);
    else viewer.fitWidth();
  } catch {
    sight.failedIn(viewer);
  }
}

/** Which picture shows the field: of a sheet with several records the own one, if the field stands there. */
function wantedPicture(field = at()?.field) {
  if (whole || !record.cut) return "page";
  const [x, y, width, height] = record.cut_box;
  const [left, top, wide, high] = field?.box || [x, y, 0, 0];
  return !wide || (left >= x && top >= y && left + wide <= x + width && top + high <= y + height) ? "cut" : "page";
}

/** The picture goes to a field; the field can be decided once it has been there for a moment. */
function follow(field) {
  about.show(field, editable);
  if (["failed", "acknowledged"].includes(sight.state)) return;
  sight.begin();
  const what = wantedPicture(field);
  if (painted !== what) { paint(what); return; }
  if (!painted) return;
  if (field.box?.[2]) {
    const [left, top] = what === "cut" ? record.cut_box : [0, 0];
    const box = [field.box[0] - left, field.box[1] - top, field.box[2], field.box[3]];
    if (whole) viewer.fit();
    else viewer.readable(box, scale);
    if (whole) viewer.mark(box);
  }
  sight.shown();
}

/** Between the record at a readable size and the whole page. */
function toggleWhole() {
  whole = !whole;
  root.toggleAttribute("data-whole", whole);
  const focused = at();
  if (focused) follow(focused.field);
  else paint(wantedPicture());
}

/** To the next (1) or previous (-1) row. */
function move(from, step) {
  const place = rows.findIndex((row) => row.field.field === from);
  rows[Math.max(0, Math.min(rows.length - 1, place + step))]?.focus();
}

/** To the next field in doubt, from the top again after the last. */
function nextDoubt() {
  const place = rows.indexOf(at());
  const open = rows.filter((row) => row.open);
  const next = open.find((row) => rows.indexOf(row) > place) || open[0];
  if (next) next.focus();
  else toast(t("record.all_seen"), "ok");
}

/** What was taken for a record is none. */
async function noRecord() {
  if (root.dataset.pages !== "yes") { toast(t("record.no_record_role", { key: keyLabel("ask") }), "warn"); return; }
  document.activeElement?.blur();
  if (!(await outbox.flush(3000))) { toast(t("record.not_sent"), "warn"); return; } // what was typed is kept first
  const decided = rows.filter((row) => DECIDED.has(row.field.state) && row.field.base).length;
  const done = record.on_page > 1 ? await dropRecord(record, decided) : await putAside(record);
  if (done) location.href = record.next ? `/record/${record.next}` : `/page/${record.page}`;
}

/** The row that has the focus, or had it last. */
function at() {
  return rows.find((row) => row.element.contains(document.activeElement)) || rows.find((row) => row.element.classList.contains("last"));
}

function count() {
  const open = rows.filter((row) => row.open).length;
  const left = find("#left");
  const next = find("#next-doubt");
  left.hidden = open > 0;
  left.textContent = t("record.all_seen");
  next.hidden = !open;
  fill(next, t("record.doubts_left", { count: open }), " ", h("kbd", {}, keyLabel("doubt")));
}

function link(selector, number, words, key) {
  const anchor = find(selector);
  anchor.hidden = !number;
  if (!number) return;
  anchor.href = `/record/${number}`;
  fill(anchor, words, " ", h("kbd", {}, key));
}

/** The last correction, wherever else in its book it holds; what stands in the row is saved first. */
async function correctEverywhere() {
  document.activeElement?.blur();
  if (!(await outbox.flush(3000))) return toast(t("field.undo_offline"), "warn");
  if (!corrected) return toast(t("field.nothing_corrected"), "warn");
  location.href = `/correction/${corrected}`;
  return undefined;
}

async function go(anchor) {
  if (anchor.hidden) return;
  document.activeElement?.blur();
  await outbox.flush(1500); // what is left is kept and sent from the next page
  location.href = anchor.href;
}
