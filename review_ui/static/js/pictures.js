// Pictures held in memory as blobs, decoded before they are needed: showing one takes no time.

import { pollHeader } from "./presence.js";
import { t } from "./words.js";

const LIMIT = 90;
const AT_ONCE = 2; // all at once, on a slow line, the picture that is needed next shares it with fifteen others
let waiting = [];
let underway = 0;
const held = new Map(); // url -> Promise<HTMLImageElement>, oldest use first

/**
 * A picture, loaded and decoded. The same element each time: it can stand in one place only.
 *
 * @param {{url: string}|string} picture
 * @returns {Promise<HTMLImageElement>} rejects when the server does not give it after three tries
 */
export async function load(picture) {
  const url = typeof picture === "string" ? picture : picture.url;
  let known = held.get(url);
  if (known) held.delete(url);
  else known = fetched(url);
  held.set(url, known);
  tidy();
  try {
    return await known;
  } catch (error) {
    held.delete(url);
    throw error;
  }
}

/** Load these ahead, in their order; errors wait until a picture is asked for. A later list takes the place of what waits. */
export function ahead(pictures) {
  waiting = pictures.filter((picture) => picture && !held.has(picture.url));
  while (underway < AT_ONCE && waiting.length) next();
}

async function next() {
  underway += 1;
  await load(waiting.shift()).catch(() => {});
  underway -= 1;
  if (waiting.length) next();
}

async function fetched(url) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(url, { credentials: "same-origin", headers: pollHeader() });
      if (!answer.ok) throw Object.assign(new Error(`${answer.status}`), { final: answer.status < 500 && answer.status !== 429 });
      const image = new Image();
      image.src = URL.createObjectURL(await answer.blob());
      await image.decode();
      image.draggable = false;
      image.alt = t("picture");
      return image;
    } catch (error) {
      if (error.final || attempt === 3) throw error;
      await new Promise((done) => setTimeout(done, 400 * attempt));
    }
  }
}

function tidy() {
  for (const [url, known] of held) {
    if (held.size <= LIMIT) return;
    held.delete(url);
    known.then((image) => { if (!image.isConnected) URL.revokeObjectURL(image.src); }, () => {});
  }
}
