import { Element, quiet, serve } from "./browser.mjs";
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const { Completion } = await import("../../review_ui/static/js/completion.js");

const NAMES = ["Nguyễn Văn An", "Nguyễn Văn Anh", "Nguyễn Thị An"];
let frames = [];
globalThis.requestAnimationFrame = (action) => frames.push(action);
const painted = () => { for (let turn = 0; turn < 2; turn += 1) frames.splice(0).forEach((action) => action()); };

function combobox() {
  const input = new Element();
  const list = Object.assign(new Element(), { id: "list" });
  const taken = [];
  const completion = new Completion(input, list, (value) => taken.push(value));
  completion.open("person_name", "b");
  return { input, list, taken, completion };
}

async function asked({ input, completion }, text, names = NAMES) {
  serve(() => ({ data: { suggestions: names.map((value) => ({ value, label: value })) } }));
  input.value = text;
  completion.ask();
  mock.timers.tick(100);
  await quiet();
}

beforeEach(() => {
  frames = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("input and list are an ARIA combobox, the count is announced", async () => {
  const box = combobox();
  const { input, list } = box;
  assert.equal(input.attributes.role, "combobox");
  assert.equal(input.attributes["aria-controls"], "list");
  assert.equal(input.attributes["aria-expanded"], "false");
  await asked(box, "nguyen");
  assert.equal(input.attributes["aria-expanded"], "true");
  assert.equal(list.hidden, false);
  assert.equal(list.next.textContent, "3 gợi ý");
  assert.deepEqual(list.children.map((option) => option.attributes.role), ["option", "option", "option"]);
  assert.equal(input.attributes["aria-activedescendant"], undefined, "as typed until somebody walks");
});

test("the option walked to is the active descendant, past the top there is none", async () => {
  const box = combobox();
  await asked(box, "nguyen");
  box.completion.walk(1);
  box.completion.walk(1);
  assert.equal(box.input.attributes["aria-activedescendant"], "list-1");
  assert.equal(box.list.children[1].id, "list-1");
  assert.equal(box.completion.offered.value, "Nguyễn Văn Anh");
  box.completion.walk(-1);
  box.completion.walk(-1);
  assert.equal(box.input.attributes["aria-activedescendant"], undefined);
  assert.equal(box.completion.offered.value, "Nguyễn Văn An", "Tab takes the first");
  box.completion.close();
  assert.equal(box.input.attributes["aria-expanded"], "false");
  assert.equal(box.list.next.textContent, "");
});

test("what does not begin like the text any more goes before the server has answered", async () => {
  const box = combobox();
  await asked(box, "nguyen");
  box.input.value = "nguyen th";
  box.completion.narrow();
  assert.deepEqual(box.completion.values.map((one) => one.value), ["Nguyễn Thị An"]);
  box.input.value = "tran";
  box.completion.narrow();
  assert.equal(box.completion.offered, null, "no key takes a proposal of an older text");
});

test("a list counts as read only when it has been painted as it stands", async () => {
  const box = combobox();
  await asked(box, "nguyen");
  assert.equal(box.completion.painted, false);
  painted();
  assert.equal(box.completion.painted, true);
  box.input.value = "nguyen th";
  box.completion.narrow();
  assert.equal(box.completion.painted, false);
});

test("what stands behind the cursor is told apart from what was typed", async () => {
  const box = combobox();
  const addresses = [];
  serve((url) => { addresses.push(new URL(url, "http://here").searchParams); return { data: { suggestions: [] } }; });
  Object.assign(box.input, { value: "xã Lộc Thu, huyện Bình Đại", selectionStart: 8, selectionEnd: 8 });
  box.completion.ask();
  mock.timers.tick(100);
  await quiet();
  assert.equal(addresses[0].get("q"), "xã Lộc T");
  assert.equal(addresses[0].get("after"), "huyện Bình Đại");
});
