// Talking with the server: JSON in and out, the CSRF token, errors with cause and remedy.

import { pollHeader } from "./presence.js";
import { said, t } from "./words.js";

/** What the server refused (status 4xx, 5xx), or status 0 where it did not answer. */
export class ApiError extends Error {
  constructor(status, body = {}) {
    super(said(body.error) || t(status === 0 ? "error.network" : status === 403 ? "error.forbidden" : "error.unknown"));
    this.status = status;
    this.remedy = said(body.remedy);
    this.where = typeof body.where === "string" ? body.where : "";
    this.wait = 0; // seconds the server asks to wait
  }

  /** Trying again later may help: no answer, overloaded, or the server is being started. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Cause and remedy in one line. */
  get told() {
    return this.remedy ? `${this.message} → ${this.remedy}` : this.message;
  }
}

/** Answer of a GET. */
export const get = (url) => call("GET", url);
/** Answer of a POST of JSON. */
export const post = (url, body = {}, options = {}) => call("POST", url, body, options);
/** Answer of a PUT of JSON. */
export const put = (url, body = {}) => call("PUT", url, body);

/** `/path?a=b` without the empty values. */
export function withQuery(path, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, v]) => v !== "" && v !== null && v !== undefined));
  return query.size ? `${path}?${query}` : path;
}

/**
 * Take over the CSRF token of a session that was opened meanwhile (log-in in another tab).
 *
 * @returns {Promise<"renewed"|"same"|"other">} "other": somebody else or nobody is signed in
 */
export async function renewToken() {
  const session = await once("GET", "/api/session", undefined, {}).catch(() => null);
  if (session?.user !== document.body.dataset.user) return "other";
  return takeToken(session.token) ? "renewed" : "same";
}

/** Use the form token of another session of the same person from now on; false when it is the one in use. */
export function takeToken(token) {
  const own = document.querySelector("meta[name=csrf]");
  if (!token || token === own.content) return false;
  own.content = token;
  openings++;
  for (const input of document.querySelectorAll("input[name=csrf]")) input.value = token;
  return true;
}

let signInAgain = null;
let openings = 0; // sessions opened within this page

/** What opens the log-in within the page; it resolves when its person is back. */
export function onSignedOut(action) {
  signInAgain = action;
}

/** One request; one that meets the end of the session is made again once the person is back, unless `waits` is false. */
async function call(method, url, body, { waits = true, ...options } = {}) {
  const before = openings;
  try {
    return await once(method, url, body, options);
  } catch (error) {
    if (error.status === 403 && (await renewToken()) === "renewed") return once(method, url, body, options);
    if (error.status !== 401 || !signInAgain) throw error;
    // A slow answer can be to a request of the session before: the person has signed in meanwhile.
    const back = before === openings ? signInAgain() : null;
    if (!waits) throw error;
    await back;
    return call(method, url, body, options);
  }
}

/** Do what asks the server in a way of its own; where the session has ended, again once the person is back. */
export async function whileSignedIn(action) {
  const before = openings;
  try {
    return await action();
  } catch (error) {
    if (error.status !== 401 || !signInAgain) throw error;
    if (before === openings) await signInAgain();
    return whileSignedIn(action);
  }
}

async function once(method, url, body, { keepalive = false, timeout = 20000 }) {
  const headers = { ...pollHeader(), Accept: "application/json", "X-CSRF": document.querySelector("meta[name=csrf]")?.content || "" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, {
      method, headers, keepalive, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(timeout),
    });
  } catch {
    throw new ApiError(0);
  }
  if (answer.type === "opaqueredirect") throw new ApiError(401);
  const data = answer.status === 204 ? null : await answer.json().catch(() => undefined);
  if (!answer.ok) {
    const error = new ApiError(answer.status, data && typeof data === "object" ? data : {});
    error.wait = Number(answer.headers.get("Retry-After")) || 0;
    throw error;
  }
  if (data === undefined) throw new ApiError(0); // the connection broke off within the answer, or another machine answered
  return data;
}
