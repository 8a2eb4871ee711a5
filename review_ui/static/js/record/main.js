// A record as the paper has it, beside its scan: every field can be edited, the picture follows.

import { get } from "../api.js";
import { fill, find, h } from "../dom.js";
import { Conflicts } from "../field/conflicts.js";
import { Outbox } from "../outbox.js";
import { load } from "../pictures.js";
import { SaveState } from "../savestate.js";
import { Sight } from "../sight.js";
import { toast } from "../toast.js";
import { Viewer } from "../viewer.js";
import { said, t } from "../words.js";
import { Row } from "./row.js";

const root = find("#record");
const editable = root.dataset.edit === "yes";
const outbox = new Outbox();
new SaveState(find("#save-state"), outbox);
new Conflicts(find("#conflicts"), outbox, () => {});
const viewer = new Viewer(find("#scan"));
const sight = new Sight((state) => { root.dataset.sight = state; });
let rows = [];
let painted = false;

outbox.addEventListener("outcome", ({ detail: { decision, outcome, label } }) => {
  const own = rows.find((row) => row.field.field === decision.field);
  if (outcome.ok) {
    own?.saved(decision, outcome);
    for (const row of rows) if (outcome.record?.[row.field.code]) row.recheck(outcome.record[row.field.code]);
  } else if (!outcome.conflict) {
    own?.failed(said(outcome.message));
    toast(t("field.refused", { label, message: said(outcome.message) }), "error");
  } else own?.failed(t("conflict.title"));
  count();
});
addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "PageDown" || event.key === "PageUp") {
    event.preventDefault();
    go(find(event.key === "PageDown" ? "#next" : "#previous"));
  } else if (event.altKey && viewer.obey({ "=": "zoom-in", "+": "zoom-in", "-": "zoom-out", 0: "fit" }[event.key] || "")) event.preventDefault();
});
outbox.hurry();
show();

async function show() {
  let record;
  try {
    record = await get(`/api/records/${root.dataset.record}`);
  } catch (error) {
    fill(find("#fields"), h("p", { class: "notice error" }, error.told || String(error)));
    return;
  }
  find("#title").textContent = `${record.book} · ${t("page_line", { page: record.page_name, position: record.position })}`;
  link("#previous", record.previous, `← ${t("record.previous")}`, "PgUp");
  link("#next", record.next, `${t("record.next")} →`, "PgDn");
  find("#page-link").href = `/page/${record.page}`;
  find("#page-link").textContent = t("record.open_page");
  rows = record.fields.map((field) => new Row({ ...field, book: record.book, lane: "doubt" }, {
    outbox, editable, onfocus: follow, onmove: (step) => move(field.field, step), onchange: count, seen: () => sight.enough,
  }));
  fill(find("#fields"), rows.map((row) => row.element));
  count();
  if (record.picture) {
    load(record.picture).then((image) => {
      painted = true;
      viewer.show(image, { width: record.picture.width || image.naturalWidth, height: record.picture.height || image.naturalHeight });
      const focused = rows.find((row) => row.element.contains(document.activeElement));
      if (focused) follow(focused.field);
      else viewer.fitWidth();
    }, () => sight.failedIn(viewer));
  }
  const wanted = Number(new URLSearchParams(location.search).get("field") || location.hash.replace("#field-", ""));
  (rows.find((row) => row.field.field === wanted) || rows.find((row) => row.field.state === "in_review") || rows[0])?.focus();
}

/** The picture goes to a field; the field can be decided once it has been there for a moment. */
function follow(field) {
  if (["failed", "acknowledged"].includes(sight.state)) return;
  sight.begin();
  if (!painted) return;
  if (field.box?.[2]) viewer.near(field.box, 1.3, 0.8);
  sight.shown();
}

/** To the next (1) or previous (-1) row. */
function move(from, step) {
  const at = rows.findIndex((row) => row.field.field === from);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
}

function count() {
  const open = rows.filter((row) => row.field.state === "in_review").length;
  const left = find("#left");
  left.textContent = open ? t("record.doubts_left", { count: open }) : t("record.all_seen");
  left.className = open ? "tag warn" : "tag ok";
}

function link(selector, record, words, key) {
  const anchor = find(selector);
  anchor.hidden = !record;
  if (!record) return;
  anchor.href = `/record/${record}`;
  fill(anchor, words, " ", h("kbd", {}, key));
}

async function go(anchor) {
  if (anchor.hidden) return;
  document.activeElement?.blur();
  await outbox.flush(1500); // what is left is kept and sent from the next page
  location.href = anchor.href;
}
