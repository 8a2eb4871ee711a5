// What a tile of a group stands for: the value it is given by Enter, and the words under its crop.

import { columnName, said, t } from "../words.js";

/** The value that Enter gives a tile when nothing is typed at the top; null when it must be looked at alone. */
export function proposed(item) {
  return item.preselected ?? null;
}

/**
 * The words under the crop of an item.
 *
 * @param {object} item
 * @param {{sort: string, code: string}} group nothing is said of what all tiles have in common
 */
export function shownOf(item, group) {
  if (group.sort === "value") return "";
  if (group.sort === "blank") return columnName(item.code);
  const own = [];
  if (item.code !== group.code) own.push(columnName(item.code));
  const value = group.sort === "correction" ? item.value : proposed(item);
  const option = item.options?.find((one) => one.value === value);
  if (group.sort === "column" || group.was?.length > 1) own.push(value === null ? "?" : option ? said(option.label) : value || t("empty_value"));
  return own.join(" · ");
}

/**
 * What is said of an item in the group's deed.
 *
 * @param {object} item
 * @param {{sort: string, value: string}} group
 * @param {{value: string}|undefined} given what stands at the top for all; undefined when each tile keeps its own
 */
export function decisionOf(item, group, given) {
  const about = { field: item.field, base: item.base ?? null, as_written: "" };
  if (group.sort === "correction") return { ...about, action: "correct", value: group.value, lane: null };
  const lane = item.lane || "doubt";
  const value = given ? given.value : proposed(item);
  if (value === proposed(item) && value === item.value) return { ...about, action: "confirm", value, lane };
  if (!value) return { ...about, action: "blank", value: "", lane };
  const offer = item.offers?.find((one) => one.value === value);
  return { ...about, action: "correct", value, as_written: offer?.as_written ?? "", lane };
}
