// A question before something that takes time to do again.

import { find } from "../dom.js";

/** Whether the person agrees. */
export function sure(question) {
  const dialog = find("#sure");
  find("#sure-question").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}
