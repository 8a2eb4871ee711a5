// Sending files one after the other, two at a time, with the progress of each.

import { ApiError, post, whileSignedIn } from "../api.js";

const AT_ONCE = 2; // the server looks at each file: more would only wait
const PLANNED_AT_ONCE = 1000;
const TRIES = 3;

/** A file on its way: `state` is waiting, sending, looking, kept, there, refused or unsent. */
export class Sending {
  constructor(place, file) {
    Object.assign(this, { place, file, state: "waiting", share: 0, pages: 0, told: "" });
  }

  /** Nothing more will come of it by itself. */
  get settled() {
    return ["kept", "there", "refused"].includes(this.state);
  }
}

/**
 * Send files that are not settled yet.
 *
 * @param {Sending[]} files
 * @param {(file: Sending) => void} tell called after every change of a file
 * @param {AbortSignal} signal ends it; what is half-sent is not kept by the server
 */
export async function sendAll(files, tell, signal) {
  const open = files.filter((file) => !file.settled);
  for (let start = 0; start < open.length; start += PLANNED_AT_ONCE) {
    await plan(open.slice(start, start + PLANNED_AT_ONCE), tell);
  }
  const queue = open.filter((file) => !file.settled);
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (queue.length && !signal.aborted) await sendOne(queue.shift(), tell, signal);
  }));
}

async function plan(files, tell) {
  const wanted = files.map((one) => ({ place: one.place, size: one.file.size }));
  const answer = await post("/api/import/plan", { files: wanted }, { timeout: 60000 });
  answer.files.forEach((verdict, at) => {
    if (verdict.state !== "refused") return;
    const error = new ApiError(400, { error: verdict.cause, remedy: verdict.remedy });
    Object.assign(files[at], { state: "refused", told: error.told });
    tell(files[at]);
  });
}

async function sendOne(one, tell, signal) {
  for (let tries = 1; ; tries += 1) {
    try {
      const kept = await whileSignedIn(() => put(one, tell, signal));
      Object.assign(one, { state: kept.state, pages: kept.pages, told: "" });
      break;
    } catch (error) {
      const passing = error instanceof ApiError && error.passing && error.status !== 507;
      if (passing && tries < TRIES && !signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(tries, error.wait || 0)));
        continue;
      }
      const lasting = error instanceof ApiError && !error.passing && error.status !== 401;
      Object.assign(one, { state: lasting ? "refused" : "unsent", told: error.told || "" });
      break;
    }
  }
  tell(one);
}

/** Send bytes as they are; XMLHttpRequest alone tells how far a browser is. */
export function putFile(url, file, { onprogress = () => {}, signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRF", document.querySelector("meta[name=csrf]")?.content || "");
    request.upload.onprogress = (event) => onprogress(event.loaded, event.total);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) return resolve(request.response);
      const error = new ApiError(request.status, request.response || {});
      error.wait = Number(request.getResponseHeader("Retry-After")) || 0;
      return reject(error);
    };
    request.onerror = request.onabort = () => reject(new ApiError(0));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

function put(one, tell, signal) {
  one.state = "sending";
  tell(one);
  const onprogress = (loaded, total) => {
    one.share = total ? loaded / total : 0;
    one.state = loaded === total ? "looking" : "sending";
    tell(one);
  };
  return putFile(`/api/uploads/scan?place=${encodeURIComponent(one.place)}`, one.file, { onprogress, signal });
}
