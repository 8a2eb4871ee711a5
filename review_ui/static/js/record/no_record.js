// "No record here", by one key: of several on a sheet the record is dropped, else the page is put aside.

import { get, post } from "../api.js";
import { find, h } from "../dom.js";
import { t } from "../words.js";

const JUDGED_MS = 60e3; // the book is judged again
const USUAL = "blank"; // an empty form is what is taken for a record most often

/**
 * Ask for the reason and put the page aside; resolves true when it is done.
 *
 * @param {object} record as the server gives it, alone on its page
 */
export async function putAside(record) {
  const { reasons } = await get("/api/layouts");
  const choice = h("select", { "aria-label": t("page.aside_reason") }, reasons.map((one) =>
    h("option", { value: one.id, selected: one.id === USUAL }, document.documentElement.lang === "en" ? one.en : one.vi)));
  return asked([h("p", {}, t("record.no_record_hint")), h("p", {}, choice)], () => // the reason can be chosen before
    post(`/api/pages/${record.page}/aside`, { reason: choice.value }, { timeout: JUDGED_MS }));
}

/**
 * Ask whether the record of a sheet is none, and drop it; resolves true when it is done.
 *
 * @param {object} record as the server gives it, one of several on its page
 * @param {number} decided how many of its fields people have decided
 */
export function dropRecord(record, decided) {
  const told = [h("p", {}, t("record.drop_hint", { position: record.position }))];
  if (decided) told.push(h("p", { class: "notice warn" }, t("record.drop_decided", { count: decided })));
  return asked(told, () => post(`/api/records/${record.record}/drop`, { confirm: decided > 0 }, { timeout: JUDGED_MS }));
}

/** A dialog that Enter answers; resolves true when `deed` is done, false when it was closed. */
function asked(content, deed) {
  const error = h("p", { class: "notice error", hidden: true });
  return new Promise((done) => {
    const send = async () => {
      try {
        await deed();
        done(true);
        dialog.close();
      } catch (fault) {
        error.hidden = false;
        error.textContent = fault.told || String(fault);
      }
    };
    const form = h("form", { onsubmit: (event) => { event.preventDefault(); send(); } },
      h("h2", {}, t("record.no_record")), content, error,
      h("p", { class: "row" }, h("button", { class: "primary", autofocus: true }, t("record.no_record"), h("kbd", {}, "Enter")),
        h("button", { type: "button", onclick: () => dialog.close() }, t("action.cancel"), h("kbd", {}, "Esc"))));
    const dialog = h("dialog", {}, form);
    dialog.addEventListener("close", () => { dialog.remove(); done(false); });
    document.body.append(dialog);
    dialog.showModal();
    find("button.primary", dialog).focus();
  });
}
