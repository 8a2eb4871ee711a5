import { serve, signs } from "./browser.mjs";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

mock.timers.enable({ apis: ["Date", "setInterval"], now: 1e12 });
const { get } = await import("../../review_ui/static/js/api.js");
const { isBack, onAway } = await import("../../review_ui/static/js/presence.js");

const LIMIT = 600e3;
let went = 0;
onAway(LIMIT, () => { went += 1; });

/** Whether the next request counts as the person's own. */
async function counts() {
  let marked = null;
  serve((url, body, { headers }) => { marked = headers["X-Background"]; return {}; });
  await get("/api/queue/waiting");
  return marked === undefined;
}

beforeEach(() => { isBack(); went = 0; });

test("requests soon after a key are the person's own, later ones are polls", async () => {
  assert.equal(await counts(), true);
  mock.timers.tick(61e3);
  assert.equal(await counts(), false);
  signs("keydown");
  assert.equal(await counts(), true);
});

test("what another page of the browser has seen of the person counts here", async () => {
  mock.timers.tick(100e3);
  localStorage.setItem("sohoa.presence", String(Date.now() - 1000));
  assert.equal(await counts(), true);
  localStorage.setItem("sohoa.presence", String(Date.now() + 1e9)); // of a clock that was wrong
  assert.equal(await counts(), false);
});

test("a held key is nobody", async () => {
  mock.timers.tick(61e3);
  signs("keydown", { repeat: true });
  assert.equal(await counts(), false);
});

test("ten minutes without a sign are told once, a touch puts them off", () => {
  mock.timers.tick(LIMIT - 10e3);
  signs("touchstart");
  mock.timers.tick(LIMIT - 10e3);
  assert.equal(went, 0);
  mock.timers.tick(20e3);
  assert.equal(went, 1);
  mock.timers.tick(LIMIT);
  assert.equal(went, 1);
});

test("the key that wakes a computer finds the page locked and is no sign", async () => {
  mock.timers.setTime(Date.now() + 3600e3); // slept: no timer ran
  signs("keydown");
  assert.equal(went, 1);
  assert.equal(await counts(), false);
});
