import "./browser.mjs";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const { LEAST_LOOK_MS, Sight } = await import("../../review_ui/static/js/sight.js");

let frames = [];
globalThis.requestAnimationFrame = (then) => frames.push(then);
const frame = () => { const due = frames; frames = []; for (const then of due) then(); };

beforeEach(() => {
  frames = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("a picture counts as seen after it was painted and a moment has passed", () => {
  const sight = new Sight();
  assert.equal(sight.enough, false);
  sight.shown();
  frame();
  mock.timers.tick(LEAST_LOOK_MS);
  assert.equal(sight.enough, false, "it has not been painted yet");
  frame();
  mock.timers.tick(LEAST_LOOK_MS - 1);
  assert.equal(sight.enough, false);
  mock.timers.tick(1);
  assert.equal(sight.enough, true);
});

test("the picture of the field before does not count for the next one", () => {
  const sight = new Sight();
  sight.shown();
  frame();
  frame();
  sight.begin();
  mock.timers.tick(LEAST_LOOK_MS);
  assert.equal(sight.enough, false);
  sight.shown();
  sight.begin();
  frame();
  frame();
  mock.timers.tick(LEAST_LOOK_MS);
  assert.equal(sight.enough, false);
});

test("another value beside the picture is looked at as long as the first", () => {
  const sight = new Sight();
  sight.renewed();
  assert.deepEqual(frames, [], "its picture is still on its way");
  sight.shown();
  frame();
  frame();
  mock.timers.tick(LEAST_LOOK_MS - 1);
  sight.renewed();
  mock.timers.tick(1);
  assert.equal(sight.enough, false);
  frame();
  frame();
  mock.timers.tick(LEAST_LOOK_MS);
  assert.equal(sight.enough, true);
  sight.renewed();
  assert.equal(sight.enough, true, "what was seen stays seen");
});

test("without a picture a person has to say so first", () => {
  const told = [];
  const sight = new Sight((state) => told.push(state));
  sight.acknowledge();
  assert.equal(sight.enough, false, "there is nothing to acknowledge while it loads");
  sight.failed();
  assert.equal(sight.enough, false);
  sight.acknowledge();
  assert.equal(sight.enough, true);
  assert.deepEqual(told, ["loading", "failed", "acknowledged"]);
});

test("what is offered may change until it has been seen, not where there is no picture", () => {
  const sight = new Sight();
  const told = [sight.unseen];
  sight.shown();
  frame();
  frame();
  told.push(sight.unseen);
  mock.timers.tick(LEAST_LOOK_MS);
  told.push(sight.unseen);
  sight.failed();
  told.push(sight.unseen);
  assert.deepEqual(told, [true, true, false, false]);
});
