import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../../review_ui/static/js/layout/history.js";
import * as model from "../../review_ui/static/js/layout/model.js";
import { boxOnLine, lineAt, snapped } from "../../review_ui/static/js/layout/snap.js";

const field = (key, lines, more = {}) => ({ key, code: "", kind: null, lines, options: [], join: " ", scope: "record", lexicon: "", prefix: "", accepted: true, ...more });
const content = (values = {}) => ({ page: { width: 210, height: 297 }, offsets: [[0, 0]], fields: [], captions: [], rules: [], leaders: [], ...values });

test("a key is never given twice, also after something was removed", () => {
  const some = content({ fields: [field("f2", [[0, 0, 5, 5]])] });
  const key = model.freshKey(some, "fields");
  assert.notEqual(key, "f2");
  assert.equal(model.thingOf(model.add(some, "fields", field(key, [[1, 1, 9, 9]])), key).kind, "fields");
});

test("moving and sizing keep a box on the page", () => {
  const page = { width: 100, height: 50 };
  assert.deepEqual(model.moved([90, 40, 10, 5], 20, 20, page), [90, 45, 10, 5]);
  assert.deepEqual(model.moved([1, 1, 10, 5], -20, -0.5, page), [0, 0.5, 10, 5]);
  assert.deepEqual(model.resized([90, 40, 5, 5], 50, 1, page), [90, 40, 10, 6]);
  assert.deepEqual(model.resized([10, 10, 5, 5], -50, 0, page), [10, 10, 1, 5]);
});

test("joined lines stand in reading order and keep the column that one of them has", () => {
  const some = content({ fields: [field("f1", [[20, 60, 50, 8]]), field("f2", [[60, 40, 20, 8]], { code: "noiSinh", kind: "place" }), field("f3", [[10, 41, 40, 8]])] });
  const joined = model.grouped(some, ["f1", "f2", "f3"]);
  assert.equal(joined.fields.length, 1);
  assert.deepEqual(joined.fields[0].lines.map(([x]) => x), [10, 60, 20]);
  assert.equal(joined.fields[0].code, "noiSinh");
  assert.equal(model.split(joined, "f1").fields.length, 3);
  assert.equal(some.fields.length, 3);
});

test("a line is taken from its field, and the last one takes the field with it", () => {
  const some = content({ fields: [field("f1", [[20, 60, 50, 8], [20, 70, 50, 8]])] });
  const less = model.withoutPart(some, "f1", 0);
  assert.deepEqual(less.fields[0].lines, [[20, 70, 50, 8]]);
  assert.deepEqual(model.withoutPart(less, "f1", 0).fields, []);
});

test("a column of boxes to tick turns lines into boxes, and back", () => {
  const one = field("f1", [[1, 1, 5, 5], [9, 1, 5, 5]]);
  const ticked = { ...one, ...model.withColumn(one, { code: "loai", kind: "tick", values: { 1: {}, 2: {} } }) };
  assert.deepEqual(ticked.options.map(({ value }) => value), ["1", "2"]);
  assert.deepEqual(ticked.lines, []);
  assert.deepEqual({ ...ticked, ...model.withColumn(ticked, { code: "so", kind: "number", values: {} }) }.lines, one.lines);
});

test("a further tick box belongs to the chosen field", () => {
  const first = model.withTick(content(), [1, 1, 5, 5], undefined);
  const second = model.withTick(first.content, [9, 1, 5, 5], first.key);
  assert.equal(second.content.fields.length, 1);
  assert.deepEqual(second.content.fields[0].options.map(({ value }) => value), ["1", "2"]);
});

test("a click on a dotted line means the writing on it", () => {
  const some = content({ leaders: [{ key: "l1", x1: 40, x2: 120, y: 60 }, { key: "l2", x1: 40, x2: 120, y: 69 }] });
  const line = lineAt(some, 80, 58);
  assert.equal(line.y, 60);
  const [x, y, width, height] = boxOnLine(line);
  assert.ok(x === 40 && width === 80 && y < 54 && y + height > 61 && y + height < 62);
  assert.equal(lineAt(some, 80, 90), null);
});

test("a drawn box comes down onto its line and to the rules beside it", () => {
  const some = content({
    leaders: [{ key: "l1", x1: 40, x2: 120, y: 60 }],
    rules: [{ key: "r1", points: [100, 20, 100, 90] }, { key: "r2", points: [20, 75, 200, 75] }],
  });
  const [x, y, width, height] = snapped(some, [41, 53, 58, 8]);
  assert.equal(x, 40);
  assert.equal(x + width, 100);
  assert.equal(y + height, 61.5);
  assert.deepEqual(snapped(some, [140, 10, 20, 8]), [140, 10, 20, 8]);
});

test("undo goes back beyond what this browser has seen", async () => {
  const history = new History("c", async (steps) => ["b", "a"][steps - 1] ?? null);
  history.push("d");
  const seen = [];
  while (await history.undo()) seen.push(history.state);
  assert.deepEqual(seen, ["c", "b", "a"]);
  history.redo();
  assert.equal(history.state, "b");
  history.push("x");
  assert.equal(history.redo(), false);
});
