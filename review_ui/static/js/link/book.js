// The package of a linked book: made when asked for; the page shows itself anew when it is ready.

import { ApiError, get, post } from "../api.js";
import { find } from "../dom.js";
import { t } from "../words.js";

const EVERY_MS = 1000;
const place = find("#linked");
const address = `/api/links/${encodeURIComponent(place.dataset.book)}`;

async function look() {
  const state = await get(address).catch(() => null);
  if (state && !state.making) location.reload();
  else setTimeout(look, EVERY_MS);
}

document.querySelector("#make")?.addEventListener("click", async (event) => {
  event.target.disabled = true;
  try {
    await post(`${address}/package`);
    find("#told").textContent = t("links.making");
    look();
  } catch (error) {
    event.target.disabled = false;
    find("#told").textContent = error instanceof ApiError ? error.told : String(error);
  }
});
if (place.dataset.making === "true") setTimeout(look, EVERY_MS);
