// "No record here": the page that was taken for a record is put aside, with a reason, by one key.

import { get, post } from "../api.js";
import { find, h } from "../dom.js";
import { t } from "../words.js";

const USUAL = "blank"; // an empty form is what is taken for a record most often

/**
 * Ask for the reason and put the page aside; resolves true when it is done.
 *
 * @param {object} record as the server gives it; a page with several records is left to its own screen
 */
export async function putAside(record) {
  const { reasons } = await get("/api/layouts");
  const choice = h("select", { "aria-label": t("page.aside_reason") }, reasons.map((one) =>
    h("option", { value: one.id, selected: one.id === USUAL }, document.documentElement.lang === "en" ? one.en : one.vi)));
  const error = h("p", { class: "notice error", hidden: true });
  return new Promise((done) => {
    const send = async () => {
      try {
        await post(`/api/pages/${record.page}/aside`, { reason: choice.value }, { timeout: 60e3 }); // the book is judged again
        done(true);
        dialog.close();
      } catch (fault) {
        error.hidden = false;
        error.textContent = fault.told || String(fault);
      }
    };
    const form = h("form", { onsubmit: (event) => { event.preventDefault(); send(); } },
      h("h2", {}, t("record.no_record")), h("p", {}, t("record.no_record_hint")), h("p", {}, choice), error,
      h("p", { class: "row" }, h("button", { class: "primary", autofocus: true }, t("record.no_record"), h("kbd", {}, "Enter")),
        h("button", { type: "button", onclick: () => dialog.close() }, t("action.cancel"), h("kbd", {}, "Esc"))));
    const dialog = h("dialog", {}, form);
    dialog.addEventListener("close", () => { dialog.remove(); done(false); });
    document.body.append(dialog);
    dialog.showModal();
    find("button.primary", dialog).focus(); // Enter does it; the reason can be chosen before
  });
}
