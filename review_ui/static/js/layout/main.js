// The screen on which a form is taught: the page with what is marked on it, what can be said of it, what it lacks.

import { get, post } from "../api.js";
import { find, h, tell } from "../dom.js";
import { load } from "../pictures.js";
import { toast } from "../toast.js";
import { Viewer } from "../viewer.js";
import { said, t } from "../words.js";
import { Canvas } from "./canvas.js";
import { Checklist } from "./checks.js";
import { FieldPanel } from "./fields.js";
import { History } from "./history.js";
import { Keeper } from "./keeper.js";
import { Keys, TOOLS } from "./keys.js";
import * as model from "./model.js";
import { sure } from "./sure.js";
import { TrialPanel } from "./trial.js";

const POLL_MS = 1500;
const root = find("#sketch");
const id = root.dataset.sketch;
const address = `/api/sketches/${id}`;
const viewer = new Viewer(find("#form"));
const frame = viewer.frame;

let sketch = null;
let history = null;
let keeper = null;
let columns = [];
let byCode = new Map();
let chosen = new Set();
let tool = "choose";
let lineFor = ""; // the next drawn line belongs to this field
let part = null; // number of the line or tick box of the chosen field that keys move alone; null: all of it

const content = () => history?.state ?? sketch.content;
const mayChange = () => Boolean(sketch?.mine) && sketch.state === "ready" && !keeper?.stopped;

const hooks = {
  ready: () => Boolean(history), content, mayChange, chosen: () => chosen, part: () => part, tool: () => tool,
  columns: () => columns, column: (code) => byCode.get(code),
  label: (field) => panel.nameOf(field),
  choose, placed: (key, number, box) => apply(model.place(content(), key, number, box)),
  drawn, nudged, change: (key, values) => apply(model.change(content(), key, values)),
  setColumn,
};
const panel = new FieldPanel(hooks);
const canvas = new Canvas(viewer, hooks);
const checklist = new Checklist(id, lead);
new TrialPanel(id, () => keeper?.settle());

async function start() {
  try {
    await open(await get(address));
  } catch (error) {
    tell(find("#fault"), error.told ?? String(error), "error");
  }
}

/** Show a sketch as the server has it; wait while the machine looks at its scans. */
async function open(found) {
  sketch = found;
  if (found.state === "proposing") {
    viewer.say(t("layouts.looking"));
    tell(find("#fault"), t("layouts.looking"), "");
    await new Promise((done) => setTimeout(done, POLL_MS));
    return open(await get(address));
  }
  if (found.state === "waiting") return tell(find("#fault"), t("layouts.no_scan"), "warn");
  tell(find("#fault"), found.cause ? `${said(found.cause)}${found.remedy ? ` → ${said(found.remedy)}` : ""}` : "", found.state === "failed" ? "error" : "warn");
  columns = await get(`/api/sketches/columns?type=${found.content.type}`);
  byCode = new Map(columns.map((one) => [one.code, one]));
  keeper = new Keeper(id, found.revision, showSaving);
  const first = found.revision;
  history = new History(found.content, (steps) => get(`${address}/revisions/${first - steps}`).catch(() => null));
  find("#take").hidden = found.mine;
  find("#held").textContent = found.mine ? "" : t("layouts.held", { who: found.holder });
  if (found.picture) {
    const image = await load(found.picture);
    viewer.show(image, { width: image.naturalWidth, height: image.naturalHeight });
    viewer.fitWidth();
  } else viewer.say(t("field.picture_failed"));
  const left = mayChange() ? keeper.left() : null;
  if (left) {
    apply(left);
    toast(t("layouts.brought_back"), "ok");
  }
  draw();
  showSaved();
  checklist.look();
  root.dataset.state = found.state;
  frame.focus({ preventScroll: true });
}

/** The new state of the form: drawn, kept, looked over. */
function apply(next) {
  if (next === content() || !mayChange()) return;
  history.push(next);
  afterChange();
}

function afterChange() {
  const keys = new Set(model.KINDS.flatMap((kind) => content()[kind].map((one) => one.key)));
  chosen = new Set([...chosen].filter((key) => keys.has(key)));
  if (part !== null && !(part < partCount())) part = null;
  sketch.is_saved = false;
  keeper.keep(content());
  draw();
  showSaved();
}

function on(name, can) {
  find(name).disabled = !can || !mayChange();
}

function draw() {
  if (!history) return;
  canvas.draw();
  panel.draw();
  const fields = content().fields.filter((one) => chosen.has(one.key));
  on("#undo", true);
  on("#redo", history.future.length);
  on("#accept", fields.some((one) => !one.accepted));
  on("#accept-all", content().fields.some((one) => !one.accepted));
  on("#delete", chosen.size);
  on("#group", fields.length > 1);
  on("#split", fields.length === 1 && fields[0].lines.length > 1);
  on("#add-line", fields.length === 1 && fields[0].kind !== "tick");
  on("#save", true);
  on("#try", true);
  for (const [key, name] of Object.entries(TOOLS)) {
    const button = find(`#tool-${name}`);
    button.setAttribute("aria-pressed", String(name === tool));
    button.disabled = !mayChange();
    button.title = key.toUpperCase();
  }
  find("#tool-told").textContent = part !== null ? t("layouts.tool.part", { number: part + 1 }) : lineFor ? t("layouts.tool.line") : t(`layouts.tool.${tool}`);
  if (document.activeElement?.disabled) frame.focus({ preventScroll: true }); // keys go on where a button has done its work
}

function choose(key, more = false) {
  if (!key) chosen = new Set();
  else if (more) chosen = chosen.has(key) ? new Set([...chosen].filter((one) => one !== key)) : new Set([...chosen, key]);
  else chosen = new Set([key]);
  lineFor = "";
  part = null;
  draw();
  showChosen();
}

/** Bring what was chosen last into sight. */
function showChosen() {
  const last = [...chosen].at(-1);
  const found = last && model.thingOf(content(), last);
  const box = found && model.partsOf(found.kind, found.thing)[part ?? 0]?.box;
  if (box) canvas.show(box);
  document.querySelector(`#things [data-key="${last}"]`)?.scrollIntoView({ block: "nearest" });
}

/** How many lines or tick boxes the chosen thing has. */
function partCount() {
  const found = chosen.size === 1 && model.thingOf(content(), [...chosen][0]);
  return found ? model.partsOf(found.kind, found.thing).length : 0;
}

function setPart(number) {
  part = number;
  draw();
  showChosen();
}

/** The next drawn line belongs to this field. */
function addLineTo(key) {
  lineFor = key;
  tool = "field";
  draw();
}

function setTool(name) {
  tool = name;
  lineFor = "";
  draw();
}

/** A box was drawn, or a line clicked. */
function drawn(box, isClick) {
  if (!mayChange()) return;
  part = null;
  if (!box || (!isClick && box[2] < 2 && box[3] < 2)) return;
  const now = content();
  if (lineFor) {
    const field = now.fields.find((one) => one.key === lineFor);
    lineFor = "";
    tool = "choose";
    if (field) apply(model.change(now, field.key, { lines: [...field.lines, box.map(model.round)].toSorted(model.readingOrder) }));
    draw();
    return;
  }
  if (tool === "tick") {
    const made = model.withTick(now, box, [...chosen][0]);
    chosen = new Set([made.key]);
    apply(made.content);
    if (!made.content.fields.find((one) => one.key === made.key).code) panel.ask();
    return;
  }
  const kind = { field: "fields", caption: "captions", rule: "rules" }[tool];
  const thing = tool === "field" ? model.newField(now, box) : tool === "caption" ? model.newCaption(now, box) : model.newRule(now, box);
  chosen = new Set([thing.key]);
  apply(model.add(now, kind, thing));
  if (tool === "field") panel.ask();
  else if (tool === "caption") find("#words-of").focus();
}

/** Arrow keys: every box of what is chosen, or one of them alone; false when nothing is chosen. */
function nudged(dx, dy, sizes) {
  if (!chosen.size || !mayChange()) return false;
  let next = content();
  for (const key of chosen) {
    const found = model.thingOf(next, key);
    for (const { part: number, box } of found ? model.partsOf(found.kind, found.thing) : []) {
      if (part === null || part === number) next = model.place(next, key, number, (sizes ? model.resized : model.moved)(box, dx, dy, next.page));
    }
  }
  apply(next);
  showChosen();
  return true;
}

function setColumn(key, column) {
  const field = content().fields.find((one) => one.key === key);
  if (!field) return;
  apply(model.change(content(), key, model.withColumn(field, column)));
  frame.focus({ preventScroll: true });
}

/** Show the place of a remark. */
function lead(remark) {
  if (remark.keys.length) {
    chosen = new Set(remark.keys);
    part = null;
    draw();
    document.querySelector(`#things [data-key="${remark.keys[0]}"]`)?.scrollIntoView({ block: "nearest" });
  }
  if (remark.place.length) canvas.show([remark.place[0], remark.place[1], 10, 10]);
  if (remark.rule === "incomplete" || remark.rule === "no_words") panel.ask();
  else frame.focus({ preventScroll: true });
}

async function undo() {
  if (mayChange() && await history.undo()) afterChange();
}

function redo() {
  if (mayChange() && history.redo()) afterChange();
}

const deeds = {
  undo, redo,
  accept: () => apply({ ...content(), fields: content().fields.map((one) => (chosen.has(one.key) ? { ...one, accepted: true } : one)) }),
  "accept-all": () => apply(model.allAccepted(content())),
  delete: () => apply(part === null ? model.remove(content(), [...chosen]) : model.withoutPart(content(), [...chosen][0], part)),
  group: () => {
    const [first] = chosen;
    const next = model.grouped(content(), [...chosen]);
    chosen = new Set([first]);
    apply(next);
  },
  split: () => apply(model.split(content(), [...chosen][0])),
  "add-line": (event) => (event?.detail === 0 && event.isTrusted ? keys.addLine() : addLineTo([...chosen][0])),
  save, take, "turn-right": () => look({ turn: (sketch.turn + 90) % 360 }), "look-again": () => look({}),
  discard: async () => {
    if (!(await sure(t("layouts.discard_sure")))) return;
    await post(`${address}/discard`);
    location.assign("/layouts");
  },
};
const keys = new Keys(viewer, canvas, {
  content, mayChange, chosen: () => chosen, part: () => part, setPart, tool: () => tool, setTool, choose, drawn, placed: hooks.placed,
  ask: () => panel.ask(), help, deeds, addLineTo,
});
start();
for (const [name, deed] of Object.entries(deeds)) find(`#${name}`).addEventListener("click", deed);
for (const name of Object.values(TOOLS)) find(`#tool-${name}`).addEventListener("click", (event) => {
  setTool(name);
  if (event.detail === 0 && name !== "choose") keys.draw(); // by the keyboard
});
find("#zoom-in").addEventListener("click", () => viewer.zoom(1.25));
find("#zoom-out").addEventListener("click", () => viewer.zoom(0.8));
find("#fit").addEventListener("click", () => viewer.fitWidth());
find("#repeat").addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(event.target);
  const number = (name) => Number(String(data.get(name)).replace(",", ".")) || 0;
  apply({ ...content(), offsets: model.repeated(number("count"), number("dx"), number("dy")) });
});
for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => showTab(tab.id));

function showTab(name) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const isOwn = tab.id === name;
    tab.setAttribute("aria-selected", String(isOwn));
    tab.tabIndex = isOwn ? 0 : -1;
    find(`#${tab.getAttribute("aria-controls")}`).hidden = !isOwn;
  }
}

find(".tabs").addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const next = tabs[(tabs.indexOf(event.target) + by + tabs.length) % tabs.length];
  showTab(next.id);
  next.focus();
});

/** The list of keys; Escape leads back to the picture. */
function help() {
  showTab("tab-more");
  find("#keys-told").focus();
}

async function take() {
  await open(await post(`${address}/take`));
}

/** The machine looks again; what was marked can be had back by undoing. */
async function look(wanted) {
  if (content().fields.some((one) => one.accepted) && !(await sure(t("layouts.look_sure")))) return;
  try {
    await keeper?.settle();
    await open(await post(`${address}/look`, wanted));
  } catch (error) {
    toast(error.told ?? String(error), "error");
  }
}

async function save() {
  const button = find("#save");
  button.disabled = true;
  try {
    await keeper.settle();
    const saved = await post(`${address}/save`, { revision: keeper.revision }, { timeout: 60000 });
    Object.assign(sketch, { layout: saved.layout, version: saved.version, is_saved: true });
    toast(t("layouts.saved", saved), "ok");
    if (saved.left_out) toast(t("layouts.left_out", { count: saved.left_out }), "warn");
  } catch (error) {
    toast(error.told ?? String(error), "error");
  }
  draw();
  if (document.activeElement === document.body) button.focus();
  showSaved();
}

function showSaved() {
  find("#layout-name").textContent = sketch.version ? `${sketch.layout} · ${t("layouts.version", { number: sketch.version })}` : t("layouts.not_saved");
  find("#layout-name").className = `tag ${sketch.version ? (sketch.is_saved ? "ok" : "warn") : ""}`;
  find("#saved-next").hidden = !sketch.version;
}

function showSaving(state, error) {
  const shown = find("#save-state");
  shown.dataset.state = state;
  shown.textContent = t(`layouts.keeping.${state}`);
  if (state === "saved") checklist.look();
  if (state === "refused") {
    tell(find("#fault"), error.told ?? String(error), "error");
    find("#fault").append(" ", h("button", { onclick: () => { localStorage.removeItem(keeper.name); location.reload(); } }, t("layouts.reload")));
    draw();
  }
}

// for tests and for people who look into the page
globalThis.sketchScreen = { content, onScreen };

/** Where a place of the page (mm) is in the window. */
function onScreen(x, y) {
  const { left, top } = frame.getBoundingClientRect();
  const [inX, inY] = viewer.toFrame(x * canvas.scale, y * canvas.scale);
  return [left + inX, top + inY];
}
