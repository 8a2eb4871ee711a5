// Linking begun from the browser: a keyed file that was sent, the books of the workspace, how far it is.

import { ApiError, get, post } from "../api.js";
import { fill, find, h } from "../dom.js";
import { said, t } from "../words.js";

const LOOK_MS = 1000;
const form = find("#start");
const progress = find("#progress");
const bar = find("#bar");
const button = form.querySelector("button");

/** Look at the latest linking until it is done; `begun`: it was begun here, so its end is told. */
async function watch(answer, begun) {
  let { job } = answer;
  if (!job || (job.done && !begun)) return;
  if (button) button.disabled = true;
  while (!job.done) {
    progress.textContent = t(`links.${job.phase || "opening"}`, { steps: job.steps, count: job.count });
    bar.hidden = !job.count;
    bar.max = job.count || 1;
    bar.value = job.steps;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    ({ job } = await get("/api/linking"));
  }
  if (job.error) refuse(`${job.where ? `${job.where}: ` : ""}${said(job.error)}${job.remedy ? ` → ${said(job.remedy)}` : ""}`);
  else location.href = "/links";
}

function refuse(text) {
  bar.hidden = true;
  progress.textContent = "";
  if (button) button.disabled = false;
  fill(find("#told"), h("p", { class: "notice error", role: "alert" }, text));
}

async function told(something) {
  fill(find("#told"));
  try {
    await something();
  } catch (error) {
    refuse(error instanceof ApiError ? error.told : String(error));
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = { batch: form.elements.batch.value, book: form.elements.book.value };
  told(async () => watch(await post("/api/linking", wanted), true));
});
told(async () => watch(await get("/api/linking"), false));
