import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { test } from "node:test";

const { isInventory, isScan, placeOf, topFolders } = await import("../../review_ui/static/js/import/trees.js");
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
