// One's own keys on the account page: each action has its closed list, and no key is given away twice.

import { fill, find, h } from "./dom.js";
import { CHANGEABLE, choicesFor, choose, clashes, keyFor, labelOf, usualKey } from "./shortcuts.js";
import { t } from "./words.js";

const form = find("#own-keys");
const said = find("#own-keys-said");
const selects = new Map(CHANGEABLE.map((action) => [action, h("select", { id: `key-${action}`, name: action },
  choicesFor(action).map((key) => h("option", { value: key }, key === usualKey(action) ? t("own_keys.usual", { key: labelOf(key) }) : labelOf(key))))]));

fill(find("#own-keys-rows"), CHANGEABLE.map((action) => h("tr", {},
  h("th", { scope: "row" }, h("label", { htmlFor: `key-${action}` }, t(`keys.${action}`))), h("td", {}, selects.get(action)))));
show();
form.addEventListener("change", () => say([]));
form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
find("#usual-keys").addEventListener("click", () => {
  if (!choose({})) return;
  show();
  say([t("own_keys.usual_again")], "ok");
});

/** What is kept stands in the lists. */
function show() {
  for (const [action, select] of selects) select.value = keyFor(action);
}

/** Keep what was chosen, unless two actions would have one key. */
function save() {
  const chosen = Object.fromEntries([...selects].map(([action, select]) => [action, select.value]));
  const found = clashes(chosen);
  if (found.length) {
    say(found.map(([key, one, other]) => t("own_keys.clash", { key: labelOf(key), one: t(`keys.${one}`), other: t(`keys.${other}`) })), "error");
    selects.get(found[0][2]).focus();
  } else if (choose(chosen)) say([t("own_keys.kept")], "ok");
  else say([t("own_keys.not_kept")], "error");
}

function say(lines, tone = "") {
  said.className = tone ? `notice ${tone}` : "";
  fill(said, lines.map((line) => h("p", {}, line)));
}
