// The weekly report: files that come along are sent before the choices are.

import { ApiError } from "./api.js";
import { find } from "./dom.js";
import { putFile } from "./import/sending.js";
import { newBatch } from "./import/batch.js";
import { t } from "./words.js";

const form = find("#choices");
const progress = find("#progress");
let under = false;

form.addEventListener("submit", async (event) => {
  const chosen = ["last", "outside"].map((part) => [part, find(`#${part}`).files[0]]).filter(([, file]) => file);
  if (under) event.preventDefault();
  if (!chosen.length || under) return;
  event.preventDefault();
  under = true;
  const batch = newBatch();
  try {
    for (const [part, file] of chosen) {
      progress.textContent = t("weekly_report.sending", { name: file.name });
      await putFile(`/api/uploads/report?batch=${batch}&part=${part}`, file);
    }
    form.elements.batch.value = batch;
    under = false;
    form.submit();
  } catch (error) {
    under = false;
    progress.textContent = error instanceof ApiError ? error.told : String(error);
  }
});
