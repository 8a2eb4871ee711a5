// Files that were dropped or chosen, with their paths: [{path, file}].

/**
 * Files of a drop, folders looked through; browsers give the names of a folder in portions.
 *
 * What cannot be read stops nothing else: it is named.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<{files: {path: string, file: File}[], unread: string[]}>}
 */
export async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  // A drop is empty after the first wait: all is asked of it at once.
  const given = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  if (!given.some(({ entry }) => entry)) return { files: chosen(transfer.files), unread: [] };
  const found = { files: [], unread: [] };
  for (const { entry, file } of given) {
    if (entry) await walk(entry, "", found);
    else if (file) found.files.push(...chosen([file]));
    else found.unread.push("?");
  }
  return found;
}

/** Files of a file chooser; those of a chosen folder bring their path along. */
export function chosen(files) {
  return [...files].map((file) => ({ path: pathOf(file.webkitRelativePath || file.name), file }));
}

/** A path in composed letters: macOS takes them apart, and a folder would be two. */
export const pathOf = (name) => name.normalize("NFC");

async function walk(entry, above, found) {
  const path = pathOf(above ? `${above}/${entry.name}` : entry.name);
  try {
    if (entry.isFile) {
      found.files.push({ path, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!portion.length) return;
      for (const one of portion) await walk(one, path, found);
    }
  } catch {
    found.unread.push(path);
  }
}

/**
 * What was brought in together with what came now, as a person counts; another scan of the same path takes the place of
 * the former one.
 *
 * @param {{path: string, file: File}[]} picked
 * @param {{path: string, file: File}[]} found
 * @returns {{path: string, file: File}[]}
 */
export function merged(picked, found) {
  const paths = new Map(picked.map((one) => [one.path, one]));
  for (const one of found) {
    const former = paths.get(one.path)?.file;
    const same = former && former.size === one.file.size && former.lastModified === one.file.lastModified;
    if (!same) paths.set(one.path, one);
  }
  return [...paths.values()].sort((one, other) => BY_NUMBER.compare(one.path, other.path));
}

const BY_NUMBER = new Intl.Collator("vi", { numeric: true });
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
