// The run that goes on: watched in steps that keep no idle session alive, started and stopped.

import { ApiError, post } from "./api.js";
import { fill, find, h } from "./dom.js";
import { toast } from "./toast.js";
import { said, t } from "./words.js";

const LOOK_MS = 3000;
const now = find("#now");
let watching = 0;

/** Show how the run goes; a run that has ended shows its report by loading the page again. */
function show(state) {
  const running = Boolean(state.run?.running) || state.starting || state.finishing;
  if (now.dataset.running === "yes" && !running) {
    location.reload();
    return;
  }
  now.dataset.running = running ? "yes" : "no";
  now.dataset.run = state.run?.id ?? 0;
  const words = state.starting ? [t("office.starting")] : state.words.map(said);
  if (words.length) fill(find("#run-words"), words.map((line) => h("p", {}, line)));
  const bar = find("#pages");
  bar.hidden = !state.run?.running;
  if (state.run) [bar.max, bar.value] = [state.run.pages_expected || 1, state.run.done];
  find("#reading").hidden = !state.books.length;
  find("#reading-books").textContent = state.books.join(", ");
  find("#log").hidden = !state.log;
  find("#log").textContent = state.log;
  find("#stop-run").hidden = !running;
  find("#begin").hidden = running;
  if (running) watch();
}

function watch() {
  clearTimeout(watching);
  watching = setTimeout(look, LOOK_MS);
}

async function look() {
  try {
    const answer = await fetch("/api/runs", { headers: { Accept: "application/json", "X-Background": "1" }, credentials: "same-origin", redirect: "manual" });
    if (answer.ok) show(await answer.json());
    else if (answer.status >= 500) watch();
  } catch {
    watch(); // the station is being started again
  }
}

find("#start-run").addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = find("#start-fault");
  const { until, retry } = event.target.elements;
  try {
    told.hidden = true;
    show(await post("/api/runs/start", { until: until.value, retry: retry.checked }));
    watch();
  } catch (error) {
    told.textContent = error instanceof ApiError ? error.told : String(error);
    told.hidden = false;
  }
});
find("#stop-run").addEventListener("click", async () => {
  try {
    show(await post("/api/runs/stop"));
    toast(t("office.stopping"), "ok");
  } catch (error) {
    toast(error.told ?? String(error), "error");
  }
});
find("#start-run button").disabled = false; // before the script is there a click would be lost
if (now.dataset.running === "yes") watch();
