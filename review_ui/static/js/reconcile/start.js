// Two sides chosen among the files that were sent, or sent now, and compared by the server.

import { ApiError, post } from "../api.js";
import { fill, find, h } from "../dom.js";
import { newBatch } from "../import/batch.js";
import { putFile } from "../import/sending.js";
import { t } from "../words.js";

const SIDES = ["civil", "population"];
const form = find("#start");
const progress = find("#progress");

/** The batch of one side: what is sent now, else what was chosen; "" for neither. */
async function batchOf(side) {
  const files = [...find(`#${side}-files`).files];
  if (!files.length) return form.elements[side]?.value || "";
  const batch = newBatch();
  for (const [at, file] of files.entries()) {
    const onprogress = (loaded, total) => {
      progress.textContent = t("check.sending", { name: file.name, at: at + 1, all: files.length, share: Math.round((100 * loaded) / (total || 1)) });
    };
    await putFile(`/api/uploads/keyed?batch=${batch}&name=${encodeURIComponent(file.name)}`, file, { onprogress });
  }
  return batch;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  fill(find("#told"));
  try {
    if (SIDES.some((side) => !find(`#${side}-files`).files.length && !form.elements[side]?.value)) throw new ApiError(400, { error: t("reconcile.two_sides") });
    const [civil, population] = [await batchOf("civil"), await batchOf("population")];
    location.href = `/reconcile/${(await post("/api/reconcile", { civil, population })).number}`;
  } catch (error) {
    progress.textContent = "";
    button.disabled = false;
    fill(find("#told"), h("p", { class: "notice error", role: "alert" }, error instanceof ApiError ? error.told : String(error)));
  }
});
