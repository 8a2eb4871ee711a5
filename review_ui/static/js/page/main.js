// A page of a book: why it was not read, its form and corners for reading it again, its place in the book.

import { get, post, withQuery } from "../api.js";
import { fill, find, h, tell } from "../dom.js";
import { load } from "../pictures.js";
import { toast } from "../toast.js";
import { Viewer } from "../viewer.js";
import { moment, said, t } from "../words.js";
import { cost, effectOf } from "./cutting.js";
import { SharedCut } from "./shared_cut.js";
import { Repair } from "./repair.js";

const root = find("#page");
const address = `/api/pages/${root.dataset.page}`;
const editable = root.dataset.edit === "yes";
const viewer = new Viewer(find("#scan"));
const sharedCut = editable ? new SharedCut(Number(root.dataset.page)) : null;
const repair = editable ? new Repair(viewer, address, show) : null;
const WITHOUT_RECORD = new Set(["blank", "cover", "aside"]);
const HANDLE = 24; // pixels from the middle of a corner's handle to its edge, with a finger's
const NOT_READ = new Set(["refused", "other", "failed", "poisoned", "gone", "aside", "blank", "cover"]);

find("#move").addEventListener("click", () => change("place", { after: Number(find("#after").value) }, "placed"));
find("#join").addEventListener("click", () => change("place", { continuation_of: Number(find("#part-of").value) }, "joined"));
find("#call-back").addEventListener("click", () => change("call-back", {}, "called_back"));
find("#read").addEventListener("click", readNow);
find("#send-to").addEventListener("focus", listBooks, { once: true });
find("#send-to").addEventListener("keydown", (event) => { if (event.key === "Enter") send(); });
find("#send-do").addEventListener("click", send);
find("#restore").addEventListener("click", restore);
find("#recut-begin").addEventListener("click", () => { isCutting = true; show(shown); });
find("#recut-leave").addEventListener("click", () => show(shown));
addEventListener("keydown", (event) => {
  if (event.key === "PageDown" || event.key === "PageUp") {
    const anchor = find(event.key === "PageDown" ? "#next" : "#previous");
    if (!anchor.hidden) location.href = anchor.href;
    event.preventDefault();
  } else if (event.altKey && viewer.obey({ "=": "zoom-in", "+": "zoom-in", "-": "zoom-out", 0: "fit" }[event.key] || "")) event.preventDefault();
});
let shown = null;
let isCutting = false; // a page that was read is shown with corners to move
show();

/** Ask for the page and show it, or show what an action answered; `opened`: with a picture that is withheld. */
async function show(given = null, opened = false) {
  let page = given;
  try {
    page ??= await get(opened ? withQuery(address, { open: "true" }) : address);
  } catch (error) {
    find("#cause").hidden = false;
    find("#cause").textContent = error.told || String(error);
    return;
  }
  find("#title").textContent = `${page.book} · ${page.name}`;
  find("#kind").textContent = t(`page.kind.${page.kind}`);
  find("#kind").className = `tag ${page.kind === "record" ? "ok" : NOT_READ.has(page.kind) ? "warn" : ""}`;
  find("#cause").hidden = !page.cause;
  fill(find("#cause"), h("b", {}, said(page.cause)), " ", said(page.remedy));
  shown = page;
  const isAsked = isCutting && page.kind === "record";
  isCutting = false;
  neighbours(page);
  records(page);
  elsewhere(page);
  decisions(page);
  const teach = document.querySelector("#teach");
  if (teach) find("#book-print").href = `/book/${encodeURIComponent(page.book)}/print`;
  if (teach) teach.hidden = page.kind !== "refused";
  const isAway = page.sent?.home === page.book; // it counts for another book: all is decided there
  const repairable = editable && (page.kind !== "record" || isAsked) && !isAway && Boolean(page.scan); // without a picture there is nothing to cut
  find("#recut").hidden = !editable || isAway || page.kind !== "record" || isAsked || !page.scan;
  find("#recut-leave").hidden = !isAsked;
  find("#call-back-section").hidden = !editable || isAway || !WITHOUT_RECORD.has(page.kind);
  const waits = editable && page.kind === "pending";
  find("#waiting").hidden = !waits;
  if (waits && document.activeElement === document.body) find("#read").focus({ preventScroll: true });
  find("#repair").hidden = !repairable;
  root.classList.toggle("mending", repairable);
  const picture = repairable ? page.scan : page.picture;
  if (picture) {
    try {
      viewer.margin = repairable ? HANDLE : 0;
      const image = await load(picture);
      viewer.show(image, { width: picture.width || image.naturalWidth, height: picture.height || image.naturalHeight });
      viewer.fit();
    } catch {
      find("#repair").hidden = true;
      viewer.say(t("field.picture_failed"));
    }
  }
  if (page.is_withheld) viewer.say(t("page.withheld"), h("button", { id: "open-picture", onclick: (event) => { event.target.disabled = true; show(null, true); } }, t("page.open_picture")));
  else if (!picture && page.no_picture) viewer.say(said(page.no_picture));
  if (editable) await offer(page, repairable);
  await sharedCut?.offer(page, editable && !isAway);
}

/** What can be done about the page. */
async function offer(page, repairable) {
  const { layouts, reasons } = await get(withQuery("/api/layouts", { type: page.type })).catch(() => ({ layouts: [], reasons: [] }));
  if (repairable) repair.open(page, layouts);
  const isAway = page.sent?.home === page.book;
  find("#aside").hidden = page.kind === "aside";
  find("#send").hidden = ["duplicate", "half", "skipped", "gone"].includes(page.kind);
  fill(find("#reasons"), reasons.map((reason) => h("button", { onclick: () => change("aside", { reason: reason.id }, "aside_done") }, said(reason))));
  find("#order").hidden = page.pages.length < 2 || isAway;
  const others = page.pages.filter((other) => other.page !== page.page);
  const before = page.pages[page.pages.findIndex((other) => other.page === page.page) - 1];
  const options = (chosen) => others.map((other) => h("option", { value: other.page, selected: other.page === chosen }, other.name));
  fill(find("#after"), h("option", { value: 0, selected: !before }, t("page.first_place")), options(before?.page));
  fill(find("#part-of"), options(before?.page));
}

/** Back to what the machine found; who decided fields of the page learns first what becomes of them. */
async function restore() {
  if (shown?.kind !== "record") return change("restore", {}, "restored");
  const told = find("#restore-told"), agree = find("#restore-agree"), button = find("#restore");
  button.disabled = true;
  told.hidden = false;
  told.textContent = t("page.recut_looking");
  try {
    const answer = await post(`${address}/cut-preview`, {}, { timeout: 180000 });
    told.hidden = agree.hidden = !cost(answer);
    told.textContent = effectOf(answer, t);
    if (cost(answer)) agree.onclick = () => change("restore", { accepted: cost(answer) }, "restored");
    else await change("restore", {}, "restored");
  } catch (error) {
    told.hidden = true;
    toast(error.told || String(error), "error");
  } finally {
    button.disabled = false;
  }
}

async function change(action, body, word) {
  try {
    const answer = await post(`${address}/${action}`, body, { timeout: 120000 });
    toast(t(`page.${word}`), "ok");
    await show(answer);
  } catch (error) {
    toast(error.told || String(error), "error");
  }
}

/** A page that waits is read before the next run comes to it. */
async function readNow() {
  const button = find("#read");
  button.disabled = true;
  tell(find("#read-told"), t("page.reading"));
  try {
    const answer = await post(`${address}/read`, {}, { timeout: 180000 });
    tell(find("#read-told"), "");
    toast(answer.kind === "record" ? t("page.reread_done", { count: answer.records }) : said(answer.cause) || t(`page.kind.${answer.kind}`), answer.kind === "record" ? "ok" : "warn");
    await show();
  } catch (error) {
    tell(find("#read-told"), error.told || String(error), "error");
  } finally {
    button.disabled = false;
  }
}

/** The books that a page may be sent to, once somebody wants to. */
async function listBooks() {
  const { books } = await get("/api/books").catch(() => ({ books: [] }));
  const open = books.filter((book) => book.state === "open" && book.id !== shown?.book);
  fill(find("#send-books"), open.map((book) => h("option", { value: book.id }, `${book.type} · ${book.agency}`)));
}

/** Have the page count for the book that was chosen, and go where it can be worked on. */
async function send() {
  const to = find("#send-to").value.trim();
  if (!to) { find("#send-to").focus(); return; }
  find("#send-do").disabled = true;
  toast(t("page.sending"));
  try {
    const answer = await post(`${address}/send`, { to }, { timeout: 180000 });
    find("#send-to").value = "";
    const done = answer.kind === "record" ? t("page.sent_read", { book: answer.book, count: answer.records }) : t("page.sent_done", { book: answer.book });
    toast(`${done} ${answer.kind === "record" ? "" : said(answer.cause)}`.trim(), "ok");
    if (shown.sent && shown.sent.home !== shown.book) location.href = `/page/${answer.page}`; // it has left this book
    else await show();
  } catch (error) {
    toast(error.told || String(error), "error");
  } finally {
    find("#send-do").disabled = false;
  }
}

/** Where the page counts, or from where it came, with the way there. */
function elsewhere(page) {
  find("#sent").hidden = !page.sent;
  if (!page.sent) return;
  const { home, to, page: other } = page.sent;
  const word = home === page.book ? t("page.is_sent", { book: to }) : t("page.came_from", { book: home });
  fill(find("#sent"), word, " ", other && h("a", { href: `/page/${other}` }, t("page.open_there")));
}

function neighbours(page) {
  const at = page.pages.findIndex((other) => other.page === page.page);
  for (const [selector, step, words, key] of [["#previous", -1, `← ${t("page.previous")}`, "PgUp"], ["#next", 1, `${t("page.next")} →`, "PgDn"]]) {
    const other = page.pages[at + step];
    find(selector).hidden = !other;
    if (other) find(selector).href = `/page/${other.page}`;
    fill(find(selector), words, " ", h("kbd", {}, key));
  }
}

function records(page) {
  find("#records").hidden = ![page.records, page.dropped, page.left_out, page.left_over].some((some) => some.length);
  find("#left-over").hidden = !page.left_over.length;
  fill(find("#left-over-list"), page.left_over.map((one) => h("li", {}, `${said(one.caption)}: `, h("b", {}, one.value || t(`state.${one.state}`)), " · ", one.user, ", ", moment(one.time))));
  fill(find("#record-links"), page.records.map((record, i) => h("a", { class: "button", href: `/record/${record}` }, t("page.open_record", { position: page.positions[i] }))));
  find("#dropped").hidden = !page.dropped.length && !page.left_out.length;
  fill(find("#dropped-list"),
    page.dropped.map((one) => h("li", {}, t("page.dropped_one", { position: one.position }), " · ", one.user, ", ", moment(one.time), " ",
      counting(t("page.bring_back"), `/api/records/${one.record}/restore`, {}, t("page.brought_back", { position: one.position })))),
    page.left_out.map(({ position, part_of: of }) => h("li", {}, t(of ? "page.part_of_one" : "page.left_out_one", { position, of }), " ",
      counting(t("page.hold"), `/api/pages/${page.page}/records`, { position }, t("page.held", { position })))));
}

/** The button that makes a row without a record one that counts. */
function counting(words, route, body, told) {
  return editable ? h("button", { class: "quiet", onclick: (event) => count(event.target, route, body, told) }, words) : null;
}

async function count(button, route, body, told) {
  button.disabled = true;
  try {
    await post(route, body, { timeout: 120000 });
    toast(told, "ok");
    await show();
  } catch (error) {
    button.disabled = false;
    toast(error.told || String(error), "error");
  }
}

function decisions(page) {
  const made = page.decisions || [];
  find("#decisions").hidden = !made.length;
  find("#restore").hidden = !editable;
  find("#restore-told").hidden = find("#restore-agree").hidden = true;
  fill(find("#decision-list"), made.map((one) => h("li", {}, t(`page.decision.${one.kind === "reread" && one.details.like ? "reread_like" : one.kind}`, one.details), " · ", one.user, ", ", moment(one.time))));
}
