// Files of keyed rows: sent, gone through by the server, divided by agency when asked.

import { ApiError, get, post } from "./api.js";
import { fill, find, h } from "./dom.js";
import { newBatch } from "./import/batch.js";
import { putFile } from "./import/sending.js";
import { columnName, said, t } from "./words.js";

const LOOK_MS = 1000;
const LONGEST = 60; // letters of an example
const progress = find("#progress");
const bar = find("#bar");
const drop = find("#drop");
const splitForm = find("#split");
let batch = "";

async function send(files) {
  if (!files.length) return;
  batch = newBatch();
  splitForm.hidden = true;
  fill(find("#found"));
  await told(async () => {
    for (const [at, file] of files.entries()) {
      const sent = (loaded, total) => {
        progress.textContent = t("check.sending", { name: file.name, at: at + 1, all: files.length, share: Math.round((100 * loaded) / (total || 1)) });
      };
      await putFile(`/api/uploads/keyed?batch=${batch}&name=${encodeURIComponent(file.name)}`, file, { onprogress: sent });
    }
    await work({ batch });
  });
}

/** Begin a job, and look at it until it is done. */
async function work(wanted) {
  let job = await post("/api/keyed/start", wanted);
  while (!job.done) {
    progress.textContent = job.count ? t("keyed.reading", { rows: job.rows, count: job.count }) : t("keyed.opening");
    bar.hidden = !job.count;
    bar.max = job.count || 1;
    bar.value = job.rows;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    job = await get(`/api/keyed/${batch}`);
  }
  bar.hidden = true;
  progress.textContent = "";
  if (job.error) {
    fill(find("#found"), refusal(`${said(job.error)}${job.remedy ? ` → ${said(job.remedy)}` : ""}`));
    return;
  }
  splitForm.hidden = !job.found.files.length;
  fill(find("#found"), shown(job.found));
}

/** Do something; what is refused is shown in its place. */
async function told(something) {
  try {
    await something();
  } catch (error) {
    bar.hidden = true;
    progress.textContent = "";
    fill(find("#found"), refusal(error instanceof ApiError ? error.told : String(error)));
  }
}

function refusal(text) {
  return h("p", { class: "notice error", role: "alert" }, text);
}

function shown(found) {
  return [
    found.split ? divided(found.split) : null,
    ...found.refused.map((one) => refusal(`${one.name}: ${said(one.cause)}${one.remedy ? ` → ${said(one.remedy)}` : ""}`)),
    h("section", { class: "card" },
      h("h2", {}, t("keyed.sums", { rows: found.rows, records: found.records, aside: found.aside })),
      h("ul", {}, found.files.map((file) => h("li", {}, t("keyed.file", { name: file.name, forms: file.forms.join(", "), rows: file.rows }),
        file.notices.length ? h("ul", {}, file.notices.map((notice) => h("li", { class: "muted" }, said(notice)))) : null))),
      found.doubles ? h("p", {}, t("keyed.doubles", { count: found.doubles })) : null,
      found.rows_left ? h("p", { class: "notice warn" }, t("keyed.left", { count: found.rows_left })) : null,
      found.files.length ? h("p", {}, h("a", { class: "button", href: `/links?batch=${batch}` }, t("keyed.to_link"))) : null),
    found.faults.length ? table("keyed.faults", ["column", "count", "place", "message", "remedy"], found.faults.map((one) => ({
      column: one.column && columnName(one.column), count: String(one.count), place: one.place, message: said(one.message), remedy: said(one.remedy), class: one.harmless ? "" : "error",
    }))) : null,
    found.mended.length ? table("keyed.mended", ["column", "count", "example", "row", "meaning"], found.mended.map((one) => ({
      column: columnName(one.column), count: String(one.count), example: `“${short(one.before)}” → “${short(one.after)}”`, row: String(one.row), meaning: said(one.meaning),
    }))) : null,
  ];
}

function divided(split) {
  return h("section", { class: "card" },
    h("h2", {}, t("keyed.divided", { agencies: split.agencies, files: split.files, rows: split.placed })),
    h("p", {}, h("a", { class: "button primary", href: `/keyed/${batch}/archive`, download: "" }, t("keyed.download"))),
    split.unknown ? h("p", { class: "notice warn" }, t("keyed.unknown", { count: split.unknown })) : null,
    split.unknown_agencies.length ? h("ul", {}, split.unknown_agencies.map((one) => h("li", {},
      `${one.text || "–"}: ${one.rows}${one.why ? ` · ${said(one.why)}` : ""}${one.nearest.length ? ` · ${one.nearest.join("; ")}` : ""}`))) : null);
}

function table(title, columns, rows) {
  return h("section", { class: "card" },
    h("h2", {}, t(title)),
    h("div", { class: "scroll" }, h("table", { class: "table tight" },
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", {}, t(`keyed.${column}`))))),
      h("tbody", {}, rows.map((row) => h("tr", { class: row.class || "" }, columns.map((column) => h("td", {}, row[column] || ""))))))));
}

function short(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

find("#files").addEventListener("change", (event) => send([...event.target.files]));
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  send([...event.dataTransfer.files]);
});
splitForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = { batch, split: true, province: find("#province").value.trim(), one_file: find("#one-file").checked };
  told(() => work(wanted));
});
