import assert from "node:assert/strict";
import { test } from "node:test";

import { LINE_PIXELS, lineHeight, readableScale } from "../../review_ui/static/js/record/scale.js";

const field = (height, kind = "place") => ({ kind, box: [0, 0, 100, height] });
const X_MM = 2.2; // of a clerk's writing

for (const [form, line, dpi] of [["A4", 7.6, 200], ["A4 large", 7.6, 300], ["A3 table", 9.4, 200], ["A3 photographed", 9.4, 120]]) {
  test(`an x is 20 pixels high or more: ${form}`, () => {
    const perMm = dpi / 25.4;
    const fields = [1, 1, 1, 2, 4].map((lines) => field(Math.round(line * lines * perMm)));
    assert.ok(X_MM * perMm * readableScale(fields) >= 19.9, String(X_MM * perMm * readableScale(fields)));
  });
}

test("boxes to tick, fields without a place and long notes say nothing of a line", () => {
  assert.equal(lineHeight([field(12, "tick"), { kind: "place", box: [0, 0, 0, 0] }, field(60), field(60), field(240)]), 60);
  assert.equal(readableScale([]), 1);
  assert.equal(readableScale([field(LINE_PIXELS)]), 1);
});
