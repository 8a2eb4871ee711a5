import assert from "node:assert/strict";
import { test } from "node:test";

const { differing } = await import("../../review_ui/static/js/differing.js");

const shown = (text, other) => differing(text, other).map((one) => (one.differs ? `[${one.text}]` : one.text)).join("");

test("letters that another value has not are marked, those it has are not", () => {
  assert.equal(shown("Lê Văn Ân", "Lê Ân"), "Lê [Văn ]Ân");
  assert.equal(shown("Hạng Thị Dợ", "Hạng Thị Dơ"), "Hạng Thị D[ợ]");
  assert.equal(shown("01/2017", "121/2017"), "[0]1/2017");
  assert.equal(shown("Ấp Rạch Gừa, xã A", "Ấp Rạch Gia, Xã A"), "Ấp Rạch G[ừ]a, [x]ã A");
});

test("the same value has no mark, another one altogether is marked whole", () => {
  assert.equal(shown("Kinh", "Kinh"), "Kinh");
  assert.equal(shown("Kinh", ""), "[Kinh]");
  assert.equal(shown("", "Kinh"), "");
  assert.equal(shown("Tày", "Mông"), "[Tày]");
});

test("a letter and its mark written apart are the same letter", () => {
  assert.equal(shown("Ân", "A\u0302n"), "Ân");
});
