// Short messages at the bottom that go away by themselves.

import { h } from "./dom.js";

/** Say something for a while; `kind`: "", "ok", "warn" or "error" (errors stay twice as long). */
export function toast(text, kind = "") {
  let tray = document.querySelector(".toasts");
  if (!tray) document.body.append((tray = h("div", { class: "toasts", role: "status" })));
  const note = h("div", { class: `toast ${kind}`, onclick: () => note.remove() }, text);
  tray.append(note);
  while (tray.children.length > 3) tray.firstChild.remove();
  setTimeout(() => note.remove(), kind === "error" ? 9000 : 4500);
}
