import { quiet, serve } from "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

const { Supply } = await import("../../review_ui/static/js/supply.js");

const item = (field, more = {}) => ({ field, record: 1, code: `c${field}`, lane: "doubt", ...more });

/** A queue that hands its fields out in order, and notes what it was asked. */
function queue(fields) {
  const left = [...fields];
  const asked = { take: [], release: [] };
  serve((url, body) => {
    if (url === "/api/queue/take") {
      asked.take.push(body);
      return { data: { items: left.splice(0, body.count).map((field) => item(field)) } };
    }
    if (url === "/api/queue/release") asked.release.push(...body.fields);
    return { data: {} };
  });
  return asked;
}

function supply(decided = () => false) {
  const made = new Supply({ book: "a" }, "field", decided);
  clearInterval(made.renewing);
  return made;
}

async function all(from) {
  const found = [];
  for (let next = await from.next(); next; next = await from.next()) {
    found.push(next.field);
    from.finish(next);
  }
  return found;
}

test("every field of the queue comes once, in its order", async () => {
  const fields = Array.from({ length: 30 }, (_, i) => i + 1);
  queue(fields);
  assert.deepEqual(await all(supply()), fields);
});

test("a field whose decision is still on its way is not shown again", async () => {
  queue([1, 2, 3]);
  assert.deepEqual(await all(supply((field) => field === 2)), [1, 3]);
});

test("fields put off come again when they are asked for", async () => {
  queue([1, 2]);
  const made = supply();
  made.skip(await made.next());
  assert.equal((await made.next()).field, 2);
  made.showSkipped();
  assert.equal((await made.next()).field, 1);
});

test("a decision taken back brings its field to the front, once", async () => {
  queue([1, 2, 3]);
  const made = supply();
  const first = await made.next();
  made.finish(first);
  made.putBack(first);
  made.putBack(first);
  assert.deepEqual(await all(made), [1, 2, 3]);
});

test("what an edit of the record settled is left out, a sample stays", async () => {
  queue([]);
  const made = supply();
  made.ready = [item(1), item(2), item(3, { lane: "sample" }), item(4, { record: 2, code: "c1" })];
  made.recheck(1, { c1: { state: "accepted", doubts: [] }, c2: { state: "in_review", doubts: ["order"] }, c3: { state: "accepted" } });
  assert.deepEqual(made.ready.map(({ field }) => field), [2, 3, 4]);
  assert.deepEqual(made.ready[0].doubts, ["order"]);
});

test("leaving gives back what is held and not decided", async () => {
  const asked = queue([1, 2, 3, 4]);
  const made = supply((field) => field === 4);
  made.skip(await made.next());
  await made.next();
  made.release();
  await quiet();
  assert.deepEqual(asked.release.sort(), [1, 2, 3]);
});

const volume = (field, value, preselected = value, more = {}) => ({ field, value, preselected, book: "b", code: "quyenSo", lane: "doubt", ...more });
const fieldsOf = (items) => items.map((one) => one.field);

test("items like one that is answered for its book wait unseen, and those not answered come again", () => {
  const own = supply();
  own.ready = [volume(2, "121/2017"), volume(3, "9/2017", "01/2017"), volume(4, "7/2019"), volume(5, "121/2017", null, { book: "c" })];
  const held = own.withhold(volume(1, "121/2017"), "01/2017");
  assert.deepEqual(fieldsOf(held), [2, 3]);
  assert.deepEqual(fieldsOf(own.ready), [4, 5]);
  own.restore(held, [2]);
  assert.deepEqual(fieldsOf(own.ready), [3, 4, 5]);
  own.release();
});

const offer = (value, source = "reading") => ({ value, source });
const valuesOf = ({ offers }) => offers.map((one) => one.value);
const offered = (field, more = {}) => item(field, { offers: [offer("Lê Thị Mai"), offer("Lê Thị Mại")], preselected: "Lê Thị Mai", ...more });
const told = (field) => ({ field, offers: [offer("Võ Thị Mận", "informant"), offer("Lê Thị Mai")], preselected: "Võ Thị Mận" });

test("after a decision the items that come next are offered what it made known", () => {
  const own = supply();
  own.current = offered(1);
  own.ready = [offered(2), offered(3)];
  own.skipped = [offered(4)];
  own.renewOffers([told(1), told(2), told(4), told(99)]);
  for (const one of [own.current, own.ready[0], own.skipped[0]]) {
    assert.deepEqual([valuesOf(one), one.preselected], [["Võ Thị Mận", "Lê Thị Mai"], "Võ Thị Mận"]);
  }
  assert.deepEqual(own.ready[1], offered(3), "nothing was said of it");
});

test("of an item that was seen nothing under Enter changes and each value keeps its number", () => {
  const own = supply();
  own.current = offered(1);
  own.ready = [offered(2)];
  own.renewOffers([told(1), told(2)], own.current);
  assert.deepEqual([valuesOf(own.current), own.current.preselected], [["Lê Thị Mai", "Lê Thị Mại", "Võ Thị Mận"], "Lê Thị Mai"]);
  own.renewOffers([told(1)], own.current);
  assert.equal(own.current.offers.length, 3, "a value comes once");
  assert.equal(own.ready[0].preselected, "Võ Thị Mận");
});

test("a value without a number of its own is not added", () => {
  const own = supply();
  own.current = item(1, { offers: Array.from("12345678", (digit) => offer(`A${digit}`)), preselected: null });
  own.renewOffers([{ field: 1, offers: [offer("B1"), offer("B2")], preselected: "B1" }], own.current);
  assert.deepEqual(valuesOf(own.current).slice(7), ["A8", "B1"]);
  assert.equal(own.current.preselected, null);
});

test("the next eight are asked for, the one on the screen first, none twice and none that is keyed blind", () => {
  const own = supply();
  own.current = item(1);
  own.ready = [own.current, item(2, { blind: true }), ...Array.from({ length: 9 }, (_, at) => item(at + 3))];
  assert.deepEqual(own.coming, [1, 3, 4, 5, 6, 7, 8, 9]);
  own.ready = [item(2)];
  own.skipped = [item(7)];
  assert.deepEqual(own.coming, [1, 2, 7], "what was put off comes again");
});
