// Files that were dropped or chosen, with their paths: [{path, file}].

/** Files of a drop, folders looked through; browsers give the names of a folder in portions. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return chosen(transfer.files);
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return found;
}

/** Files of a file chooser; those of a chosen folder bring their path along. */
export function chosen(files) {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function walk(entry, above, found) {
  const path = above ? `${above}/${entry.name}` : entry.name;
  if (entry.isFile) {
    found.push({ path, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!portion.length) return;
    for (const one of portion) await walk(one, path, found);
  }
}

const SCAN = /\.(jpe?g|png|tiff?|pdf|bmp|webp|jp2|gif|heic)$/i;
const INVENTORY = /^(books|danh ?m[uụ]c( s[oổ])?)\.(xlsx|xlsm|xls|csv|tsv|ods)$/i;

/** Whether a file is named like a scan. */
export const isScan = (path) => SCAN.test(path) && !path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");

/** Whether a file at the top of what was chosen is named like an inventory. */
export const isInventory = (path) => path.split("/").length <= 2 && INVENTORY.test(path.split("/").at(-1).normalize("NFC"));

/**
 * The top folders of what was chosen, and whether each folder in them looks like a book.
 *
 * A top folder without scans of its own and with folders that have some holds books; one with an
 * inventory does in any case.
 *
 * @param {{path: string}[]} files
 * @returns {Map<string, boolean>}
 */
export function topFolders(files) {
  const tops = new Map();
  for (const { path } of files) {
    const parts = path.split("/");
    if (parts.length < 2) continue;
    const top = tops.get(parts[0]) ?? { direct: 0, below: new Set(), inventory: false };
    if (parts.length === 2) {
      if (isInventory(path)) top.inventory = true;
      else if (isScan(path)) top.direct += 1;
    } else if (isScan(path)) top.below.add(parts[1]);
    tops.set(parts[0], top);
  }
  return new Map([...tops].map(([name, top]) => [name, top.below.size > 0 && (top.inventory || top.direct === 0)]));
}

/**
 * Where a file belongs: the book's folder first.
 *
 * @param {string} path as it was chosen
 * @param {Set<string>} shelves top folders whose folders are the books
 * @param {string} loose folder for files that came without one
 * @returns {string} "" where nobody has said in which folder a loose file belongs
 */
export function placeOf(path, shelves, loose) {
  const parts = path.split("/");
  if (parts.length > 2 && shelves.has(parts[0])) return parts.slice(1).join("/");
  if (parts.length > 1) return path;
  return loose ? `${loose}/${path}` : "";
}
