import { serve, storage } from "./browser.mjs";
import assert from "node:assert/strict";
import { mock, test } from "node:test";

const { columnName, decimal, moment, percent, said, t } = await import("../../review_ui/static/js/words.js");
const { draftOf, dropDraftsOfOthers, dropOldDrafts, dropOwnDrafts, keepDraft } = await import("../../review_ui/static/js/drafts.js");
const { get, post, withQuery } = await import("../../review_ui/static/js/api.js");
const { plain } = await import("../../review_ui/static/js/completion.js");
const { settled } = await import("../../review_ui/static/js/dom.js");

test("words are filled in, and a key without words shows itself", () => {
  assert.equal(t("left", { count: 3 }), "còn 3");
  assert.equal(t("left"), "còn {count}");
  assert.equal(t("not.there"), "not.there");
  assert.equal(t("error"), "error");
});

test("one thing is not several", () => {
  assert.equal(t("cells", { count: 1 }), "1 cell");
  assert.equal(t("cells", { count: 0 }), "0 cells");
  assert.equal(t("cells", { count: "21" }), "21 cells");
});

test("a message is said in the language of the page, or in the one there is", () => {
  assert.equal(said({ vi: "Sai", en: "Wrong" }), "Sai");
  assert.equal(said({ en: "Wrong" }), "Wrong");
  assert.equal(said("as it is"), "as it is");
  assert.equal(said(null), "");
});

test("a field is called what the server calls it", () => {
  assert.equal(columnName("meHoTen"), "Họ tên mẹ");
  assert.equal(columnName("unknown"), "unknown");
});

test("no reading is certain", () => {
  assert.equal(percent(1), "99");
  assert.equal(percent(0.999), "99");
  assert.equal(percent(0.504), "50");
  assert.equal(percent(0.005), "1"); // the least that is offered: no offer stands at 0 %
  assert.equal(percent(0.004), "< 1"); // nothing that is told is impossible
  assert.equal(percent(undefined), "< 1");
});

test("decimals have a comma, as people here write them", () => {
  assert.equal(decimal(1234.56, 1), "1234,6");
  assert.equal(decimal(2, 0), "2");
});

test("a moment is told as on all screens", () => {
  assert.equal(moment(new Date(2026, 10, 8, 7, 5).toISOString()), "08.11 07:05");
  assert.equal(moment("sáng nay"), "sáng nay");
});

test("names are found without case and marks", () => {
  assert.equal(plain("Đặng Thị Nữ"), "dang thi nu");
  assert.equal(plain("ĐẶNG"), plain("đa\u0323\u0306ng"));
});

test("empty values do not reach the address", () => {
  assert.equal(withQuery("/a", { book: "", kind: null, lane: undefined, q: "Lê & Hà", page: 0 }), "/a?q=L%C3%AA+%26+H%C3%A0&page=0");
  assert.equal(withQuery("/a", { book: "" }), "/a");
});

test("a server that is not there and one that refuses are told apart", async () => {
  serve(() => { throw new TypeError("fetch failed"); });
  await assert.rejects(get("/a"), (error) => error.status === 0 && error.passing && error.told === "Không nối được với máy chủ");
  serve(() => ({ status: 409, data: { error: { vi: "Sổ đã khóa" }, remedy: { vi: "Mở khóa" }, where: "books/1" } }));
  await assert.rejects(post("/a"), (error) => error.status === 409 && !error.passing && error.where === "books/1"
    && error.told === "Sổ đã khóa → Mở khóa");
  serve(() => ({ status: 503, headers: { "Retry-After": "soon" } }));
  await assert.rejects(get("/a"), (error) => error.passing && error.wait === 0 && error.told === "Lỗi");
});

test("what was being typed stays a week, for it holds personal data", () => {
  mock.timers.enable({ apis: ["Date"], now: 1.75e12 });
  keepDraft(1, "Nguyễn");
  storage.setItem("sohoa.draft.binh.4", JSON.stringify({ text: "no time" }));
  mock.timers.tick(6 * 86400e3);
  keepDraft(2, "Trần");
  dropOldDrafts();
  assert.deepEqual([draftOf(1), draftOf(2)], ["Nguyễn", "Trần"]);
  assert.equal(storage.getItem("sohoa.draft.binh.4"), null);
  mock.timers.tick(86400e3);
  dropOldDrafts();
  assert.deepEqual([draftOf(1), draftOf(2)], [null, "Trần"]);
  mock.timers.reset();
});

test("what was being typed leaves with its person, and nobody else's with it", () => {
  storage.clear();
  keepDraft(1, "Nguyễn");
  storage.setItem("sohoa.draft.an.binh.4", "{}");
  storage.setItem("sohoa.outbox.binh.1", "{}");
  storage.setItem("sohoa.layout.ks-2018", "{}");
  dropOwnDrafts();
  assert.equal(draftOf(1), null);
  assert.notEqual(storage.getItem("sohoa.draft.an.binh.4"), null);
  keepDraft(2, "Trần");
  dropDraftsOfOthers();
  assert.equal(storage.getItem("sohoa.draft.an.binh.4"), null);
  assert.equal(draftOf(2), "Trần");
  assert.equal(storage.length, 3); // what was decided and what was chosen stay
  storage.clear();
});

test("only the last of many calls in a row is carried out", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const done = [];
  const later = settled((value) => done.push(value), 100);
  for (const value of [1, 2, 3]) { later(value); mock.timers.tick(60); }
  assert.deepEqual(done, []);
  mock.timers.tick(40);
  assert.deepEqual(done, [3]);
  later(4);
  later.cancel();
  mock.timers.tick(200);
  assert.deepEqual(done, [3]);
  mock.timers.reset();
});
