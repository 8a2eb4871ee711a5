// Keys that a person may change: the list of the station, and what its person has chosen on this computer.

import { forget, keep, recall, user } from "./memory.js";

const { keys: SETS = {}, actions: ACTIONS = {} } = JSON.parse(document.getElementById("shortcuts")?.textContent || "{}");
const KEPT = `sohoa.shortcuts.${user}`;
const SIGNS = { Backspace: "⌫", Delete: "Del", Control: "Ctrl" };

/** Actions whose keys can be changed, in the order of the list. */
export const CHANGEABLE = Object.keys(ACTIONS);

/** The key of an action for who has chosen none. */
export const usualKey = (action) => ACTIONS[action].usual;

/** The keys that an action can have, the usual one first. */
export const choicesFor = (action) => [...new Set([usualKey(action), ...ACTIONS[action].instead.flatMap((name) => SETS[name])])];

/** Pairs of actions that would have one key: `[key, action, action]`. `chosen` names the keys of the actions that differ. */
export function clashes(chosen) {
  const holders = new Map();
  const found = [];
  for (const action of CHANGEABLE) {
    const key = chosen[action] ?? usualKey(action);
    if (holders.has(key)) found.push([key, holders.get(key), action]);
    else holders.set(key, action);
  }
  return found;
}

/** What of a kept choice counts: keys of the closed list; nothing at all where two actions would share one. */
export function sound(kept) {
  if (!kept || typeof kept !== "object") return {};
  const own = Object.fromEntries(CHANGEABLE.filter((action) => Object.hasOwn(kept, action) && kept[action] !== usualKey(action) && choicesFor(action).includes(kept[action]))
    .map((action) => [action, kept[action]]));
  return clashes(own).length ? {} : own;
}

let own = {};
let actions = new Map();

/** The key of an action, as the signed-in person has it. */
export const keyFor = (action) => own[action] ?? usualKey(action);

take(recall(KEPT));

function take(kept) {
  own = sound(kept);
  actions = new Map(CHANGEABLE.map((action) => [keyFor(action), action]));
}

/** Keep the keys that a person has chosen; false where the browser keeps nothing. The caller has refused clashes. */
export function choose(chosen) {
  const kept = sound(chosen);
  if (!Object.keys(kept).length) forget(KEPT);
  else if (!keep(KEPT, kept)) return false;
  take(kept);
  return true;
}

/** The name of a pressed key, as the list writes it; "" with other keys held than Ctrl or Alt alone. */
export function nameOf(event) {
  if (event.metaKey || (event.ctrlKey && event.altKey)) return "";
  const key = /^[A-Z]$/.test(event.key) && !event.shiftKey ? event.key.toLowerCase() : event.key; // with Caps Lock
  if (event.ctrlKey) return event.shiftKey ? "" : `Ctrl+${key}`;
  return event.altKey ? `Alt+${key}` : event.shiftKey ? "" : key;
}

/** The changeable action that a pressed key calls, or "". */
export const shortcutOf = (event) => actions.get(nameOf(event)) ?? "";

/** A key as people read it: `Alt+S`, `Alt+⌫`, `Ctrl+Del`. */
export const labelOf = (key) => key.split("+").map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join("+");

/** The label of the person's key; `usually` stands instead while the usual key is kept. */
export const keyLabel = (action, usually = "") => (usually && !own[action] ? usually : labelOf(keyFor(action)));
