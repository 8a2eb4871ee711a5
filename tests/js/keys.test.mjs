import { storage } from "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { HELP, actionOf, heldDown, helpRows, typesLetter } from "../../review_ui/static/js/keys.js";
import { CHANGEABLE, choicesFor, choose, clashes, keyFor, keyLabel, labelOf, shortcutOf, sound, usualKey } from "../../review_ui/static/js/shortcuts.js";


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

/** The press of a key that is written as in the list. */
function press(written) {
  const name = written.replace(/^(Ctrl|Alt)\+/, "");
  return key(name, { ctrlKey: written.startsWith("Ctrl+"), altKey: written.startsWith("Alt+") });
}

test("whoever has chosen nothing has the usual keys, with today's labels", () => {
  const usual = { blank: "F4", unreadable: "F8", ask: "F9", skip: "F10", undo: "Alt+⌫", everywhere: "Alt+S", page: "F2", past: "F7", find: "F3", doubt: "F6", no_record: "Ctrl+Del", help: "F1" };
  assert.deepEqual(Object.fromEntries(CHANGEABLE.map((action) => [action, keyLabel(action)])), usual);
  assert.deepEqual(helpRows(), HELP);
  for (const action of CHANGEABLE) {
    assert.equal(shortcutOf(press(usualKey(action))), action);
    assert.ok(HELP.some(([, keys, word]) => word === action && keys.includes(labelOf(usualKey(action)))), action);
  }
  assert.equal(actionOf(key("Delete", { ctrlKey: true }), false), "", "in a field the browser deletes the word");
});

test("a key that was chosen does what its action says, the one before does nothing", () => {
  assert.ok(choose({ blank: "F8", unreadable: "F4", skip: "Alt+k", no_record: "Alt+n" }));
  assert.equal(actionOf(press("F8"), true), "blank");
  assert.equal(actionOf(press("F4"), false), "unreadable");
  assert.equal(actionOf(press("Alt+k"), false), "skip");
  assert.equal(actionOf(key("K", { altKey: true }), false), "skip", "with Caps Lock");
  assert.equal(actionOf(press("F10"), true), "");
  assert.equal(actionOf(key("k"), false), "", "the letter is typed");
  assert.equal(actionOf(press("F9"), true), "ask", "what was not chosen stays");
  for (const held of [{ metaKey: true }, { ctrlKey: true, altKey: true }, { shiftKey: true }]) assert.equal(actionOf(key("F8", held), true), "");
  assert.equal(actionOf(key("k", { altKey: true, isComposing: true }), false), "");
  assert.equal(shortcutOf(press("Ctrl+Delete")), "");
  assert.equal(shortcutOf(press("Alt+n")), "no_record");
  const shown = new Map(helpRows().map(([, keys, word]) => [word, keys]));
  assert.deepEqual([shown.get("blank"), shown.get("skip"), shown.get("no_record"), shown.get("find")], [["F8"], ["Alt+K"], ["Alt+N"], ["F3", "/"]]);
  assert.equal(keyLabel("undo", "Ctrl+Z"), "Ctrl+Z");
  assert.ok(choose({ undo: "Alt+u" }));
  assert.equal(keyLabel("undo", "Ctrl+Z"), "Alt+U");
  assert.ok(choose({}));
  assert.equal(storage.length, 0, "the usual keys leave nothing behind");
  assert.equal(actionOf(press("F4"), true), "blank");
});

test("two actions never have one key", () => {
  assert.deepEqual(clashes({}), []);
  assert.deepEqual(clashes({ blank: "F8" }), [["F8", "blank", "unreadable"]]);
  assert.deepEqual(clashes({ blank: "F8", unreadable: "F4" }), []);
  assert.deepEqual(clashes({ skip: "Alt+k", help: "Alt+k" }), [["Alt+k", "skip", "help"]]);
});

test("what is kept is each person's own and outlives the page", async () => {
  assert.ok(choose({ ask: "Alt+a" }));
  assert.deepEqual(JSON.parse(storage.getItem("sohoa.shortcuts.an")), { ask: "Alt+a" });
  const later = await import("../../review_ui/static/js/shortcuts.js?later");
  assert.equal(later.keyFor("ask"), "Alt+a");
  storage.full = true;
  assert.equal(choose({ ask: "F4", blank: "F9" }), false);
  storage.full = false;
  assert.equal(keyFor("ask"), "Alt+a", "what was not kept does not count");
  choose({});
});

test("damaged or unknown choices fall back to the usual keys", async () => {
  for (const kept of [null, "F4", 7, [], { blank: "x" }, { blank: "F5" }, { blank: 4 }, { fly: "F8" }, { blank: "F8" }, { no_record: "F2", page: "F2" }, { blank: "F8", ask: "F8" }]) {
    assert.deepEqual(sound(kept), {}, JSON.stringify(kept));
  }
  assert.deepEqual(sound({ blank: "Alt+k", ask: "F5", fly: "F8", skip: "F10" }), { blank: "Alt+k" });
  for (const text of ["{", "null", '"F4"', "[1]"]) {
    storage.setItem("sohoa.shortcuts.an", text);
    const again = await import(`../../review_ui/static/js/shortcuts.js?${encodeURIComponent(text)}`);
    assert.equal(again.keyFor("blank"), "F4", text);
  }
  storage.clear();
});

test("every key that can be chosen reaches its action", () => {
  for (const action of CHANGEABLE) {
    assert.ok(choicesFor(action).length > 10, action);
    for (const wanted of choicesFor(action)) {
      const chosen = { [action]: wanted };
      for (const [taken, ...pair] of clashes(chosen)) {
        const other = pair.find((one) => one !== action);
        chosen[other] = choicesFor(other).find((free) => free !== taken && !CHANGEABLE.some((one) => (chosen[one] ?? usualKey(one)) === free));
      }
      assert.ok(choose(chosen), action);
      assert.equal(shortcutOf(press(wanted)), action, wanted);
    }
  }
  choose({});
});
