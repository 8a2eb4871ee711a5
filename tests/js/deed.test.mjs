import { connected, page, quiet, serve, storage } from "./browser.mjs";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const { Outbox } = await import("../../review_ui/static/js/outbox.js");
const { deedName, Deeds } = await import("../../review_ui/static/js/deed.js");
const { decisionOf, proposed, shownOf } = await import("../../review_ui/static/js/group/proposals.js");

const item = (field, more = {}) => ({ field, code: "meHoTen", value: "Lê Văn Tám", preselected: "Lê Văn Tám", base: null, lane: "doubt", offers: [], ...more });
const decided = (...fields) => fields.map((field) => ({ item: item(field), label: "", decision: { field, action: "confirm", value: "x", base: null } }));

beforeEach(() => storage.clear());

test("a deed has a name that the server takes, and no other has", () => {
  const names = new Set(Array.from({ length: 200 }, deedName));
  assert.equal(names.size, 200);
  for (const name of names) assert.match(name, /^[0-9A-Za-z-]{1,40}$/);
});

test("what was not sent is taken back without the server", async () => {

  serve(() => { throw new TypeError("fetch failed"); });
  const outbox = new Outbox();
  const deeds = new Deeds(outbox);
  outbox.timer = 1; // nothing is sent now
  deeds.add(decided(1, 2));
  deeds.add(decided(3, 4, 5));
  const names = outbox.waiting.map((held) => held.decision.deed);
  assert.equal(new Set(names).size, 2);
  assert.deepEqual((await deeds.takeBack()).map((one) => one.field), [3, 4, 5]);
  assert.deepEqual(outbox.waiting.map((held) => held.decision.field), [1, 2]);
});

test("what was sent is taken back by the server, as a whole", async () => {
  page.token = "old";
  connected();
  const asked = [];
  serve((url, body) => {
    asked.push(url);
    if (url.includes("undo")) return { data: { item: item(1), items: [item(1, { base: 7 }), item(2, { base: 8 })] } };
    return { data: { outcomes: body.decisions.map(({ field }) => ({ field, ok: true, entry: field, conflict: null })) } };
  });
  const deeds = new Deeds(new Outbox());
  deeds.add(decided(1, 2));
  await quiet();
  assert.deepEqual((await deeds.takeBack()).map((one) => [one.field, one.base]), [[1, 7], [2, 8]]);
  assert.equal(asked.filter((url) => url.includes("undo")).length, 1);
});

test("a deed that was refused takes no earlier one back", async () => {
  connected();
  const asked = [];
  serve((url, body) => {
    asked.push(url);
    return { data: { outcomes: body.decisions.map(({ field }) => ({ field, ok: false, entry: null, conflict: { user: "binh", value: "y", entry: 9 } })) } };
  });
  const deeds = new Deeds(new Outbox());
  deeds.add(decided(1, 2));
  await quiet();
  assert.deepEqual(await deeds.takeBack(), []);
  assert.ok(!asked.some((url) => url.includes("undo")));
});

test("each tile keeps its own value unless one is given for all", () => {
  const column = { sort: "column", code: "meHoTen" };
  assert.deepEqual(decisionOf(item(1), column), { field: 1, base: null, as_written: "", action: "confirm", value: "Lê Văn Tám", lane: "doubt" });
  assert.equal(decisionOf(item(1), column, { value: "Lê Văn Tâm" }).action, "correct");
  assert.equal(decisionOf(item(1), column, { value: "Lê Văn Tám" }).action, "confirm");
  // what another field makes surer than the reading is no confirmation of the reading
  const surer = item(1, { value: "7", preselected: "07/2018", offers: [{ value: "07/2018", as_written: "7" }] });
  assert.deepEqual(decisionOf(surer, column), { field: 1, base: null, as_written: "7", action: "correct", value: "07/2018", lane: "doubt" });
  // a value under Enter nowhere is corrected to, even if it is what the machine read
  const unsure = item(1, { preselected: null });
  assert.equal(proposed(unsure), null);
  assert.equal(decisionOf(unsure, column, { value: "Lê Văn Tám" }).action, "correct");
});

test("blanks are confirmed as blank", () => {
  const blank = item(1, { value: "", preselected: "" });
  assert.deepEqual(decisionOf(blank, { sort: "blank" }), { field: 1, base: null, as_written: "", action: "confirm", value: "", lane: "doubt" });
});

test("a correction everywhere answers what was seen, in no queue", () => {
  const group = { sort: "correction", value: "Lê Văn Tâm", code: "nguoiKy", was: ["Lê Văn Tám"] };
  assert.deepEqual(decisionOf(item(4, { base: 12, lane: null }), group), { field: 4, base: 12, as_written: "", action: "correct", value: "Lê Văn Tâm", lane: null });
  assert.equal(shownOf(item(4), group), "Họ tên mẹ"); // another column of the kind
  assert.equal(shownOf(item(4, { code: "nguoiKy" }), group), "");
});

test("under a crop stands what its tile does not share with the others", () => {
  const sexes = [{ value: "1", label: { vi: "Nam", en: "Male" } }];
  assert.equal(shownOf(item(1), { sort: "value" }), "");
  assert.equal(shownOf(item(1), { sort: "blank" }), "Họ tên mẹ");
  assert.equal(shownOf(item(1, { preselected: "1", options: sexes }), { sort: "column", code: "meHoTen" }), "Nam");
  assert.equal(shownOf(item(1, { preselected: null }), { sort: "column", code: "meHoTen" }), "?");
});
