// Columns of the Excel file, looked for as people type: without marks, in any order.

import { plain } from "../completion.js";
import { said } from "../words.js";

/** Columns whose names hold every word that was typed, the best first; all where nothing was typed. */
export function matching(columns, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const scored = columns.map((column) => ({ column, name: plain(`${said(column.name)} ${column.code}`) }));
  const found = scored.filter(({ name }) => words.every((word) => name.includes(word)));
  const whole = words.join(" ");
  return found.toSorted((a, b) => Number(b.name.startsWith(whole)) - Number(a.name.startsWith(whole))).map(({ column }) => column);
}
