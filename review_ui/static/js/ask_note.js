// A line under an input in which a question is typed.

import { h } from "./dom.js";
import { t } from "./words.js";

/** Ask for a question to a senior inside `parent`; Enter sends, Escape cancels. */
export function askNote(parent, onsend, oncancel) {
  if (document.querySelector(".ask-note")) return;
  const input = h("input", { class: "ask-note-input", lang: "vi", autocomplete: "off", spellcheck: false, "aria-label": t("field.ask_note") });
  const note = h("div", { class: "ask-note" }, h("label", {}, t("field.ask_note"), input));
  const end = (action) => { note.remove(); action(); };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") end(() => onsend(input.value.normalize("NFC").trim()));
    else if (event.key === "Escape") end(oncancel);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  parent.append(note);
  input.focus();
}
