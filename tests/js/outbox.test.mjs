import { connected, page, quiet, serve, storage } from "./browser.mjs";
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

const { Outbox } = await import("../../review_ui/static/js/outbox.js");

const KEYS = "sohoa.outbox.";
const decision = (field, value = `v${field}`, base = 0) => ({ field, action: "correct", value, base });

/** Takes every decision, each as an entry of its own from 100 on. */
function taking(_url, { decisions }) {
  const outcomes = decisions.map(({ field }) => ({ field, ok: true, entry: 100 + field, conflict: null }));
  return { data: { outcomes } };
}

function unreachable() {
  throw new TypeError("fetch failed");
}

const conflict = (user, value) => ({ user, value, entry: 7 });
const answerOf = (found) => ({ data: { outcomes: [{ field: 1, ok: false, entry: null, value: "v1", conflict: found }] } });

/** An outbox that notes what it says. */
function watched() {
  const outbox = new Outbox();
  const said = { states: [], outcomes: [] };
  outbox.addEventListener("status", ({ detail }) => said.states.push(detail));
  outbox.addEventListener("outcome", ({ detail }) => said.outcomes.push(detail));
  return { outbox, said };
}

const fieldsOf = (calls) => calls.map(({ decisions }) => decisions.map(({ field }) => field));
const kept = () => Array.from({ length: storage.length }, (_, i) => storage.key(i));

beforeEach(() => {
  storage.full = false;
  storage.clear();
  page.token = "old";
  page.renewed = { user: "an", token: "old" };
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1.75e12 });
});

afterEach(() => mock.timers.reset());

test("a decision is kept before the server is asked, and forgotten when it has it", async () => {
  let during = [];
  const calls = serve((url, body) => { during = kept(); return taking(url, body); });
  const { outbox, said } = watched();
  outbox.add(decision(1), "Mẹ");
  await quiet();
  assert.equal(during.length, 1);
  assert.ok(during[0].startsWith(`${KEYS}an.`));
  assert.deepEqual(calls, [{ decisions: [decision(1)] }]);
  assert.deepEqual(kept(), []);
  assert.equal(said.outcomes[0].label, "Mẹ");
  assert.equal(said.states.at(-1).state, "saved");
});

test("a page can send once its next field is painted: until then the decision is kept, counted and can be taken back", async () => {
  const calls = serve(taking);
  const later = [];
  const outbox = new Outbox((send) => later.push(send));
  const states = [];
  outbox.addEventListener("status", ({ detail }) => states.push(detail.state));
  const key = outbox.add(decision(1));
  outbox.add(decision(2));
  await quiet();
  assert.deepEqual([calls.length, kept().length, outbox.count, states.at(-1)], [0, 2, 2, "sending"]);
  assert.ok(outbox.takeBack(key));
  for (const send of later) send();
  await quiet();
  assert.deepEqual(fieldsOf(calls), [[2]]);
  outbox.add(decision(3)); // nobody paints any more: a page that waits for all has it sent
  const all = outbox.flush();
  await quiet();
  mock.timers.tick(30);
  assert.equal(await all, true);
  assert.deepEqual(fieldsOf(calls), [[2], [3]]);
});

test("what a browser that died had not sent is sent by the next one, in order", async () => {
  serve(unreachable);
  const { outbox } = watched();
  outbox.add(decision(1));
  await quiet();
  outbox.add(decision(2));
  mock.timers.tick(1);
  const calls = serve(taking);
  const next = watched().outbox;
  assert.equal(next.count, 2);
  next.hurry();
  await quiet();
  assert.deepEqual(fieldsOf(calls), [[1, 2]]);
  assert.deepEqual(kept(), []);
});

test("decisions of other people on this computer are counted and never sent", async () => {
  storage.setItem(`${KEYS}binh.1`, JSON.stringify({ decision: decision(9) }));
  storage.setItem(`${KEYS}binh.2`, JSON.stringify({ decision: decision(8) }));
  const calls = serve(taking);
  const { outbox } = watched();
  outbox.hurry();
  await quiet();
  assert.equal(outbox.count, 0);
  assert.deepEqual(calls, []);
  assert.deepEqual(Outbox.ofOthers(), { binh: 2 });
});

test("twenty at a time, and never two about one field together", async () => {
  serve(unreachable);
  const { outbox } = watched();
  for (let field = 1; field <= 25; field += 1) outbox.add(decision(field));
  outbox.add(decision(25, "again"));
  await quiet();
  const calls = serve(taking);
  outbox.hurry();
  await quiet();
  assert.deepEqual(fieldsOf(calls).map((fields) => fields.length), [20, 5, 1]);
  assert.deepEqual(fieldsOf(calls).at(-1), [25]);
});

test("a later decision answers the entry that the earlier one has made", async () => {
  const calls = serve(taking);
  const { outbox } = watched();
  outbox.add(decision(1, "first", 5));
  outbox.add(decision(1, "second", 5));
  await quiet();
  assert.deepEqual(calls.map(({ decisions }) => [decisions[0].value, decisions[0].base]), [["first", 5], ["second", 101]]);
});

test("without a network it waits longer each time, up to a quarter of a minute", async () => {
  const calls = serve(unreachable);
  const { outbox, said } = watched();
  outbox.add(decision(1));
  await quiet();
  const waits = [];
  for (let failure = 0; failure < 6; failure += 1) {
    const { state, seconds, count } = said.states.at(-1);
    assert.deepEqual([state, count], ["offline", 1]);
    waits.push(seconds);
    mock.timers.tick(seconds * 1000 - 1);
    await quiet();
    assert.equal(calls.length, failure + 1);
    mock.timers.tick(1);
    await quiet();
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 15, 15]);
  serve(taking);
  connected();
  await quiet();
  assert.equal(said.states.at(-1).state, "saved");
});

test("a server that is busy says how long to wait", async () => {
  serve(() => ({ status: 429, headers: { "Retry-After": "42" } }));
  const { outbox, said } = watched();
  outbox.add(decision(1));
  await quiet();
  const { state, seconds, count } = said.states.at(-1);
  assert.deepEqual([state, seconds, count], ["waiting", 42, 1]);
});

test("signed out, everything waits for the log-in", async () => {
  serve(() => ({ status: 401 }));
  const { outbox, said } = watched();
  outbox.add(decision(1));
  await quiet();
  assert.equal(said.states.at(-1).state, "log_in");
  assert.equal(kept().length, 1);
});

test("a session opened anew in another tab is taken over", async () => {
  page.renewed = { user: "an", token: "new" };
  serve((url, body) => {
    if (url === "/api/session") return { data: page.renewed };
    return page.token === "new" ? taking(url, body) : { status: 403 };
  });
  const { outbox, said } = watched();
  outbox.add(decision(1));
  await quiet();
  assert.equal(page.token, "new");
  assert.equal(said.states.at(-1).state, "saved");
});

test("nothing is sent in the name of somebody else who has signed in meanwhile", async () => {
  page.renewed = { user: "binh", token: "his" };
  serve((url) => (url === "/api/session" ? { data: page.renewed } : { status: 403 }));
  const { outbox, said } = watched();
  outbox.add(decision(1));
  await quiet();
  assert.equal(page.token, "old");
  assert.equal(said.states.at(-1).state, "log_in");
  assert.equal(kept().length, 1);
});

test("a decision that the server refuses is told and holds up no other", async () => {
  serve(unreachable);
  const { outbox, said } = watched();
  for (const field of [1, 2, 3]) outbox.add(decision(field));
  await quiet();
  const error = { error: { vi: "Trường đã đóng", en: "The field is closed" }, remedy: { vi: "Mở lại", en: "Open it" } };
  serve((url, body) => (body.decisions.some(({ field }) => field === 2) ? { status: 422, data: error } : taking(url, body)));
  outbox.hurry();
  await quiet();
  assert.deepEqual(said.outcomes.map(({ outcome }) => [outcome.field, outcome.ok]), [[1, true], [2, false], [3, true]]);
  assert.equal(said.outcomes[1].outcome.message, "Trường đã đóng → Mở lại");
  assert.equal(said.outcomes[1].decision.value, "v2");
  assert.deepEqual(kept(), []);
});

test("an answer that got lost is no conflict with oneself", async () => {
  serve(() => answerOf(conflict("an", "v1")));
  const own = watched();
  own.outbox.add(decision(1));
  await quiet();
  assert.deepEqual([own.said.outcomes[0].outcome.ok, own.said.outcomes[0].outcome.entry], [true, 7]);
  for (const found of [conflict("binh", "v1"), conflict("an", "other")]) {
    serve(() => answerOf(found));
    const { outbox, said } = watched();
    outbox.add(decision(1));
    await quiet();
    assert.deepEqual(said.outcomes[0].outcome.conflict, found);
  }
});

test("a decision that has not left yet can be taken back", async () => {
  serve(unreachable);
  const { outbox } = watched();
  const key = outbox.add(decision(1));
  await quiet();
  assert.ok(outbox.takeBack(key));
  assert.ok(!outbox.takeBack(key));
  assert.equal(outbox.count, 0);
  assert.deepEqual(kept(), []);
});

test("a full disk keeps no decision from the server", async () => {
  storage.full = true;
  const calls = serve(taking);
  const { outbox, said } = watched();
  outbox.add(decision(1));
  await quiet();
  assert.deepEqual(fieldsOf(calls), [[1]]);
  assert.equal(said.states.at(-1).state, "saved");
});

test("leaving a page waits until all is sent, or the time is over", async () => {
  mock.timers.reset();
  serve(taking);
  const { outbox } = watched();
  outbox.add(decision(1));
  assert.equal(await outbox.flush(2000), true);
  serve(unreachable);
  outbox.add(decision(2));
  assert.equal(await outbox.flush(60), false);
  clearTimeout(outbox.timer);
});

test("decisions of somebody whose name goes on after a dot are another one's", async () => {
  storage.setItem(`${KEYS}an.binh.1`, JSON.stringify({ decision: decision(9) }));
  const calls = serve(taking);
  const { outbox } = watched();
  outbox.hurry();
  await quiet();
  assert.deepEqual(calls, []);
  assert.deepEqual([outbox.count, Outbox.kept], [0, 0]);
  assert.deepEqual(Outbox.ofOthers(), { "an.binh": 1 });
});

test("one try to send ends with its failure, and says what would not outlive the page", async () => {
  serve(unreachable);
  const { outbox } = watched();
  outbox.add(decision(1));
  await quiet();
  mock.timers.tick(5000); // the waiting time of the first failure is over, and so is that of the second
  await quiet();
  const tried = outbox.tryAll(5000);
  await quiet();
  mock.timers.tick(30);
  assert.equal(await tried, false);
  assert.deepEqual([outbox.count, Outbox.kept, outbox.lasting], [1, 1, true]);
  storage.full = true;
  outbox.add(decision(2));
  assert.deepEqual([outbox.count, Outbox.kept, outbox.lasting], [2, 1, false]);
});

/** An outbox whose page shows two fields next, and what it was told of their offers. */
function showing() {
  const outbox = new Outbox(undefined, () => [41, 42]);
  const offers = [];
  outbox.addEventListener("offers", ({ detail }) => offers.push(detail));
  return { outbox, offers };
}

const FRESH = [{ field: 41, offers: [], preselected: null }];
const askedFor = (calls) => calls.map((body) => body.offers_for ?? null);

/** Takes every decision, and says what is offered to who asks. */
function offering(url, body) {
  const { data } = taking(url, body);
  return { data: { ...data, offers: body.offers_for ? FRESH : [] } };
}

test("the last decisions ask what the next fields are offered, and only they", async () => {
  serve(unreachable);
  const { outbox, offers } = showing();
  for (let field = 1; field <= 25; field += 1) outbox.add(decision(field));
  await quiet();
  const calls = serve(offering);
  outbox.hurry();
  await quiet();
  assert.deepEqual(askedFor(calls), [null, [41, 42]]);
  assert.deepEqual(offers, [FRESH]);
});

test("what failed is sent again without: nobody's decision waits for offers", async () => {
  let calls = serve(unreachable);
  const { outbox, offers } = showing();
  outbox.add(decision(1));
  await quiet();
  assert.deepEqual(askedFor(calls), [[41, 42]]);
  calls = serve(offering);
  mock.timers.tick(1000);
  await quiet();
  assert.deepEqual(askedFor(calls), [null]);
  assert.deepEqual([outbox.count, offers.length], [0, 0]);
  outbox.add(decision(2));
  await quiet();
  assert.deepEqual(askedFor(calls), [null, [41, 42]]);
  assert.equal(offers.length, 1);
});

/** Refuses what asks for offers, as a server of the version before does. */
function refusing(url, body) {
  return body.offers_for ? { status: 422, data: { error: { vi: "x", en: "x" } } } : taking(url, body);
}

test("a server that does not take the question still gets the decision", async () => {
  const calls = serve(refusing);
  const { outbox } = showing();
  const outcomes = [];
  outbox.addEventListener("outcome", ({ detail }) => outcomes.push(detail.outcome.ok));
  outbox.add(decision(1));
  await quiet();
  assert.deepEqual(askedFor(calls), [[41, 42], null]);
  assert.deepEqual([outcomes, kept()], [[true], []]);
});
