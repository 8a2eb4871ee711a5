// Packages sent to be checked: what the import would refuse, with row, column and remedy.

import { ApiError, post } from "./api.js";
import { fill, find, h } from "./dom.js";
import { newBatch } from "./import/batch.js";
import { putFile } from "./import/sending.js";
import { columnName, said, t } from "./words.js";

const CHECK_MS = 600e3; // a package of a whole book is opened PDF by PDF
const MOST_FAULTS = 500;
const progress = find("#progress");
const drop = find("#drop");

async function check(files) {
  if (!files.length) return;
  const batch = newBatch();
  fill(find("#reports"));
  try {
    for (const [at, file] of files.entries()) {
      const sent = (loaded, total) => {
        progress.textContent = t("check.sending", { name: file.name, at: at + 1, all: files.length, share: Math.round((100 * loaded) / (total || 1)) });
      };
      await putFile(`/api/uploads/package?batch=${batch}&name=${encodeURIComponent(file.name)}`, file, { onprogress: sent });
    }
    progress.textContent = t("check.checking");
    const { packages } = await post("/api/check-packages", { batch }, { timeout: CHECK_MS });
    progress.textContent = t("check.done", { count: packages.length });
    fill(find("#reports"), packages.map(report));
  } catch (error) {
    progress.textContent = "";
    fill(find("#reports"), h("p", { class: "notice error", role: "alert" }, error instanceof ApiError ? error.told : String(error)));
  }
}

function report(one) {
  const name = one.excel || one.zip || "";
  const errors = one.faults.filter((fault) => fault.level === "error").length;
  return h("section", { class: "card" },
    h("h2", {}, name, " ", h("span", { class: one.acceptable ? "tag ok" : "tag bad" }, one.acceptable ? t("check.good") : t("check.bad", { count: errors }))),
    h("p", { class: "muted" }, t("check.counts", { rows: one.rows, pdfs: one.pdfs })),
    one.faults.length ? h("div", { class: "scroll" }, h("table", { class: "table tight" },
      h("thead", {}, h("tr", {}, ["file", "row", "column", "message", "remedy"].map((part) => h("th", {}, t(`check.${part}`))))),
      h("tbody", {}, one.faults.slice(0, MOST_FAULTS).map((fault) => h("tr", { class: fault.level },
        h("td", {}, fault.file), h("td", {}, fault.row ? String(fault.row) : ""), h("td", {}, fault.column ? columnName(fault.column) : ""),
        h("td", {}, said(fault.message)), h("td", {}, said(fault.remedy))))))) : null,
    one.faults.length > MOST_FAULTS ? h("p", {}, t("check.more", { count: one.faults.length - MOST_FAULTS })) : null);
}

find("#files").addEventListener("change", (event) => check([...event.target.files]));
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  check([...event.dataTransfer.files]);
});
