import "./browser.mjs";

import assert from "node:assert/strict";
import { test } from "node:test";

import { ASK_AFTER_MS, MarkedWords } from "../../review_ui/static/js/field/marked_words.js";
import { around } from "../../review_ui/static/js/viewer.js";

const HAU = { start: 3, end: 6, boxes: [[10, 5, 40, 20]] };
const YEN = { start: 20, end: 23, boxes: [[5, 40, 30, 20], [0, 80, 9, 20]] };
const WORDS = [{ start: 0, end: 2, boxes: [[0, 5, 8, 20]] }, HAU, YEN];

/** Marks of a field whose answers come one after the other; `told` is what the viewer was told. */
function marks(...answers) {
  const told = [];
  const asked = [];
  const pauses = [];
  const words = new MarkedWords(
    { outline: (...boxes) => told.push(boxes) },
    async (url) => { asked.push(url); return answers.shift() ?? { words: null }; },
    async (ms) => { pauses.push(ms); });
  return { words, told, asked, pauses };
}

test("words in doubt are outlined, the others are not", async () => {
  const { words, told, asked } = marks({ words: WORDS });
  await words.show(6, [[3, 6], [20, 23]]);
  assert.deepEqual(asked, ["/api/fields/6/words"]);
  assert.deepEqual(told.at(-1), [[...HAU.boxes, ...YEN.boxes], []]);
});

test("the outline of the word that is selected is another one, before and after the answer", async () => {
  const { words, told } = marks({ words: WORDS });
  words.select([3, 6]);
  await words.show(6, [[3, 6], [20, 23]]);
  assert.deepEqual(told.at(-1), [YEN.boxes, HAU.boxes]);
  words.select([20, 23]);
  assert.deepEqual(told.at(-1), [HAU.boxes, YEN.boxes]);
  words.select(null);
  assert.deepEqual(told.at(-1), [[...HAU.boxes, ...YEN.boxes], []]);
});

test("a page that is still looked at is asked for again, not for ever", async () => {
  const { words, told, asked, pauses } = marks({ words: null }, { words: null }, { words: [HAU] });
  await words.show(6, [[3, 6]]);
  assert.equal(asked.length, 3);
  assert.deepEqual(told.at(-1), [HAU.boxes, []]);
  assert.ok(pauses[0] >= 150, "not before the picture was painted");
  const never = marks();
  await never.words.show(6, [[3, 6]]);
  assert.equal(never.asked.length, ASK_AFTER_MS.length);
  assert.equal(never.told.length, 0);
});

test("nothing is asked of a field without words in doubt, or one that was left", async () => {
  const { words, asked } = marks({ words: WORDS });
  await words.show(6, []);
  const shown = words.show(6, [[3, 6]]);
  words.clear();
  await shown;
  assert.deepEqual(asked, []);
});

test("an answer that comes after the field was left is not shown", async () => {
  let answer;
  const told = [];
  const words = new MarkedWords({ outline: (...boxes) => told.push(boxes) }, () => new Promise((done) => { answer = done; }), async () => {});
  const shown = words.show(6, [[3, 6]]);
  await Promise.resolve();
  words.clear();
  answer({ words: [HAU] });
  await shown;
  assert.deepEqual(told, [[[], []]]);
});

test("a question that fails leaves the picture as it is", async () => {
  const told = [];
  const words = new MarkedWords({ outline: (...boxes) => told.push(boxes) }, async () => { throw new Error("no network"); }, async () => {});
  await words.show(6, [[3, 6]]);
  assert.deepEqual(told.at(-1), [[], []]);
});

for (const [view, left, top, width, height] of [
  [{ x: 0, y: 0, scale: 1 }, 8, 3, 44, 24],
  [{ x: 100, y: -20, scale: 2.5 }, 123, -9.5, 104, 54],
  [{ x: -7, y: 3, scale: 0.5 }, -4, 3.5, 24, 14],
]) {
  test(`an outline lies around its word at a zoom of ${view.scale}`, () => {
    assert.deepEqual(around(HAU.boxes[0], view, 2), { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  });
}
