// The link queue: a row beside its page; one key accepts it, one shows another row, one says that there is none.

import { ApiError, get, post, withQuery } from "../api.js";
import { fill, find, h } from "../dom.js";
import { composing, heldDown } from "../keys.js";
import { load } from "../pictures.js";
import { keyLabel, shortcutOf } from "../shortcuts.js";
import { Sight } from "../sight.js";
import { toast } from "../toast.js";
import { Viewer } from "../viewer.js";
import { columnName, percent, said, t } from "../words.js";

const MARKS = { agrees: "✓", differs: "✗", unclear: "?", other_reading: "≠", hidden: "–" };
const root = find("#links");
const address = `/api/links/${encodeURIComponent(root.dataset.book)}`;
const viewer = new Viewer(find("#scan"));
const sight = new Sight((state) => { root.dataset.sight = state; });
const words = find("#row-words");
let card = null;
let rows = [];
let at = 0;
let record = null;
let busy = false;
const done = []; // what was decided here, the latest last
let skipped = [];

fill(find("#accept"), t("links.accept"), h("kbd", {}, "Enter"));
fill(find("#another"), t("links.another"), h("kbd", {}, "↓"));
fill(find("#no-row"), t("links.no_row_now"), h("kbd", {}, "0"));
fill(find("#skip"), t("action.skip"), h("kbd", {}, keyLabel("skip")));
fill(find("#undo"), t("action.undo"), h("kbd", {}, keyLabel("undo")));

/** Ask for the next record; `kept` is called once the server has what was said. */
async function ask(path, body, kept = () => {}) {
  if (busy) return;
  busy = true;
  try {
    const next = await post(`${address}/${path}`, body);
    kept();
    await show(next);
  } catch (error) {
    const told = error instanceof ApiError ? error.told : String(error);
    toast(told, "error");
    find("#hint").textContent = told;
    if (error.status === 409 || error.status === 404 || !card) await show(await post(`${address}/next`, { skipped })).catch(() => {});
  } finally {
    busy = false;
  }
}

async function show(next) {
  ({ card } = next);
  find("#left").textContent = t("links.left", { count: next.waiting }) + (next.others ? ` · ${t("links.others", { count: next.others })}` : "");
  find("#pair").hidden = !card;
  find("#idle").hidden = Boolean(card);
  find("#undo").disabled = !done.length;
  root.dataset.state = card ? "card" : "idle";
  root.dataset.turn = String(Number(root.dataset.turn || 0) + 1);
  if (!card) { idle(next); return; }
  rows = card.rows;
  at = 0;
  words.value = "";
  find("#hint").textContent = "";
  find("#title").textContent = t("page_line", { page: card.page_name, position: card.position });
  draw();
  document.activeElement?.blur();
  await paint(card);
}

/** The scan of the record, whole in width; a field clicked goes to the middle. */
async function paint(own) {
  sight.begin();
  record = null;
  try {
    const found = await get(`/api/records/${own.record}`);
    if (own !== card) return;
    record = found;
    draw(); // codes have their meaning now
    const picture = record.cut || record.picture;
    if (!picture) throw new Error("no scan");
    const image = await load(picture);
    if (own !== card) return;
    viewer.show(image, { width: picture.width || image.naturalWidth, height: picture.height || image.naturalHeight });
    viewer.fitWidth();
    sight.shown();
  } catch {
    if (own === card) sight.failedIn(viewer);
  }
}

/** Put the field of a row of the table into the middle of the scan. */
function follow(code) {
  const box = record?.fields.find((field) => field.code === code)?.box;
  if (!box?.[2]) return;
  const [left, top] = record.cut ? record.cut_box : [0, 0];
  viewer.near([box[0] - left, box[1] - top, box[2], box[3]]);
}

function draw() {
  const row = rows[at];
  fill(find("#choices"), rows.map((one, place) => h("button", {
    class: "choice", "aria-pressed": String(place === at), onclick: () => choose(place),
  }, place < 9 ? h("kbd", {}, String(place + 1)) : null, one.person || t("links.no_name"),
  h("span", { class: "muted" }, one.probability === null ? t("links.found") : `${percent(one.probability)} %`))));
  find("#source").textContent = row ? t("links.source", { file: row.sheet ? `${row.file}, ${row.sheet}` : row.file, row: row.row }) : t("links.no_candidate");
  fill(find("#fields"), row ? row.fields.map(line) : []);
  find("#accept").disabled = !row;
  find("#another").disabled = rows.length < 2;
}

function line(field) {
  return h("tr", { class: field.likeness, onclick: () => follow(field.code) },
    h("th", { scope: "row" }, h("button", { class: "link", onclick: () => follow(field.code) }, columnName(field.code))),
    h("td", {}, meaning(field.code, field.row)),
    h("td", {}, field.likeness === "hidden" ? h("span", { class: "muted" }, t("links.hidden")) : meaning(field.code, field.page)),
    h("td", { class: "mark" }, h("span", { "aria-hidden": "true" }, MARKS[field.likeness]), " ", t(`links.${field.likeness}`)));
}

/** A value, a code with what it means; where there is none, that. */
function meaning(code, value) {
  if (!value) return h("span", { class: "muted" }, t("links.empty"));
  const option = record?.fields.find((field) => field.code === code)?.options?.find((one) => one.value === value);
  return option ? `${value} (${said(option.label)})` : value;
}

function choose(place) {
  if (!rows.length) return;
  at = (place + rows.length) % rows.length;
  draw();
  sight.renewed();
}

function decide(row) {
  if (!card || busy) return;
  if (sight.missing) { find("#hint").textContent = sight.missing; return; }
  const place = { page: card.page, position: card.position };
  ask("decide", { ...place, row, skipped }, () => done.push(place));
}

function skip() {
  if (!card || busy) return;
  skipped = [...skipped.filter((one) => one.page !== card.page || one.position !== card.position), { page: card.page, position: card.position }];
  post("/api/links/release").catch(() => {}).then(() => ask("next", { skipped }));
}

function undo() {
  if (!done.length || busy) return;
  const place = done.at(-1);
  skipped = skipped.filter((one) => one.page !== place.page || one.position !== place.position);
  ask("undo", place, () => done.pop());
}

async function search() {
  const asked = card;
  if (!asked || !words.value.trim()) return;
  try {
    const found = await get(withQuery(`${address}/rows`, { page: asked.page, position: asked.position, q: words.value.trim() }));
    if (asked !== card) return;
    const known = new Set(card.rows.map((row) => row.id));
    const others = found.rows.filter((row) => !known.has(row.id));
    rows = [...card.rows, ...others];
    find("#hint").textContent = t("links.found_rows", { count: found.rows.length });
    const first = rows.findIndex((row) => row.id === found.rows[0]?.id);
    if (first >= 0) { choose(first); words.blur(); }
  } catch (error) {
    find("#hint").textContent = error.told || String(error);
  }
}

/** Nothing is free: all is decided, or others have the rest. */
function idle(next) {
  const book = `/links/${encodeURIComponent(root.dataset.book)}`;
  fill(find("#idle"), h("p", { class: next.waiting ? "notice" : "notice ok" }, next.waiting ? t("links.others_have", { count: next.others }) : t("links.all_done")),
    h("p", { class: "row" }, h("a", { class: "button primary", href: book }, next.waiting ? t("links.to_book") : t("links.to_package")),
      done.length ? h("button", { id: "undo-idle", onclick: undo }, t("action.undo"), h("kbd", {}, keyLabel("undo"))) : null));
}

addEventListener("keydown", (event) => {
  if (composing(event) || document.querySelector("dialog[open]")) return;
  const action = { undo, skip }[shortcutOf(event)];
  if (action) { if (!event.repeat) action(); event.preventDefault(); return; }
  if (event.target.closest?.("input, select, textarea") || event.ctrlKey || event.altKey || event.metaKey || !card) return;
  if (event.key === "Enter" && event.target.closest?.("button, a, summary")) return;
  if (/^[1-9]$/.test(event.key) && Number(event.key) <= rows.length) choose(Number(event.key) - 1);
  else if (event.key === "ArrowDown") choose(at + 1);
  else if (event.key === "ArrowUp") choose(at - 1);
  else if (heldDown(event, event.key)) return;
  else if (event.key === "Enter" && rows[at]) decide(rows[at].id);
  else if (event.key === "0") decide("");
  else if (event.key === "/") words.focus();
  else return;
  event.preventDefault();
});
find("#accept").addEventListener("click", () => rows[at] && decide(rows[at].id));
find("#another").addEventListener("click", () => choose(at + 1));
find("#no-row").addEventListener("click", () => decide(""));
find("#skip").addEventListener("click", skip);
find("#undo").addEventListener("click", undo);
find("#find-row").addEventListener("submit", (event) => { event.preventDefault(); search(); });
addEventListener("pagehide", () => { if (card) post("/api/links/release", {}, { keepalive: true, waits: false }).catch(() => {}); });
ask("next", { skipped });
