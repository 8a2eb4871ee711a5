// The form in which a folder is said to be a book.

import { ApiError, post } from "../api.js";
import { find } from "../dom.js";
import { toast } from "../toast.js";
import { said, t } from "../words.js";

const UNITS = ["commune", "district", "province"];
const COMMUNE = /^(xã|phường|thị trấn)/i;
const dialog = find("#describe");
const form = find("#description");
let folder = "";
let after = async () => {};

/** Open the form for a folder; `done` is called when it was kept. */
export function openDescription(one, done) {
  [folder, after] = [one.name, done];
  find("#described").textContent = one.name;
  find("#describe-fault").hidden = true;
  form.elements.type.value = one.book?.type ?? form.elements.type.value;
  form.elements.year_opened.value = one.book ? String(one.book.year) : guess(one.name, /(?:18|19|20)\d\d/);
  form.elements.number.value = one.book ? String(one.book.number) : "";
  dialog.showModal();
  form.elements.type.focus();
}

/** The units of the last book described stand in the form: an office has one agency. */
export function rememberUnits(folders) {
  if (UNITS.some((name) => form.elements[name].value)) return;
  const known = folders.findLast((one) => one.book)?.book.agency ?? "";
  const units = known.split(/,\s*|Ủy ban nhân dân\s+/).filter(Boolean);
  if (units.length < 2) return;
  form.elements.province.value = units.at(-1);
  for (const unit of units.slice(0, -1)) {
    const name = COMMUNE.test(unit) ? "commune" : "district";
    form.elements[name].value = unit;
  }
}

function guess(text, pattern) {
  return text.match(pattern)?.[0] ?? "";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(form));
  try {
    const kept = await post("/api/import/book", { folder, ...values });
    toast([t("office.described", { folder: kept.folder, book: kept.book.id }), ...kept.notices.map(said)].join(". "), "ok");
    dialog.close();
    await after();
  } catch (error) {
    const told = find("#describe-fault");
    told.textContent = error instanceof ApiError ? error.told : String(error);
    told.hidden = false;
  }
});
find("#describe-cancel").addEventListener("click", () => dialog.close());
