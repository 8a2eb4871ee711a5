// The lock screen: covers a page whose person is away or whose session has ended, until he signs in again.
// What is typed stays in the page under the cover; pictures leave the document.

import { get, onSignedOut, post, renewToken, takeToken } from "./api.js";
import { fill, h } from "./dom.js";
import { user } from "./memory.js";
import { Outbox } from "./outbox.js";
import { isAway, isBack, onAway, PRESENT_MS, lastSign } from "./presence.js";
import { t } from "./words.js";

const RETRY_MS = 30e3;
const STILL_MS = 400; // keys of one go of typing follow each other faster
const pages = new BroadcastChannel("sohoa.lock"); // all pages of this browser lock and open together

/** Covers the page and asks for name and password. Tells `window` of it: `sohoa-locked`, `sohoa-unlocked`. */
class LockScreen {
  constructor() {
    this.dialog = null;
    this.back = null; // a promise while the page is covered or about to be
  }

  /**
   * Cover the page; resolves when its person has signed in again. `title`: the word that says why.
   * Whoever is typing ends his go first: the rest of a value is no password, and Enter behind it decides that value.
   */
  cover(title) {
    if (this.back) return this.back;
    this.back = new Promise((done) => { this.open = done; });
    this.#coverWhenStill(title);
    return this.back;
  }

  #coverWhenStill(title) {
    const still = Date.now() - lastSign();
    if (still < STILL_MS) this.timer = setTimeout(() => this.#coverWhenStill(title), STILL_MS - still);
    else this.#coverNow(title);
  }

  #coverNow(title) {
    isAway();
    this.focused = document.activeElement;
    this.title = document.title;
    this.pictures = [...document.querySelectorAll("img, canvas")].map((picture) => {
      const mark = document.createComment("");
      picture.replaceWith(mark);
      return [mark, picture];
    });
    document.title = t("lock.title");
    document.body.classList.add("locked");
    this.#ask(title);
    dispatchEvent(new Event("sohoa-locked"));
  }

  /** The person is back: the page as it was. */
  uncover() {
    if (!this.back) return;
    clearTimeout(this.timer);
    this.back = null;
    if (this.dialog) this.#showAgain();
    this.open();
  }

  #showAgain() {
    const { dialog } = this;
    this.dialog = null;
    dialog.remove();
    document.body.classList.remove("locked");
    for (const [mark, picture] of this.pictures) if (mark.isConnected) mark.replaceWith(picture);
    document.title = this.title;
    if (this.focused?.isConnected) this.focused.focus({ preventScroll: true });
    isBack();
    dispatchEvent(new Event("sohoa-unlocked"));
  }

  #ask(title) {
    const name = h("input", { name: "name", value: user, maxLength: 100, autocomplete: "username", autocapitalize: "none", spellcheck: false, required: true });
    const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
    const error = h("p", { class: "notice error", role: "alert", hidden: true });
    const button = h("button", { class: "primary" }, t("lock.enter"));
    const form = h("form", { class: "sign-in" }, h("h1", { id: "lock-title" }, t(title)), h("p", {}, t("lock.stays")), error,
      h("div", { class: "row" }, h("label", {}, t("lock.name"), name)), h("div", { class: "row" }, h("label", {}, t("lock.password"), password)),
      h("p", {}, button), h("p", { class: "muted small" }, t("lock.other", { user })));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      error.hidden = true;
      const told = await this.#signIn(name.value, password.value);
      button.disabled = false;
      password.value = "";
      if (!told) return;
      error.hidden = false;
      fill(error, told);
      password.focus();
    });
    this.dialog = h("dialog", { class: "lock-screen", "aria-labelledby": "lock-title" }, form);
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    this.dialog.addEventListener("close", () => this.dialog?.showModal()); // Escape does not open the page
    this.dialog.addEventListener("keydown", (event) => { if (event.key === "Escape") event.preventDefault(); event.stopPropagation(); });
    document.body.append(this.dialog);
    this.dialog.showModal();
    password.focus();
  }

  /** Open a session; what went wrong in words, "" when it is open. */
  async #signIn(name, password) {
    const same = name.trim().normalize("NFC").toLowerCase() === user;
    if (!same && Outbox.ofPage && !Outbox.ofPage.lasting) return t("lock.only_here", { user });
    try {
      const session = await post("/api/session", { name, password }, { waits: false });
      if (session.user === user) {
        takeToken(session.token);
        this.uncover();
        say({ back: user });
      } else location.replace("/"); // nothing of the former person stays: the new page drops it
      return "";
    } catch (error) {
      return error.told || String(error);
    }
  }
}

const screen = new LockScreen();

function say(message) {
  pages.postMessage(message); // oxlint-disable-line unicorn/require-post-message-target-origin -- a channel has none
}

/** Nobody has been there: end the session, and cover all pages of this browser. */
function lock() {
  screen.cover("lock.away");
  say({ locked: user });
  endSession();
}

/** A session that could not be ended is ended later: the server does it in any case after 15 minutes. */
async function endSession() {
  try {
    await post("/api/session/lock", {}, { waits: false });
  } catch (error) {
    if (error.passing) setTimeout(() => { if (screen.dialog) endSession(); }, RETRY_MS);
  }
}

/** A form is sent only once its session is known to last: nothing typed into it gets lost. */
const sure = new WeakSet();
async function submitLater(event) {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sure.delete(form)) return;
  event.preventDefault();
  await get("/api/session").catch(() => {});
  sure.add(form);
  form.requestSubmit(submitter);
}

/** Keys and clicks of a covered page reach the lock screen only. */
function guard(event) {
  if (!screen.dialog || screen.dialog.contains(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

if (user) {
  for (const kind of ["keydown", "keyup", "click", "pointerdown", "beforeinput", "submit"]) addEventListener(kind, guard, true);
  addEventListener("submit", submitLater);
  onSignedOut(() => screen.cover("lock.ended"));
  pages.addEventListener("message", async ({ data }) => {
    if (data.locked === user) screen.cover("lock.away");
    else if (data.back === user && screen.back && (await renewToken()) !== "other") screen.uncover();
  });
  onAway(Number(document.body.dataset.lockSeconds) * 1000, lock);
  // Whoever types or turns pages without any request is there all the same.
  setInterval(() => { if (!screen.dialog && Date.now() - lastSign() < PRESENT_MS) get("/api/session").catch(() => {}); }, PRESENT_MS);
}
