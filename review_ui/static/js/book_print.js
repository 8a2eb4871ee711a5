// How a book is printed: learned by the machine, shown to a person, confirmed or thrown away, taken back.

import { get, post } from "./api.js";
import { fill, find, h } from "./dom.js";
import { columnName, decimal, said, t } from "./words.js";

const LOOK_MS = 1500;
const MOST_FIELDS = 30;
const book = find("#book-print").dataset.book;
const address = `/api/books/${encodeURIComponent(book)}/print`;
let watching = 0;
let pictured = "";

for (const deed of ["learn", "keep", "discard", "forget"]) {
  find(`#${deed}`).addEventListener("click", () => act(deed));
}
look();

async function act(deed) {
  const buttons = [...document.querySelectorAll("#book-print button")];
  for (const one of buttons) one.disabled = true;
  find("#told").hidden = true;
  try {
    await post(`${address}/${deed}`);
  } catch (error) {
    tell(error.told ?? String(error));
  } finally {
    for (const one of buttons) one.disabled = false;
  }
  await look();
}

/** Show what is known, and look again while something is under way. */
async function look() {
  clearTimeout(watching);
  let state;
  try {
    state = await get(address);
  } catch (error) {
    tell(error.told ?? String(error));
    return;
  }
  show(state);
  const reads = state.rereading && !state.rereading.is_finished;
  if (state.draft?.state === "learning" || reads) watching = setTimeout(look, LOOK_MS);
}

function show({ version, refused, pages, residual_mm: left, draft, rereading }) {
  const learning = draft?.state === "learning";
  let poor = refused ? ` ${t("book_print.refused", { count: refused, pages })}` : "";
  if (left) poor = ` ${t("book_print.badly", { pages, left: decimal(left, 2) })}`;
  find("#in-force").textContent = (version ? t("book_print.in_force", { version }) : t("book_print.installed")) + poor;
  find("#learning").hidden = !learning;
  find("#learn").hidden = learning || draft?.state === "ready";
  find("#forget").hidden = !version || learning;
  find("#reading").textContent = reread(rereading, version);
  find("#draft").hidden = draft?.state !== "ready";
  if (draft?.state === "failed") tell(`${said(draft.cause)}${draft.remedy ? ` → ${said(draft.remedy)}` : ""}`);
  if (draft?.state === "ready") showDraft(draft);
}

function reread(rereading, version) {
  if (!rereading) return version ? t("book_print.next_run") : "";
  if (rereading.failed) return said(rereading.failed);
  return t(rereading.is_finished ? "book_print.read" : "book_print.reading", { done: rereading.done, pages: rereading.pages });
}

function showDraft(draft) {
  find("#fits").textContent = t("book_print.fits", { like: draft.like, before: draft.fitted_before, pages: draft.pages, now: draft.accepted, checked: draft.checked });
  const unsure = draft.fields.filter((one) => !one.confirmed);
  find("#unsure").hidden = draft.holds && unsure.length === 0;
  find("#unsure").textContent = (draft.holds ? "" : `${t("book_print.does_not_hold")} `) + t("book_print.unsure", { count: unsure.length });
  const words = [];
  if (draft.reworded.length) words.push(t("book_print.reworded", { words: quoted(draft.reworded) }));
  if (draft.missing.length) words.push(t("book_print.missing", { words: quoted(draft.missing) }));
  find("#wording").textContent = words.join(" ");
  const shown = [...unsure, ...draft.fields.filter((one) => one.confirmed)].slice(0, Math.max(MOST_FIELDS, unsure.length));
  fill(find("#fields"), shown.map((one) => h("tr", {},
    h("td", {}, columnName(one.code)), h("td", { class: "number" }, decimal(one.moved_mm, 1)), h("td", { class: "number" }, decimal(one.off_mm, 1)),
    h("td", {}, h("span", { class: one.confirmed ? "tag ok" : "tag warn" }, t(one.confirmed ? "book_print.yes" : "book_print.no"))))));
  const now = JSON.stringify(draft);
  if (pictured === now) return;
  pictured = now;
  for (const side of ["before", "after"]) find(`#${side}`).src = `${address}/picture/${side}?${Date.now()}`;
}

const quoted = (words) => [...new Set(words)].map((word) => `“${word}”`).join(", ");

function tell(text) {
  const told = find("#told");
  told.className = "notice error";
  told.textContent = text;
  told.hidden = false;
}
