// All pages of a book: pictures as they come into sight, a filter by state, deeds on those chosen.

import { get, post } from "../api.js";
import { fill, find, h } from "../dom.js";
import { toast } from "../toast.js";
import { t } from "../words.js";
import { Selection } from "./selection.js";

const root = find("#pages");
const { book, edit } = root.dataset;
const tiles = [...document.querySelectorAll("#sheet li")];
const shown = () => tiles.filter((tile) => !tile.hidden);
const idOf = (tile) => Number(tile.dataset.page);
const chosen = new Selection(() => shown().map(idOf));
const AGAIN = [1000, 3000, 9000]; // ms: many pictures may be asked for at once

const sight = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (!isIntersecting) continue;
    sight.unobserve(target);
    picture(target);
  }
}, { rootMargin: "400px" });
for (const image of document.querySelectorAll("#sheet img")) sight.observe(image);

/** Ask for a picture; a busy station is asked again, and in the end the tile says so. */
function picture(image, tried = 0) {
  image.onerror = () => {
    if (tried < AGAIN.length) setTimeout(() => picture(image, tried + 1), AGAIN[tried]);
    else image.replaceWith(h("span", { class: "no-picture" }, t("field.picture_failed")));
  };
  image.removeAttribute("src");
  image.src = image.dataset.src;
}

for (const button of document.querySelectorAll(".filter")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll(".filter")) other.setAttribute("aria-pressed", String(other === button));
    for (const tile of tiles) tile.hidden = Boolean(button.dataset.kind) && tile.dataset.kind !== button.dataset.kind;
    draw();
  });
}

addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("select, input:not([type=checkbox]), summary, button")) return;
  const seen = shown();
  const links = seen.map((tile) => find("a", tile));
  const at = links.indexOf(document.activeElement);
  const below = seen.findIndex((tile) => tile.offsetTop > seen[0].offsetTop);
  const across = below < 0 ? 1 : below;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
  if (step && links.length) links[at < 0 ? 0 : at + step]?.focus();
  else if (edit && event.key === " " && at >= 0) choose(seen[at], event.shiftKey);
  else if (edit && event.key === "a") { chosen.all(); draw(); }
  else if (edit && event.key === "Escape") { chosen.none(); draw(); }
  else return;
  event.preventDefault();
});

function choose(tile, reach) {
  chosen.toggle(idOf(tile), reach);
  draw();
}

function draw() {
  if (!edit) return;
  const ids = new Set(chosen.ids);
  for (const tile of tiles) {
    tile.classList.toggle("chosen", ids.has(idOf(tile)));
    find("input", tile).checked = ids.has(idOf(tile));
  }
  find("#deeds").hidden = !ids.size;
  find("#chosen").textContent = t("page.chosen", { count: ids.size });
}

if (edit) {
  for (const tile of tiles) find("input", tile).addEventListener("click", (event) => choose(tile, event.shiftKey));
  find("#none").addEventListener("click", () => { chosen.none(); draw(); });
  find("#reason").addEventListener("change", (event) => event.target.value && together("/api/pages/aside", { pages: chosen.ids, reason: event.target.value }));
  find("#after").addEventListener("change", (event) => event.target.value && together("/api/pages/place", { pages: chosen.ids.filter((id) => id !== Number(event.target.value)), after: Number(event.target.value) }));
  find("#restore").addEventListener("click", () => each("restore", {}));
  find("#send-to").addEventListener("focus", listBooks, { once: true });
  find("#send-do").addEventListener("click", () => find("#send-to").value.trim() && each("send", { to: find("#send-to").value.trim() }));
  for (const button of document.querySelectorAll(".order")) {
    button.addEventListener("click", () => together(`/api/books/${encodeURIComponent(book)}/order`, { order: button.dataset.order }));
  }
}

/** One deed about all; the sheet is drawn anew when it is done. */
async function together(address, body) {
  wait(true);
  try {
    await post(address, body, { timeout: 120000 });
    location.reload();
  } catch (error) {
    toast(error.told || String(error), "error");
    wait(false);
  }
}

/** One page after the other, for each is read; what was done before a fault stays done. */
async function each(action, body) {
  wait(true);
  const ids = chosen.ids;
  let done = 0;
  try {
    for (const id of ids) {
      find("#chosen").textContent = t("page.chosen_progress", { done, count: ids.length });
      await post(`/api/pages/${id}/${action}`, body, { timeout: 180000 });
      done += 1;
    }
    location.reload();
  } catch (error) {
    toast(`${t("page.chosen_progress", { done, count: ids.length })} ${error.told || String(error)}`, "error");
    wait(false);
  }
}

function wait(on) {
  for (const control of document.querySelectorAll("#deeds button, #deeds select, #deeds input, .order")) control.disabled = on;
}

async function listBooks() {
  const { books } = await get("/api/books").catch(() => ({ books: [] }));
  const open = books.filter((one) => one.state === "open" && one.id !== book);
  fill(find("#send-books"), open.map((one) => h("option", { value: one.id }, `${one.type} · ${one.agency}`)));
}
