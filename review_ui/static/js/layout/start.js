// Where a form begins to be taught: by scans that are sent, or by a page of a book.

import { get, post } from "../api.js";
import { fill, find, h, tell } from "../dom.js";
import { putFile } from "../import/sending.js";
import { moment, t } from "../words.js";

const form = find("#new-sketch");
const told = find("#new-told");
const files = form.elements.scans;

files?.addEventListener("change", () => { find("#chosen-files").textContent = [...files.files].map((one) => one.name).join(", "); });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = find("button.primary", form);
  button.disabled = true;
  try {
    location.assign(`/layouts/${await begin()}`);
  } catch (error) {
    tell(told, error.told ?? String(error), "error");
    button.disabled = false;
  }
});
list();

/** Begin, send the scans, and have the machine look at them; gives the id of the sketch. */
async function begin() {
  const value = (name) => form.elements[name]?.value.trim() ?? "";
  const sketch = await post("/api/sketches", { type: value("type"), era: value("era"), title: value("title"), page: Number(form.dataset.page) });
  if (!files) return sketch.id;
  try {
    for (const file of files.files) {
      const onprogress = (loaded, total) => tell(told, `${file.name}: ${t("office.sending", { percent: Math.floor((100 * loaded) / (total || 1)) })}`, "");
      await putFile(`/api/uploads/form/${sketch.id}?name=${encodeURIComponent(file.name)}`, file, { onprogress });
    }
    await post(`/api/sketches/${sketch.id}/look`);
  } catch (error) {
    await post(`/api/sketches/${sketch.id}/discard`).catch(() => {});
    throw error;
  }
  return sketch.id;
}

async function list() {
  const { sketches } = await get("/api/sketches");
  find("#no-sketches").hidden = sketches.length > 0;
  fill(find("#sketches"), sketches.map((one) => h("tr", {},
    h("td", {}, h("a", { href: `/layouts/${one.id}` }, one.title || one.era), h("div", { class: "muted small" }, one.book)),
    h("td", {}, one.type), h("td", {}, one.era), h("td", { class: "number" }, one.fields),
    h("td", {}, one.holder, h("div", { class: "muted small" }, moment(one.changed))),
    h("td", {}, one.version ? `${one.layout} · ${t("layouts.version", { number: one.version })}` : t("layouts.not_saved")))));
}
