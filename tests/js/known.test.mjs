import assert from "node:assert/strict";
import { test } from "node:test";

import { KnownFields } from "../../review_ui/static/js/field/known.js";
import { Tally } from "../../review_ui/static/js/field/tally.js";

const item = (field, others, taken = 0) => ({ field, record: 1, taken, siblings: others.map((one) => ({ field: one, code: `c${one}`, value: "", state: "in_review" })) });
const values = (fields) => fields.map((own) => [own.field, own.value, own.state]);

test("a field decided a moment ago is shown with its value beside the next one", () => {
  const known = new KnownFields();
  known.decided({ field: 2 }, { action: "correct", value: "Lê Thị Mai" });
  known.decided({ field: 3 }, { action: "blank", value: "" });
  known.decided({ field: 4 }, { action: "ask", value: "x" });
  assert.deepEqual(values(known.siblings(item(1, [2, 3, 4]))), [
    [2, "Lê Thị Mai", "corrected"], [3, "", "blank"], [4, "", "in_review"],
  ]);
});

test("the server's answer replaces what was thought here, and settles other fields", () => {
  const known = new KnownFields();
  known.decided({ field: 2 }, { action: "correct", value: "1/5/85" });
  known.changed([{ field: 2, value: "01.05.1985", state: "corrected" }, { field: 3, value: "Kinh", state: "accepted" }]);
  assert.deepEqual(values(known.siblings(item(1, [2, 3]))), [[2, "01.05.1985", "corrected"], [3, "Kinh", "accepted"]]);
  known.forget(2);
  assert.equal(known.siblings(item(1, [2]))[0].state, "in_review");
});

test("an item that was taken later knows better", () => {
  const known = new KnownFields();
  known.decided({ field: 2 }, { action: "correct", value: "cũ" });
  assert.equal(known.siblings(item(1, [2], performance.now() + 1))[0].value, "");
});

const change = (field, before, lane, more = {}) => ({ field, kind: "date", book: "b", lane_before: before, lane, ...more });
const tally = (filter = {}) => {
  const own = new Tally({ lane: "doubt", kind: "", book: "", rule: "", ...filter });
  own.refreshed({ total: 10, done_today: 4 });
  return own;
};
const shown = (own) => [own.today, own.left];

test("done and left move with the decision, and the answer moves nothing twice", () => {
  const own = tally();
  own.decided("k");
  assert.deepEqual(shown(own), [5, 9]);
  own.kept("k", { field: 1, changed: [change(1, "doubt", null)] });
  assert.deepEqual(shown(own), [5, 9]);
});

test("doubts that a decision settles or raises count", () => {
  const own = tally();
  own.decided("k");
  own.kept("k", { field: 1, changed: [change(1, "doubt", null), change(2, "doubt", null), change(3, null, "doubt"), change(4, "doubt", null)] });
  assert.deepEqual(shown(own), [5, 8]);
});

test("only fields of the filter count", () => {
  const own = tally({ kind: "date", book: "b", rule: "r" });
  own.decided("k");
  own.kept("k", { field: 1, changed: [change(1, "doubt", "second"), change(2, "doubt", null), change(3, "doubt", null, { kind: "place" })] });
  assert.deepEqual(shown(own), [5, 9]);
});

test("what is refused or taken back counts no more", () => {
  const own = tally();
  own.decided("k");
  own.dropped("k");
  assert.deepEqual(shown(own), [4, 10]);
  own.undone(1, true);
  assert.deepEqual(shown(own), [3, 11]);
  assert.equal(new Tally({ lane: "doubt" }).left, null);
});
