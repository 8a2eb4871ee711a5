// Weekly reports of units: their files and the list of units are sent before the sum is asked for.

import { ApiError } from "./api.js";
import { find } from "./dom.js";
import { newBatch } from "./import/batch.js";
import { putFile } from "./import/sending.js";
import { t } from "./words.js";

const LIST = "don_vi.txt";
const form = find("#choices");
const progress = find("#progress");
let under = false;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (under) return;
  const files = [...find("#files").files];
  if (!files.length) {
    progress.textContent = t("roll_up.no_files");
    return;
  }
  under = true;
  const batch = newBatch();
  try {
    const list = new File([find("#units").value], LIST, { type: "text/plain" });
    for (const file of [list, ...files]) {
      progress.textContent = t("weekly_report.sending", { name: file.name });
      await putFile(`/api/uploads/unit-report?batch=${batch}&name=${encodeURIComponent(file.name)}`, file);
    }
    form.elements.batch.value = batch;
    form.submit();
  } catch (error) {
    progress.textContent = error instanceof ApiError ? error.told : String(error);
  } finally {
    under = false;
  }
});
