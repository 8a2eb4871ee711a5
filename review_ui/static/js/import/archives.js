// Files of a .zip, unpacked in the browser: the server sees plain files with its usual limits.

import { pathOf } from "./trees.js";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_COMMENT = 65557; // bytes from the end within which the end record lies
const MOST_ENTRIES = 20000;
const LARGEST_BYTES = 300e6; // of one unpacked file; more is no scan of a page
const ENCRYPTED = 1;

/**
 * The files of a .zip: [{path, file}], each unpacked when its `file` is asked for.
 *
 * @param {Blob} zip
 * @throws {Error} it is no .zip, larger than 4 GB, encrypted, or packed in another way
 */
export async function unpacked(zip) {
  const tail = await view(zip.slice(Math.max(0, zip.size - LONGEST_COMMENT)));
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new Error("no end record");
  const count = tail.getUint16(at + 10, true);
  const start = tail.getUint32(at + 16, true);
  const size = tail.getUint32(at + 12, true);
  if (count > MOST_ENTRIES || start === 0xffffffff || start + size > zip.size) throw new Error("not read here");
  const found = [];
  for (const entry of entries(await view(zip.slice(start, start + size)), count)) {
    if (!entry.path.endsWith("/")) found.push({ path: pathOf(entry.path), file: await content(zip, entry) });
  }
  return found;
}

function* entries(list, count) {
  let at = 0;
  for (let number = 0; number < count; number += 1) {
    if (at + 46 > list.byteLength || list.getUint32(at, true) !== ENTRY) throw new Error("broken list");
    const flags = list.getUint16(at + 8, true);
    const lengths = [28, 30, 32].map((place) => list.getUint16(at + place, true));
    const name = new Uint8Array(list.buffer, list.byteOffset + at + 46, lengths[0]);
    if (flags & ENCRYPTED) throw new Error("encrypted");
    yield {
      path: new TextDecoder("utf-8").decode(name),
      method: list.getUint16(at + 10, true),
      packed: list.getUint32(at + 20, true),
      size: list.getUint32(at + 24, true),
      offset: list.getUint32(at + 42, true),
    };
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
}

async function content(zip, { method, packed, size, offset }) {
  if (size > LARGEST_BYTES) throw new Error("too large");
  const head = await view(zip.slice(offset, offset + 30));
  if (head.byteLength < 30 || head.getUint32(0, true) !== LOCAL) throw new Error("broken entry");
  const start = offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const bytes = zip.slice(start, start + packed);
  if (method === 0) return bytes;
  if (method !== 8) throw new Error("packed in another way");
  return inflated(bytes, size);
}

/** Unpack; what gives more than it says is given up at once. */
async function inflated(bytes, size) {
  const parts = [];
  let taken = 0;
  for await (const part of bytes.stream().pipeThrough(new DecompressionStream("deflate-raw"))) {
    taken += part.byteLength;
    if (taken > size) throw new Error("more than it says");
    parts.push(part);
  }
  if (taken !== size) throw new Error("cut off");
  return new Blob(parts);
}

async function view(blob) {
  return new DataView(await blob.arrayBuffer());
}
