// What another cut of a page does with what people decided on it.

/** How many decided fields lose their decision. */
export function cost({ asked_again, left_over }) {
  return asked_again + left_over;
}

/** What becomes of the decided fields, in words; `t` gives the words of a code. */
export function effectOf({ follow, asked_again, left_over }, t) {
  if (!follow && !asked_again && !left_over) return t("page.effect_none");
  const told = [t("page.effect_follow", { count: follow })];
  if (asked_again) told.push(t("page.effect_asked_again", { count: asked_again }));
  if (left_over) told.push(t("page.effect_left_over", { count: left_over }));
  return told.join(" ");
}
