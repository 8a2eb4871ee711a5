// Keys of the work screens: what they do, and when they are left to the input method. Those that a person may change stand in shortcuts.js.

import { CHANGEABLE, keyLabel, labelOf, shortcutOf, usualKey } from "./shortcuts.js";

/** Action of a key that nobody changes, with its modifiers; `?` and digits only count while nothing has been typed. */
const TABLE = {
  Enter: "confirm", Escape: "restore", Tab: "complete", ArrowDown: "down", ArrowUp: "up",
  "Alt+ArrowLeft": "pan-left", "Alt+ArrowRight": "pan-right", "Alt+ArrowUp": "pan-up", "Alt+ArrowDown": "pan-down",
  "Alt+=": "zoom-in", "Alt++": "zoom-in", "Alt+-": "zoom-out", "Alt+0": "fit",
};

/** With Ctrl held: `back` takes back the last word, or the last decision where nothing is typed. */
const CONTROL = { z: "back", "shift+z": "again", y: "again", enter: "take" };

/** Rows of the help overlay: group, usual keys, word key. */
export const HELP = [
  ["decide", ["Enter"], "confirm"], ["decide", ["1", "…", "9"], "pick"], ["decide", ["F4"], "blank"],
  ["decide", ["F8"], "unreadable"], ["decide", ["F9"], "ask"], ["decide", ["F10"], "skip"],
  ["decide", ["Alt+⌫"], "undo"], ["decide", ["Alt+S"], "everywhere"],
  ["typing", ["Ctrl+Z", "Ctrl+Y"], "back"], ["typing", ["Ctrl+⌫"], "delete_word"],
  ["typing", ["Tab", "→"], "complete"], ["typing", ["Ctrl+Enter"], "take"], ["typing", ["↓", "↑"], "walk"], ["typing", ["Esc"], "restore"],
  ["typing", [], "date"], ["typing", [], "number"], ["typing", [], "search"],
  ["look", ["F2"], "page"], ["look", ["F7"], "past"], ["look", ["F3", "/"], "find"],
  ["record", ["F6"], "doubt"], ["record", ["Ctrl+Del"], "no_record"], ["record", ["PgUp", "PgDn"], "record_step"], ["look", ["Alt +", "Alt −", "Alt 0"], "zoom"], ["look", ["Alt ←↑→↓"], "pan"],
  ["look", ["?", "F1"], "help"],
];

/** The same rows with the keys of the signed-in person. */
export const helpRows = () => HELP.map(([group, keys, word]) =>
  [group, CHANGEABLE.includes(word) ? keys.map((key) => (key === labelOf(usualKey(word)) ? keyLabel(word) : key)) : keys, word]);

/** Whether the key belongs to an input method that is putting a letter together (Unikey, IBus …). */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** Actions that a held key may repeat; every other one counts once a press. */
const REPEATED = /^(pan-|zoom-|down$|up$)/;

/** Whether the key is held down and its action must not be done again. */
export function heldDown(event, action) {
  return event.repeat && !REPEATED.test(action);
}

/** Whether the key types a letter that belongs into the input, wherever the focus is; a blank presses buttons. */
export function typesLetter(event) {
  return event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey;
}

/**
 * What a key means.
 *
 * @param {KeyboardEvent} event
 * @param {boolean} untouched nothing has been typed into the field yet
 * @returns {string} an action, `pick-1` … `pick-9`, or "" for an ordinary key
 */
export function actionOf(event, untouched) {
  if (composing(event)) return "";
  const digit = /^Digit[1-9]$/.test(event.code) ? event.code.slice(5) : "";
  if (event.altKey && !event.ctrlKey && digit) return `pick-${digit}`;
  if (untouched && !event.ctrlKey && !event.altKey && !event.metaKey) {
    if (/^[1-9]$/.test(event.key)) return `digit-${event.key}`;
    if (event.key === "?") return "help";
  }
  if (event.ctrlKey && !event.altKey && !event.metaKey) return CONTROL[(event.shiftKey ? "shift+" : "") + event.key.toLowerCase()] || "";
  if (event.ctrlKey || event.metaKey) return "";
  if (event.shiftKey && !event.altKey) return "";
  return shortcutOf(event) || TABLE[(event.altKey ? "Alt+" : "") + event.key] || "";
}
