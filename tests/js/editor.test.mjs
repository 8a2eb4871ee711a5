import { Element, serve, storage, quiet } from "./browser.mjs";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const { Editor } = await import("../../review_ui/static/js/editor.js");

const YEARS = { first: 1800, last: 2099, newest: 1988 };
const DATE = { field: 1, kind: "date", book: "b", value: "01.05.1985", as_written: "1/5/85", years: YEARS };

function opened(item) {
  const input = new Element();
  const editor = new Editor(input, new Element());
  editor.open(item);
  const type = (text) => {
    input.value = text;
    input.dispatchEvent(new Event("input"));
  };
  return { editor, type, input };
}

beforeEach(() => storage.clear()); // drafts

test("a typed date is shown at once and sent as it was typed: the server makes the value", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  serve(() => ({ data: { value: "12.05.1889", display: "12.05.1889", doubts: [], others: {} } }));
  const { editor, type } = opened(DATE);
  type("12/5/89");
  assert.equal(editor.value, "12.05.1889");
  assert.deepEqual(editor.decision(), { action: "correct", value: "12/5/89", as_written: "" });
  mock.timers.tick(500);
  await quiet();
  assert.deepEqual(editor.decision(), { action: "correct", value: "12.05.1889", as_written: "" });
  mock.timers.reset();
});

test("the server's answer replaces a preview that says something else", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  serve(() => ({ data: { value: "", display: "", doubts: [], others: {} } }));
  const { editor, type } = opened(DATE);
  type("12/5/85");
  assert.equal(editor.value, "12.05.1985");
  mock.timers.tick(500);
  await quiet();
  assert.equal(editor.value, "");
  assert.deepEqual(editor.decision(), { warn: "not_understood" });
  mock.timers.reset();
});

test("the machine's value is confirmed only when the server has said that it is the same", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  serve(() => ({ data: { value: "01.05.1985", display: "01.05.1985", doubts: [], others: {} } }));
  const { editor, type } = opened(DATE);
  assert.equal(editor.decision().action, "confirm");
  type("1.5.85");
  assert.deepEqual(editor.decision(), { action: "correct", value: "1.5.85", as_written: "" });
  mock.timers.tick(500);
  await quiet();
  assert.deepEqual(editor.decision(), { action: "confirm", value: "01.05.1985", as_written: "" });
  mock.timers.reset();
});

test("a date that only the server can read is left to it", () => {
  const { editor, type } = opened(DATE);
  type("mồng một tháng năm 1985");
  assert.deepEqual(editor.decision(), { action: "correct", value: "mồng một tháng năm 1985", as_written: "" });
  type("31/2/85");
  assert.deepEqual(editor.decision(), { warn: "not_understood" });
});

test("who has typed once has touched the field, even if the text is the machine's again", () => {
  const { editor, type } = opened(DATE);
  assert.equal(editor.untouched, true);
  type("2");
  type("01.05.1985");
  assert.equal(editor.changed, false);
  assert.equal(editor.untouched, false);
  assert.equal(editor.digitsPick, false);
  editor.restore();
  editor.restore();
  assert.equal(editor.untouched, true);
});

test("typed text is dropped for blank or unreadable only when it is asked for twice", () => {
  const { editor, type } = opened(DATE);
  assert.equal(editor.withoutText("blank"), null);
  type("12051985");
  assert.deepEqual(editor.withoutText("blank"), { warn: "typed" });
  assert.deepEqual(editor.withoutText("unreadable"), { warn: "typed" }, "another action is another question");
  assert.equal(editor.withoutText("unreadable"), null);
  type("1205198");
  assert.deepEqual(editor.withoutText("unreadable"), { warn: "typed" }, "more was typed");
});

test("what is arbitrated has no value preselected, and a keyed value is entered as it was keyed", () => {
  const { editor } = opened({ ...DATE, value: "", as_written: "", blind: true, keyed: [{ user: "an", value: "01.05.1985" }] });
  assert.equal(editor.text, "");
  assert.deepEqual(editor.decision(), { warn: "blank" });
});

const NAME = { field: 2, kind: "free_text", book: "b", value: "Lê Ân", as_written: "" };

test("where the machine is hardly ever right, Enter accepts nothing; what was read can be put right or typed again", () => {
  const { editor, type } = opened({ ...NAME, preselected: null });
  assert.equal(editor.text, "Lê Ân");
  assert.deepEqual(editor.decision(), { warn: "unsure" });
  assert.deepEqual(editor.decision(), { warn: "unsure" }, "the second time, too");
  type("Lê Ấn");
  assert.deepEqual(editor.decision(), { action: "correct", value: "Lê Ấn", as_written: "" });
  type("Lê Ân");
  assert.deepEqual(editor.decision(), { action: "confirm", value: "Lê Ân", as_written: "" });
});

test("what is known from elsewhere stands under Enter and is sent as a correction", () => {
  const { editor } = opened({ ...NAME, preselected: "Lê Văn Ân" });
  assert.equal(editor.text, "Lê Văn Ân");
  assert.equal(editor.untouched, true);
  assert.deepEqual(editor.decision(), { action: "correct", value: "Lê Văn Ân", as_written: "" });
});

test("an empty box that was read as blank is confirmed by Enter", () => {
  const { editor } = opened({ ...NAME, value: "", preselected: "" });
  assert.deepEqual(editor.decision(), { action: "confirm", value: "", as_written: "" });
});

const NUMBER = { field: 2, kind: "number_year", book: "b", value: "06/2018", as_written: "6", number_year: { year: 2018, sure: true } };

test("a number typed without its year is shown and kept with it", () => {
  const { editor, type } = opened(NUMBER);
  type("7");
  assert.equal(editor.value, "07/2018");
  assert.deepEqual(editor.decision(), { action: "correct", value: "07/2018", as_written: "" });
  type("6");
  assert.deepEqual(editor.decision(), { action: "confirm", value: "06/2018", as_written: "" }, "the machine's own number");
  type("7/2017");
  assert.deepEqual(editor.decision(), { action: "correct", value: "7/2017", as_written: "" }, "a year that was typed counts");
});

test("a year that is not sure is told before it is kept", () => {
  const { editor, type } = opened({ ...NUMBER, number_year: { year: 2018, sure: false } });
  type("7");
  assert.deepEqual(editor.decision(), { warn: "number_year" });
  assert.deepEqual(editor.decision(), { action: "correct", value: "07/2018", as_written: "" });
  type("8");
  assert.deepEqual(editor.decision(), { warn: "number_year" }, "another number is another question");
});

test("a bare number stays what it is where no year is known", () => {
  const { editor, type } = opened({ ...NUMBER, number_year: null });
  type("7");
  assert.deepEqual(editor.decision(), { action: "correct", value: "7", as_written: "" });
});

const PERSON = { field: 3, kind: "person_name", book: "b", value: "Nguyễn Vân An", as_written: "Nguyễn Vân An" };

test("words are taken back one by one until the field is as it was shown", () => {
  const { editor, type, input } = opened(PERSON);
  for (const text of ["N", "Ng", "Nguyễn", "Nguyễn ", "Nguyễn V", "Nguyễn Văn"]) type(text);
  assert.equal(editor.undoWord(), true);
  assert.equal(input.value, "Nguyễn ");
  assert.equal(editor.untouched, false);
  assert.equal(editor.undoWord(1), true, "brought again");
  assert.equal(input.value, "Nguyễn Văn");
  editor.undoWord();
  editor.undoWord();
  assert.equal(input.value, PERSON.value);
  assert.equal(editor.untouched, true, "Enter confirms what is shown again");
  assert.equal(editor.undoWord(), false, "nothing of this field is left to take back");
});

test("a proposal that was taken and a word that was replaced are one step each", () => {
  const { editor, type, input } = opened(PERSON);
  type("Nguyễn Văn An");
  editor.write("Nguyễn Văn Anh");
  assert.equal(editor.undoWord(), true);
  assert.equal(input.value, "Nguyễn Văn An");
  assert.equal(editor.undoWord(), true);
  assert.equal(input.value, PERSON.value);
});

test("what Escape took away can be brought back", () => {
  const { editor, type, input } = opened(PERSON);
  type("Trần");
  editor.restore();
  editor.restore();
  assert.equal(input.value, PERSON.value);
  assert.equal(editor.undoWord(), true);
  assert.equal(input.value, "Trần");
});

test("words of one field are not taken back in the next", () => {
  const { editor, type, input } = opened(PERSON);
  type("Trần Văn Nhầm");
  editor.open({ ...PERSON, field: 4, value: "Lê Hoa", as_written: "Lê Hoa" });
  assert.equal(editor.undoWord(), false);
  assert.equal(input.value, "Lê Hoa");
});

const PLACE = {
  field: 6, kind: "place", book: "b", value: "xã Hậu Thành, huyện Yên Thành", as_written: "", doubtful: [[3, 6], [20, 23]],
};
const selected = ({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd);

test("of a long value the word in doubt is selected, and Enter still confirms the whole", () => {
  const { editor, input } = opened(PLACE);
  assert.equal(selected(input), "Hậu");
  assert.equal(editor.untouched, true);
  assert.deepEqual(editor.decision(), { action: "confirm", value: PLACE.value, as_written: "" });
});

test("the next word in doubt is found after the one before it was replaced", () => {
  const { editor, input, type } = opened(PLACE);
  assert.equal(editor.nextDoubt(), true);
  assert.equal(selected(input), "Yên");
  assert.equal(editor.nextDoubt(), false);
  editor.focus();
  type("xã Hợp Lý Thành, huyện Yên Thành");
  input.setSelectionRange(9, 9);
  assert.equal(editor.nextDoubt(), true);
  assert.equal(selected(input), "Yên");
  type("another text");
  input.setSelectionRange(0, 0);
  assert.equal(editor.nextDoubt(), false);
});

test("the word in doubt that is selected is told, as it stands in the value shown", () => {
  const { editor } = opened(PLACE);
  const told = [];
  editor.addEventListener("doubt", ({ detail }) => told.push(detail));
  editor.nextDoubt();
  editor.nextDoubt();
  editor.open({ ...PLACE, doubtful: [] });
  assert.deepEqual(told, [[20, 23], null]);
});

test("a short value, one without doubtful words, and one known from elsewhere are selected whole", () => {
  for (const item of [
    { ...PLACE, doubtful: [] },
    { ...PLACE, kind: "person_name", value: "Nguyễn Vân An", doubtful: [[7, 10]] },
    { ...PLACE, preselected: "xã Hợp Thành, huyện Yên Thành" },
  ]) {
    const { input } = opened(item);
    assert.equal(selected(input), input.value);
  }
  const { editor, input } = opened({ ...PLACE, kind: "person_name", value: "Nguyễn Vân An", doubtful: [[7, 10]] });
  assert.equal(editor.nextDoubt(), true, "Tab goes to the word");
  assert.equal(selected(input), "Vân");
});

test("a word that is taken back is selected again", () => {
  const { editor, input, type } = opened(PLACE);
  type("xã Hợp Thành, huyện Yên Thành");
  editor.undoWord();
  assert.equal(input.value, PLACE.value);
  assert.equal(selected(input), "Hậu");
});
