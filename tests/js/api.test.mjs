import { page, serve } from "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

const { ApiError, get, onSignedOut, post, takeToken, whileSignedIn } = await import("../../review_ui/static/js/api.js");

/** A server whose session has ended until `open` is called; `tokens` are those its requests carried. */
function closedServer() {
  const state = { open: false, asked: 0, tokens: [] };
  serve((url, body, { headers }) => {
    state.tokens.push(headers["X-CSRF"]);
    return state.open ? { data: { url } } : { status: 401 };
  });
  onSignedOut(async () => {
    state.asked += 1;
    state.open = true;
    takeToken("new");
  });
  return state;
}

test("a request that meets the end of the session is made again with the new token", async () => {
  const server = closedServer();
  assert.deepEqual(await get("/api/books"), { url: "/api/books" });
  assert.equal(server.asked, 1);
  assert.deepEqual(server.tokens, ["old", "new"]);
  page.token = "old";
});

test("who does not wait is told, and the log-in is opened all the same", async () => {
  const server = closedServer();
  await assert.rejects(post("/api/decide", {}, { waits: false }), (error) => error.status === 401);
  assert.equal(server.asked, 1);
  page.token = "old";
});

test("an answer that breaks off is no answer; one without content is one", async () => {
  serve((url) => (url === "/api/fields" ? { broken: true } : { status: 204, broken: true }));
  await assert.rejects(get("/api/fields"), (error) => error instanceof ApiError && error.passing);
  await assert.rejects(post("/api/fields", {}), (error) => error.status === 0);
  assert.equal(await post("/api/nothing-to-say"), null);
  serve(() => ({ status: 502, broken: true }));
  await assert.rejects(get("/api/fields"), (error) => error.status === 502);
});

test("what is sent in a way of its own goes on once the person is back", async () => {
  const server = closedServer();
  let tries = 0;
  const kept = await whileSignedIn(async () => {
    tries += 1;
    if (!server.open) throw new ApiError(401);
    return "kept";
  });
  assert.deepEqual([kept, tries, server.asked], ["kept", 2, 1]);
});

test("a slow answer to a request of the session before does not ask for the log-in a second time", async () => {
  page.token = "old";
  let answerSlowly;
  let asked = 0;
  let closed = true;
  serve((url) => {
    if (url === "/slow" && closed) return new Promise((done) => { answerSlowly = () => done({ status: 401 }); });
    return closed ? { status: 401 } : { data: { url } };
  });
  onSignedOut(async () => {
    asked += 1;
    closed = false;
    takeToken(`opened ${asked}`);
  });
  const slow = get("/slow");
  await get("/quick");
  answerSlowly();
  assert.deepEqual(await slow, { url: "/slow" });
  assert.equal(asked, 1);
  page.token = "old";
});
