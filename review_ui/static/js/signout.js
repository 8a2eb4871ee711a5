// Who sits at this computer: at a sign-out, or when somebody else signs in, what the former person had on the
// screen and half typed leaves the browser. Decisions that are not sent yet stay, for their own person alone:
// losing decided work is worse.

import { renewToken } from "./api.js";
import { fill, h } from "./dom.js";
import { dropDraftsOfOthers, dropOldDrafts, dropOwnDrafts } from "./drafts.js";
import { user } from "./memory.js";
import { Outbox } from "./outbox.js";
import { t } from "./words.js";

const SENDING_MS = 5000; // as long as the other screens wait for the server
const CLOSING_MS = 10000;

const pages = new BroadcastChannel("sohoa.person"); // all pages of this browser; says who is signed in, "" nobody

dropOldDrafts();
if (user) {
  dropDraftsOfOthers();
  say(user);
  pages.addEventListener("message", ({ data }) => { if (data !== user) leave(); });
}
document.querySelector("#log-out")?.addEventListener("submit", (event) => {
  event.preventDefault();
  signOut();
});

/** Tell the other pages of this browser who is signed in. */
function say(name) {
  pages.postMessage(name); // oxlint-disable-line unicorn/require-post-message-target-origin -- a channel has none
}

/** The page belongs to a person who is gone. It stays only for decisions that it alone holds. */
function leave() {
  const outbox = Outbox.ofPage;
  if (!outbox || outbox.lasting) location.reload();
}

const busy = (event) => event.preventDefault(); // Escape does not hide a sign-out that goes on

/** Send what is decided, ask where that fails, then end the session. The open dialog stops keys and buttons of the page. */
async function signOut() {
  if (document.querySelector("dialog[open]")) return;
  const second = document.querySelector("#conflicts:not([hidden])");
  if (second) return void second.click(); // a value that came second is nowhere but on this page
  const dialog = h("dialog", { class: "sign-out" }, h("p", { role: "status" }, t("log_out.sending")));
  dialog.addEventListener("cancel", busy);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  const outbox = Outbox.ofPage;
  const taken = !outbox || (await sendNow(outbox));
  const left = Math.max(outbox?.count ?? 0, Outbox.kept);
  dialog.removeEventListener("cancel", busy);
  if (!taken) dialog.close();
  else if (left) ask(dialog, left);
  else await end(dialog);
}

/** Send the decisions of this page; false when one came second or was refused: the page says so, and its person settles it. */
async function sendNow(outbox) {
  let taken = true;
  const note = ({ detail }) => { if (!detail.outcome.ok) taken = false; };
  outbox.addEventListener("outcome", note);
  await outbox.tryAll(SENDING_MS);
  outbox.removeEventListener("outcome", note);
  return taken;
}

function ask(dialog, count) {
  const stays = Outbox.ofPage?.lasting ?? true;
  const anyway = h("button", { class: "danger", onclick: () => end(dialog) }, t("log_out.anyway"));
  fill(dialog, h("h2", {}, t("log_out.title", { count })), h("p", {}, t(stays ? "log_out.stays" : "log_out.would_go", { user })),
    h("p", {}, h("button", { class: "primary", autofocus: true, onclick: () => wait(dialog) }, t("log_out.wait")), " ", stays ? anyway : null));
  dialog.querySelector(".primary").focus();
}

/** Stay where the decisions are sent: a work screen, whose outbox takes at its start what closed pages left. */
function wait(dialog) {
  dialog.close();
  if (!Outbox.ofPage) location.assign("/review");
  else if (!Outbox.ofPage.count) location.reload();
}

/** End the session, then forget; a session that could not be ended is not said to be. */
async function end(dialog) {
  fill(dialog, h("p", { role: "status" }, t("log_out.sending")));
  let answer = await closeSession();
  if (answer?.status === 403 && (await renewToken()) === "renewed") answer = await closeSession();
  if (answer?.type === "opaqueredirect") {
    dropOwnDrafts();
    say("");
    location.replace("/login"); // "back" does not lead to this page
  } else if (answer?.status === 403) location.reload(); // somebody else is signed in here by now
  else {
    fill(dialog, h("p", { class: "notice error", role: "alert" }, t("log_out.failed")),
      h("p", {}, h("button", { class: "primary", onclick: () => dialog.close() }, t("action.close"))));
    dialog.querySelector(".primary").focus();
  }
}

/** The server's answer: a redirect once the session is over; null where there is none. */
function closeSession() {
  const headers = { "X-CSRF": document.querySelector("meta[name=csrf]").content };
  return fetch("/logout", {
    method: "POST", headers, credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(CLOSING_MS),
  }).catch(() => null);
}
