import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { test } from "node:test";

const { chosen, dropped, isInventory, isScan, merged, placeOf, topFolders } = await import("../../review_ui/static/js/import/trees.js");
const { unpacked } = await import("../../review_ui/static/js/import/archives.js");

const paths = (...names) => names.map((path) => ({ path }));

test("a folder of folders holds books, a folder with scans is one", () => {
  const tops = topFolders(paths("Quét/ks 1/1.jpg", "Quét/ks 2/1.pdf", "kh/1.jpg", "kh/mặt sau/2.jpg", "loose.jpg"));
  assert.deepEqual([...tops], [["Quét", true], ["kh", false]]);
  assert.equal(topFolders(paths("so/1.jpg", "so/a/1.jpg", "so/books.csv")).get("so"), true);
});

test("the book's folder stands first in a place", () => {
  const shelves = new Set(["Quét"]);
  assert.equal(placeOf("Quét/ks 1/1.jpg", shelves, ""), "ks 1/1.jpg");
  assert.equal(placeOf("kh/sau/2.jpg", shelves, ""), "kh/sau/2.jpg");
  assert.equal(placeOf("Quét/bìa.jpg", shelves, ""), "Quét/bìa.jpg");
  assert.equal(placeOf("1.jpg", shelves, "ks 9"), "ks 9/1.jpg");
  assert.equal(placeOf("1.jpg", shelves, ""), "");
});

test("scans and inventories are told by their names", () => {
  for (const name of ["a/1.JPG", "a/b.tiff", "a/c.pdf"]) assert.ok(isScan(name));
  for (const name of ["a/Thumbs.db", ".x/1.jpg", "__MACOSX/a/1.jpg", "a/._1.jpg", "a/books.csv"]) assert.ok(!isScan(name));
  for (const name of ["books.xlsx", "Quét/Danh mục sổ.xls".normalize("NFD"), "BOOKS.csv"]) assert.ok(isInventory(name));
  for (const name of ["a/b/books.csv", "books.jpg", "mybooks.csv"]) assert.ok(!isInventory(name));
});

const NOT_READABLE = new DOMException("no permission", "NotReadableError");
const scan = (name, size = 1, lastModified = 0) => ({ name, size, lastModified });
const fileEntry = (name) => ({ name, isFile: true, file: (done) => done(scan(name)) });
const brokenFile = (name) => ({ name, isFile: true, file: (_, fail) => fail(NOT_READABLE) });

/** A folder as a browser gives it, `portion` names at a time; `fails` after the first portion. */
function folder(name, entries, { portion = 2, fails = false } = {}) {
  const left = [...entries];
  let asked = 0;
  const readEntries = (done, fail) => ((asked += 1) > 1 && fails ? fail(NOT_READABLE) : done(left.splice(0, portion)));
  return { name, isFile: false, createReader: () => ({ readEntries }) };
}

/** What a drop hands over: it is empty as soon as anything was waited for. */
function transfer(...given) {
  let gone = false;
  queueMicrotask(() => { gone = true; });
  const items = given.map(({ entry = null, file = null, kind = "file" }) => ({
    kind, webkitGetAsEntry: () => (gone ? null : entry), getAsFile: () => (gone ? null : file),
  }));
  return { items, files: given.map(({ file }) => file).filter(Boolean) };
}

const pathsOf = (files) => files.map(({ path }) => path);

test("a dropped folder gives the files of all its folders", async () => {
  const book = folder("ks 1", ["1.jpg", "2.jpg", "3.jpg"].map(fileEntry));
  const found = await dropped(transfer({ entry: folder("Quét", [book, fileEntry("bìa.jpg")]) }, { entry: fileEntry("lẻ.jpg") }));
  assert.deepEqual(pathsOf(found.files), ["Quét/ks 1/1.jpg", "Quét/ks 1/2.jpg", "Quét/ks 1/3.jpg", "Quét/bìa.jpg", "lẻ.jpg"]);
  assert.deepEqual(found.unread, []);
});

test("what cannot be read is named and stops nothing else", async () => {
  const broken = folder("b", ["1.jpg", "2.jpg", "3.jpg"].map(fileEntry), { fails: true });
  const books = folder("Quét", [folder("a", [brokenFile("1.jpg"), fileEntry("2.jpg")]), broken, folder("c", [fileEntry("1.jpg")])]);
  const found = await dropped(transfer({ entry: books }));
  assert.deepEqual(pathsOf(found.files), ["Quét/a/2.jpg", "Quét/b/1.jpg", "Quét/b/2.jpg", "Quét/c/1.jpg"]);
  assert.deepEqual(found.unread, ["Quét/a/1.jpg", "Quét/b"]);
});

test("an item without an entry is taken as its file, and without one it is told", async () => {
  const found = await dropped(transfer({ entry: folder("a", [fileEntry("1.jpg")]) }, { file: scan("2.jpg") }, {}, { kind: "string" }));
  assert.deepEqual([pathsOf(found.files), found.unread], [["a/1.jpg", "2.jpg"], ["?"]]);
  const plain = await dropped(transfer({ file: scan("1.jpg") }, { file: scan("2.jpg") }));
  assert.deepEqual([pathsOf(plain.files), plain.unread], [["1.jpg", "2.jpg"], []]);
});

test("names in composed letters and in letters taken apart are one folder", async () => {
  const [composed, apart] = ["Sổ Bến Tre".normalize("NFC"), "Sổ Bến Tre".normalize("NFD")];
  assert.notEqual(composed, apart);
  const found = await dropped(transfer({ entry: folder(composed, [fileEntry("1.jpg")]) }, { entry: folder(apart, [fileEntry("2.jpg")]) }));
  const more = chosen([{ ...scan("3.jpg"), webkitRelativePath: `${apart}/3.jpg` }]);
  const packed = await unpacked(zip([{ name: `${apart}/4.jpg`, data: PAGE }]));
  assert.deepEqual([...topFolders([...found.files, ...more, ...packed]).keys()], [composed]);
});

test("what was brought in is listed as a person counts", () => {
  const brought = paths("b/1.jpg", "a/10.jpg", "a/2.jpg").map((one) => ({ ...one, file: scan("") }));
  assert.deepEqual(pathsOf(merged(brought.slice(0, 2), brought.slice(2))), ["a/2.jpg", "a/10.jpg", "b/1.jpg"]);
});

test("a scan that comes again in another state takes the place of the former one", () => {
  const first = [{ path: "a/1.jpg", file: scan("1.jpg", 5, 7) }, { path: "a/2.jpg", file: scan("2.jpg", 5, 7) }];
  const again = [{ path: "a/1.jpg", file: scan("1.jpg", 5, 7) }, { path: "a/2.jpg", file: scan("2.jpg", 6, 8) }, { path: "a/3.jpg", file: scan("3.jpg") }];
  const all = merged(first, again);
  assert.deepEqual(pathsOf(all), ["a/1.jpg", "a/2.jpg", "a/3.jpg"]);
  assert.deepEqual(all.map(({ file }) => file), [first[0].file, again[1].file, again[2].file]);
});

function zip(files, change = () => {}) {
  const [bodies, list] = [[], []];
  let offset = 0;
  for (const { name, data, stored = false, size = data.length } of files) {
    const path = Buffer.from(name);
    const packed = stored ? data : deflateRawSync(data);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(path.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(stored ? 0 : 8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(size, 24);
    entry.writeUInt16LE(path.length, 28);
    entry.writeUInt32LE(offset, 42);
    change(entry);
    bodies.push(head, path, packed);
    list.push(entry, path);
    offset += 30 + path.length + packed.length;
  }
  const central = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Blob([...bodies, central, end]);
}

const PAGE = Buffer.from("a page ".repeat(500));

test("a zip gives its files, packed or stored", async () => {
  const found = await unpacked(zip([{ name: "sổ 1/", data: Buffer.alloc(0), stored: true }, { name: "sổ 1/1.jpg", data: PAGE }, { name: "sổ 1/2.jpg", data: PAGE, stored: true }]));
  assert.deepEqual(found.map(({ path }) => path), ["sổ 1/1.jpg", "sổ 1/2.jpg"]);
  for (const { file } of found) assert.deepEqual(Buffer.from(await file.arrayBuffer()), PAGE);
});

test("a zip that is none, is encrypted, lies about its sizes or is cut off is refused", async () => {
  await assert.rejects(unpacked(new Blob(["no zip at all, but longer than an end record"])));
  await assert.rejects(unpacked(zip([{ name: "a/1.jpg", data: PAGE }], (entry) => entry.writeUInt16LE(1, 8))));
  await assert.rejects(unpacked(zip([{ name: "a/1.jpg", data: PAGE, size: 10 }])), /more than it says/);
  await assert.rejects(unpacked(zip([{ name: "a/1.jpg", data: PAGE, size: 99999 }])), /cut off/);
  await assert.rejects(unpacked(zip([{ name: "a/1.jpg", data: PAGE, size: 4e8 }])), /too large/);
  await assert.rejects(unpacked(zip([{ name: "a/1.jpg", data: PAGE }], (entry) => entry.writeUInt16LE(99, 10))), /another way/);
  const whole = zip([{ name: "a/1.jpg", data: PAGE }]);
  await assert.rejects(unpacked(whole.slice(0, whole.size - 30)));
});
