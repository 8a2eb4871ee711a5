import assert from "node:assert/strict";
import test from "node:test";

import { cost, effectOf } from "../../review_ui/static/js/page/cutting.js";

const words = (code, { count } = {}) => `${code.split("effect_")[1]} ${count ?? ""}`.trim();

test("what is asked again and what has no box is what a cut costs", () => {
  assert.equal(cost({ follow: 7, asked_again: 2, left_over: 3 }), 5);
});

test("what follows is always told, the rest where there is any", () => {
  assert.equal(effectOf({ follow: 0, asked_again: 0, left_over: 0 }, words), "none");
  assert.equal(effectOf({ follow: 7, asked_again: 0, left_over: 0 }, words), "follow 7");
  assert.equal(effectOf({ follow: 0, asked_again: 2, left_over: 3 }, words), "follow 0 asked_again 2 left_over 3");
});
