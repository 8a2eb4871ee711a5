// The overlay with all keys.

import { h, typing } from "./dom.js";
import { helpRows } from "./keys.js";
import { shortcutOf } from "./shortcuts.js";
import { t } from "./words.js";

let open = null;

/** Show the overlay, or take it away; the focus goes back to where it was. */
export function toggleHelp(extra = null) {
  if (open) return open.close();
  const groups = ["decide", "typing", "look", "record"].filter((own) => own !== "record" || document.querySelector("#record")).map((group) => h("section", {},
    h("h3", {}, t(`help.group_${group}`)),
    h("dl", {}, helpRows().filter(([own]) => own === group).map(([, keys, word]) => [
      h("dt", {}, keys.length ? keys.map((key) => [h("kbd", {}, key), " "]) : "✎"), h("dd", {}, t(`keys.${word}`)),
    ]))));
  const dialog = h("dialog", { class: "help" }, h("h2", {}, t("help.title")), h("div", { class: "help-groups" }, groups),
    h("p", { class: "muted" }, t("help.general")), extra, h("p", {}, h("button", { class: "primary", autofocus: true, onclick: () => dialog.close() }, t("action.close"), h("kbd", {}, "Esc"))));
  const before = document.activeElement;
  dialog.addEventListener("close", () => { open = null; dialog.remove(); if (!typing()) before?.focus?.(); });
  dialog.addEventListener("keydown", (event) => { if (event.key === "?" || shortcutOf(event) === "help") { event.preventDefault(); dialog.close(); } event.stopPropagation(); });
  document.body.append(dialog);
  dialog.showModal();
  open = dialog;
  return undefined;
}
