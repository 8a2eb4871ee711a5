// The page on which scans and the inventory are brought in.

import { ApiError, get } from "../api.js";
import { fill, find, h } from "../dom.js";
import { toast } from "../toast.js";
import { decimal, said, t } from "../words.js";
import { unpacked } from "./archives.js";
import { openDescription, rememberUnits } from "./description.js";
import { showInventory } from "./inventory.js";
import { Sending, sendAll } from "./sending.js";
import { chosen, dropped, isInventory, isScan, merged, placeOf, topFolders } from "./trees.js";

const MOST_ROWS = 400; // of the list; the others are counted
const MOST_NAMES = 20; // of what could not be read; the others are counted

let picked = []; // [{path, file}]
let sendings = [];
let shelves = new Set();
let stopper = null;
let row = new Map();

/** Take in what comes of a drop or a choice; what could not be read is named, and stays named until the next one. */
async function bring(coming) {
  find("#told").textContent = t("office.looking_through");
  find("#unread").hidden = true;
  try {
    const { files, unread } = await coming;
    await take(files);
    nameUnread(unread);
  } catch (error) {
    toast(error.told ?? String(error), "error");
  }
  if (find("#told").textContent === t("office.looking_through")) find("#told").textContent = "";
}

function nameUnread(paths) {
  const shown = paths.slice(0, MOST_NAMES).join(", ");
  const names = paths.length > MOST_NAMES ? `${shown} (+${paths.length - MOST_NAMES})` : shown;
  find("#unread").hidden = !paths.length;
  find("#unread").textContent = paths.length ? t("office.unread", { count: paths.length, names }) : "";
}

/** Scans wait to be sent, an inventory is looked over. */
async function take(files) {
  const open = await withoutArchives(files);
  const inventory = open.find(({ path }) => isInventory(path));
  if (inventory) showInventory(inventory.file, refresh);
  const scans = open.filter(({ path }) => isScan(path));
  if (!scans.length && !inventory) toast(t("office.nothing"), "warn");
  picked = merged(picked, scans);
  const tops = topFolders([...picked, ...open.filter(({ path }) => isInventory(path))]);
  shelves = new Set([...tops].filter(([, holdsBooks]) => holdsBooks).map(([name]) => name));
  showTops([...tops.keys()]);
  arrange();
}

async function withoutArchives(files) {
  const found = [];
  for (const one of files) {
    if (!/\.zip$/i.test(one.path)) {
      found.push(one);
      continue;
    }
    find("#told").textContent = t("office.reading_zip", { name: one.path });
    try {
      found.push(...(await unpacked(one.file)));
    } catch {
      toast(t("office.bad_zip", { name: one.path }), "error");
    }
  }
  return found;
}

function showTops(names) {
  const nested = names.filter((name) => picked.some(({ path }) => path.startsWith(`${name}/`) && path.split("/").length > 2));
  fill(find("#tops"), nested.map((name) => h("p", {}, h("label", {},
    h("input", {
      type: "checkbox", checked: shelves.has(name),
      onchange: (event) => { shelves[event.target.checked ? "add" : "delete"](name); arrange(); },
    }), " ", t("office.each_is_book", { folder: name })))));
}

function arrange() {
  const loose = find("#into").value.trim();
  find("#loose").hidden = !picked.some(({ path }) => !path.includes("/"));
  const settled = new Map(sendings.filter((one) => one.settled).map((one) => [one.place, one]));
  sendings = picked.map(({ path, file }) => {
    const place = placeOf(path, shelves, loose);
    const former = settled.get(place);
    return former?.file === file ? former : new Sending(place, file);
  });
  list();
}

function list() {
  row = new Map();
  const shown = [...sendings].sort((a, b) => (a.state === "refused" ? 0 : 1) - (b.state === "refused" ? 0 : 1)).slice(0, MOST_ROWS);
  fill(find("#files tbody"), shown.map((one) => {
    const cells = { state: h("td", {}), told: h("td", {}) };
    row.set(one, cells);
    tell(one);
    return h("tr", { dataset: { place: one.place } }, h("td", {}, one.place || one.file.name), h("td", { class: "number" }, amount(one.file.size)), cells.state, cells.told);
  }));
  find("#files").hidden = !sendings.length;
  buttons();
}

function tell(one) {
  const cells = row.get(one);
  if (cells) {
    const kind = { kept: "ok", there: "ok", refused: "bad", unsent: "warn", sending: "accent", looking: "accent" }[one.state] ?? "";
    fill(cells.state, h("span", { class: `tag ${kind}` }, t(`office.${one.state}`, { percent: Math.floor(100 * one.share), pages: one.pages })));
    cells.told.textContent = one.told;
  }
  const bar = find("#all");
  bar.max = sendings.length || 1;
  bar.value = sendings.reduce((sum, each) => sum + (each.settled ? 1 : each.state === "sending" ? each.share / 2 : 0), 0);
}

function buttons() {
  const open = sendings.filter((one) => !one.settled);
  const sending = stopper !== null;
  find("#send").hidden = sending || !open.length || open.some((one) => one.state === "unsent");
  find("#again").hidden = sending || !open.some((one) => one.state === "unsent");
  find("#stop").hidden = !sending;
  find("#forget").hidden = sending || !sendings.length;
  find("#all").hidden = !sending;
  if (!sending && open.length && !open.some((one) => one.state === "unsent")) {
    const size = amount(open.reduce((sum, one) => sum + one.file.size, 0));
    find("#told").textContent = t("office.ready", { count: open.length, size });
  }
}

async function send() {
  if (sendings.some((one) => !one.settled && !one.place)) {
    toast(t("office.need_folder"), "warn");
    find("#into").focus();
    return;
  }
  stopper = new AbortController();
  buttons();
  try {
    await sendAll(sendings, tell, stopper.signal);
  } catch (error) {
    toast(error instanceof ApiError ? error.told : String(error), "error");
    for (const one of sendings) if (!one.settled) one.state = "unsent";
  }
  stopper = null;
  list();
  const count = (state) => sendings.filter((one) => one.state === state).length;
  const open = sendings.filter((one) => !one.settled).length;
  find("#told").textContent = t("office.sent", { kept: count("kept"), there: count("there"), refused: count("refused"), unsent: open });
  await refresh();
}

/** Show what lies among the scans by now. */
async function refresh() {
  const found = await get("/api/import");
  rememberUnits(found.folders);
  fill(find("#folders tbody"), found.folders.map((one) => h("tr", { dataset: { folder: one.name } },
    h("td", {}, one.name),
    h("td", { class: "number" }, String(one.files)),
    h("td", {}, one.book ? `${one.book.id} · ${one.book.agency}` : h("span", { class: "tag warn" }, t("office.no_book"))),
    h("td", {}, one.book && !one.own ? one.line : h("button", { class: one.book ? "" : "primary", onclick: () => openDescription(one, refresh) }, t(one.book ? "office.change" : "office.describe"))))));
  const undescribed = new Set(found.folders.filter((one) => !one.book).map((one) => one.name)); // the button says it
  find("#folders").hidden = !found.folders.length;
  find("#no-folders").hidden = found.folders.length > 0;
  fill(find("#known-folders"), found.folders.map((one) => h("option", { value: one.name })));
  fill(find("#faults"),
    found.faults.filter((one) => !undescribed.has(one.where)).map((one) => h("p", { class: "notice warn" }, h("strong", {}, one.where), ": ", said(one.cause), one.remedy ? ` → ${said(one.remedy)}` : "")),
    found.notices.map((one) => h("p", { class: "muted small" }, said(one))));
}

function amount(bytes) {
  return bytes >= 1e6 ? `${decimal(bytes / 1e6, 1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

const drop = find("#drop");
for (const kind of ["dragover", "dragenter"]) {
  document.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  bring(dropped(event.dataTransfer));
});
for (const id of ["#choose-folder", "#choose-files"]) {
  find(id).addEventListener("change", (event) => {
    const files = chosen(event.target.files);
    event.target.value = "";
    bring({ files, unread: [] });
  });
}
find("#choose-inventory").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) showInventory(file, refresh);
  event.target.value = "";
});
find("#into").addEventListener("input", arrange);
find("#send").addEventListener("click", send);
find("#again").addEventListener("click", send);
find("#stop").addEventListener("click", () => stopper?.abort());
find("#forget").addEventListener("click", () => {
  picked = [];
  shelves = new Set();
  find("#told").textContent = "";
  find("#unread").hidden = true;
  fill(find("#tops"));
  arrange();
});
window.addEventListener("beforeunload", (event) => { if (stopper) event.preventDefault(); });
refresh().catch((error) => toast(error.told ?? String(error), "error"));
