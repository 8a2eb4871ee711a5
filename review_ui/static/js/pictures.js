// Pictures held in memory as blobs, decoded before they are needed: showing one takes no time.

import { pollHeader } from "./presence.js";

const LIMIT = 90;
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

/** Load ahead; errors wait until the picture is asked for. */
export function ahead(picture) {
  if (picture) load(picture).catch(() => {});
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
