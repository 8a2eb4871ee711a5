// An inventory looked over, line by line, before it counts.

import { ApiError } from "../api.js";
import { fill, find, h } from "../dom.js";
import { toast } from "../toast.js";
import { said, t } from "../words.js";
import { putFile } from "./sending.js";

const MOST_LINES = 500;

/**
 * Show what an inventory says, with a button that makes it count.
 *
 * @param {File} file
 * @param {() => Promise<void>} accepted called when it counts
 */
export async function showInventory(file, accepted) {
  const shown = await sent(file, false);
  if (!shown) return;
  const faults = shown.lines.filter((line) => line.cause);
  const good = shown.lines.length - faults.length;
  const accept = h("button", {
    class: "primary", id: "accept-inventory", disabled: !good && !faults.some((line) => line.where.includes(":")),
    onclick: async () => {
      const taken = await sent(file, true);
      if (!taken) return;
      toast(t("office.accepted", { name: taken.name }), "ok");
      fill(find("#preview"), h("p", { class: "notice ok" }, t("office.accepted", { name: taken.name })));
      await accepted();
    },
  }, faults.length ? t("office.accept_with_faults", { bad: faults.length }) : t("office.accept"));
  fill(find("#preview"),
    h("p", { class: `notice ${faults.length ? "warn" : "ok"}` }, `${file.name}: ${t("office.lines", { good, bad: faults.length })}`),
    shown.former.length ? h("p", { class: "muted" }, t("office.replaces", { former: shown.former.join(", ") })) : null,
    shown.notices.map((one) => h("p", { class: "muted small" }, said(one))),
    h("div", { class: "scroll" }, h("table", { class: "table tight" },
      h("thead", {}, h("tr", {}, ["line", "folder", "book", "told"].map((name) => h("th", {}, t(`office.${name}`))))),
      h("tbody", {}, shown.lines.slice(0, MOST_LINES).map(lineRow)))),
    h("p", { class: "row" }, accept));
}

function lineRow(line) {
  const told = line.cause ? `${said(line.cause)}${line.remedy ? ` → ${said(line.remedy)}` : ""}` : line.notices.map(said).join(" ");
  return h("tr", { dataset: { where: line.where } },
    h("td", {}, line.where), h("td", {}, line.folder),
    h("td", {}, line.book ? `${line.book.id} · ${line.book.agency}` : h("span", { class: "tag bad" }, "!")),
    h("td", {}, told));
}

async function sent(file, accept) {
  try {
    return await putFile(`/api/uploads/inventory?name=${encodeURIComponent(file.name)}&accept=${accept}`, file);
  } catch (error) {
    const told = error instanceof ApiError ? error.told : String(error);
    fill(find("#preview"), h("p", { class: "notice error", role: "alert" }, `${file.name}: ${told}`));
    return null;
  }
}
