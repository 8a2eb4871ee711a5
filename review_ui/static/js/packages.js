// The packages of a book: while one is being made, ask how far it is, and show what came of it.

import { get } from "./api.js";
import { find } from "./dom.js";

const EVERY_MS = 1500;
const place = find("#packages");

async function look() {
  const states = await get(`/api/packages/${encodeURIComponent(place.dataset.book)}`).catch(() => null);
  if (states && !Object.values(states).some((one) => one.making)) location.reload();
  else setTimeout(look, EVERY_MS);
}

if (place.dataset.making === "true") setTimeout(look, EVERY_MS);
