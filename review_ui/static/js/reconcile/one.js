// One reconciliation: how far it is, and lists that come back.

import { ApiError, get, post } from "../api.js";
import { fill, find, h } from "../dom.js";
import { newBatch } from "../import/batch.js";
import { putFile } from "../import/sending.js";
import { t } from "../words.js";

const LOOK_MS = 1000;
const place = find("#reconciliation");
const address = `/api/reconcile/${place.dataset.number}`;
const progress = find("#progress");
const bar = find("#bar");

/** Look until nothing goes on, then show the page anew. */
async function watch() {
  const state = await get(address).catch((error) => (error.passing ? null : { done: true }));
  if (state?.done) { location.reload(); return; }
  if (state) {
    progress.textContent = t(`reconcile.${state.phase || "opening"}`, { steps: state.steps, count: state.count });
    bar.hidden = !state.count;
    bar.max = state.count || 1;
    bar.value = state.steps;
  }
  setTimeout(watch, LOOK_MS);
}

document.querySelector("#back")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const files = [...find("#lists").files];
  const button = event.target.querySelector("button");
  button.disabled = true;
  try {
    if (!files.length) throw new ApiError(400, { error: t("reconcile.no_lists") });
    const batch = newBatch();
    for (const file of files) {
      progress.textContent = t("weekly_report.sending", { name: file.name });
      await putFile(`/api/uploads/returned?batch=${batch}&name=${encodeURIComponent(file.name)}`, file);
    }
    await post(`${address}/returned`, { batch, again: find("#again").checked });
    watch();
  } catch (error) {
    progress.textContent = "";
    button.disabled = false;
    fill(find("#told"), h("p", { class: "notice error", role: "alert" }, error instanceof ApiError ? error.told : String(error)));
  }
});
if (place.dataset.going === "true") watch();
