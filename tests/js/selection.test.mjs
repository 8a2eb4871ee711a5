import assert from "node:assert/strict";
import { test } from "node:test";
import { Selection } from "../../review_ui/static/js/page/selection.js";

test("pages are chosen one by one, and left out again", () => {
  const chosen = new Selection(() => [1, 2, 3]);
  chosen.toggle(3);
  chosen.toggle(1);
  assert.deepEqual(chosen.ids, [1, 3]);
  chosen.toggle(3);
  assert.deepEqual(chosen.ids, [1]);
});

test("with Shift all from the last one on become like it, in either direction", () => {
  const chosen = new Selection(() => [5, 3, 9, 7, 1]);
  chosen.toggle(7);
  chosen.toggle(3, true);
  assert.deepEqual(chosen.ids, [3, 9, 7]);
  chosen.toggle(9, true);
  assert.deepEqual(chosen.ids, [7]);
});

test("what a filter hides is not part of a deed", () => {
  let shown = [1, 2, 3];
  const chosen = new Selection(() => shown);
  chosen.all();
  shown = [2];
  assert.deepEqual(chosen.ids, [2]);
  chosen.none();
  assert.deepEqual(chosen.ids, []);
});
