// A better scan in the place of a bad one.

import { find, tell } from "../dom.js";
import { putFile } from "../import/sending.js";
import { t } from "../words.js";

const told = find("#rescan-told");

find("#rescan-file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  event.target.disabled = true;
  tell(told, t("office.sending", { percent: 0 }), "");
  try {
    const onprogress = (loaded, total) => tell(told, t("office.sending", { percent: Math.floor((100 * loaded) / (total || 1)) }), "");
    const kept = await putFile(`/api/uploads/page/${find("#page").dataset.page}?name=${encodeURIComponent(file.name)}`, file, { onprogress });
    tell(told, t("office.replaced"), "ok");
    setTimeout(() => location.assign(`/page/${kept.page}`), 2500);
  } catch (error) {
    tell(told, error.told ?? String(error), "error");
    event.target.disabled = false;
    event.target.value = "";
  }
});
