// Whether the person is at this computer: the last key, click, wheel or touch in any page of this browser.
// What a page asks by itself while nobody is there keeps neither the session nor leases.

import { keep, recall } from "./memory.js";

const KEY = "sohoa.presence";
const SIGNS = ["keydown", "pointerdown", "wheel", "touchstart"];
const TOLD_MS = 2000; // the other pages need no finer time
const CHECK_MS = 5000;

/** Requests up to so long after a sign count as the person's own. */
export const PRESENT_MS = 60e3;

let last = Date.now(); // a page is opened by its person
let told = 0;
let away = false;
let waiting = null; // {limit, action}

/** Time (ms) of the last sign in any page; a time to come is of a clock that was wrong. */
export function lastSign() {
  const other = Number(recall(KEY)) || 0;
  return Math.max(last, other <= Date.now() ? other : 0);
}

/** The header that marks a request as a poll; none while the person is there. */
export function pollHeader() {
  return Date.now() - lastSign() < PRESENT_MS ? {} : { "X-Background": "1" };
}

/** Call `action` once when nobody has been there for `limit` ms; again only after `isBack`. */
export function onAway(limit, action) {
  waiting = { limit, action };
  setInterval(check, CHECK_MS);
  addEventListener("focus", check);
  check();
}

/** The person has signed in again. */
export function isBack() {
  away = false;
  sign();
}

/** Nobody is there any more, however short ago the last sign was; true when that is new. */
export function isAway() {
  const fresh = !away;
  away = true;
  return fresh;
}

function check() {
  if (!waiting || away || Date.now() - lastSign() < waiting.limit) return;
  away = true;
  waiting.action();
}

function sign() {
  last = Date.now();
  if (last - told < TOLD_MS) return;
  told = last;
  keep(KEY, last);
}

for (const kind of SIGNS) {
  addEventListener(kind, (event) => {
    if (event.repeat) return; // something that lies on the keyboard is nobody
    check(); // a computer that slept wakes up with this key: it must not reach the page
    if (away) return;
    sign();
  }, { capture: true, passive: true });
}
