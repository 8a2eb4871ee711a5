import "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { HELP, actionOf, heldDown, typesLetter } from "../../review_ui/static/js/keys.js";

function key(name, more = {}) {
  return { key: name, code: /^\d$/.test(name) ? `Digit${name}` : name, altKey: false, ctrlKey: false, shiftKey: false, metaKey: false, ...more };
}

test("digits pick a reading only while nothing has been typed", () => {
  assert.equal(actionOf(key("3"), true), "digit-3");
  assert.equal(actionOf(key("3"), false), "");
  assert.equal(actionOf(key("0"), true), "");
  assert.equal(actionOf(key("3", { altKey: true }), false), "pick-3");
});

test("a held key decides nothing again; moving and zooming go on", () => {
  for (const action of ["confirm", "blank", "unreadable", "skip", "undo", "page", "digit-2", "pick-2", "complete"]) {
    assert.equal(heldDown({ repeat: true }, action), true, action);
    assert.equal(heldDown({ repeat: false }, action), false, action);
  }
  for (const action of ["down", "up", "pan-left", "zoom-in"]) assert.equal(heldDown({ repeat: true }, action), false, action);
});

test("letters go to the input, a blank presses the button that has the focus", () => {
  for (const letter of ["a", "đ", "7", "/"]) assert.equal(typesLetter(key(letter)), true, letter);
  for (const other of [" ", "Enter", "Tab", "F4"]) assert.equal(typesLetter(key(other)), false, other);
  assert.equal(typesLetter(key("z", { ctrlKey: true })), false);
});

test("keys of an input method that puts a letter together mean nothing", () => {
  for (const sign of [{ isComposing: true }, { keyCode: 229 }]) {
    assert.equal(actionOf(key("Enter", sign), true), "");
    assert.equal(actionOf(key("1", sign), true), "");
  }
});

test("keys of the browser are left to it", () => {
  assert.equal(actionOf(key("c", { ctrlKey: true }), true), "");
  assert.equal(actionOf(key("F4", { metaKey: true }), true), "");
  assert.equal(actionOf(key("Tab", { shiftKey: true }), true), "");
  assert.equal(actionOf(key("F4", { altKey: true }), true), "");
});

test("Ctrl+Z takes back a word or a decision, Alt+Backspace always a decision", () => {
  for (const untouched of [true, false]) {
    assert.equal(actionOf(key("z", { ctrlKey: true }), untouched), "back");
    assert.equal(actionOf(key("Z", { ctrlKey: true }), untouched), "back", "with Caps Lock");
    assert.equal(actionOf(key("Z", { ctrlKey: true, shiftKey: true }), untouched), "again");
    assert.equal(actionOf(key("y", { ctrlKey: true }), untouched), "again");
    assert.equal(actionOf(key("Backspace", { altKey: true }), untouched), "undo");
    assert.equal(actionOf(key("Enter", { ctrlKey: true }), untouched), "take");
  }
  assert.equal(actionOf(key("z", { ctrlKey: true, isComposing: true }), false), "");
  assert.equal(actionOf(key("Backspace", { ctrlKey: true }), false), "", "the browser deletes the word");
});

test("every single key of the help does something", () => {
  const names = { "Esc": "Escape", "↓": "ArrowDown", "↑": "ArrowUp" };
  const single = HELP.flatMap(([, keys]) => keys).filter((name) => /^(F\d+|Enter|Tab|Esc|[↓↑?1-9])$/.test(name));
  assert.ok(single.length >= 12);
  for (const name of single) assert.notEqual(actionOf(key(names[name] ?? name), true), "", name);
});
