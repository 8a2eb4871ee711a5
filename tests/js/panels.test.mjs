import "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

const { choicesOf } = await import("../../review_ui/static/js/field/panels.js");

const note = (vi) => ({ vi, en: vi });
const offer = (value, source = "reading", probability = 0.5, as_written = "") => ({ value, source, probability, as_written, note: note(source) });
const NAME = { field: 1, kind: "person_name", code: "meHoTen", value: "Lê Ân" };

test("offers are picked by their place, with where they are from and how likely they are", () => {
  const item = { ...NAME, offers: [offer("Lê Văn Ân", "parent", 0.62), offer("Lê Ân", "reading", 0.3, "Lê ân")] };
  assert.deepEqual(choicesOf(item), [
    { key: "1", value: "Lê Văn Ân", as_written: "", label: "Lê Văn Ân", note: "parent · 62 %" },
    { key: "2", value: "Lê Ân", as_written: "Lê ân", label: "Lê Ân", note: "“Lê ân” · 30 %" },
  ]);
});

test("what nothing is known of has no percentage", () => {
  assert.equal(choicesOf({ ...NAME, offers: [offer("Lê Ân", "former", 0)] })[0].note, "former");
});

test("a blind item has no choices, whatever it carries", () => {
  assert.deepEqual(choicesOf({ ...NAME, blind: true, offers: [offer("Lê Ân")] }), []);
});

test("codes keep their own digits; an offer is told beside its code", () => {
  const options = [{ value: "1", label: note("Nam") }, { value: "2", label: note("Nữ") }];
  const choices = choicesOf({ ...NAME, kind: "sex", options, offers: [offer("2", "reading", 0.7)] });
  assert.deepEqual(choices.map((one) => [one.key, one.value, one.note]), [["1", "1", ""], ["2", "2", "70 %"]]);
});
