// Dates as people type them, for an instant preview. The server's answer replaces it, and what is sent is what was typed.

/**
 * The date in the form of the Excel cell; "" when it is none (yet); null when only the server can tell.
 *
 * Told here: 12051985, 120585, 12/5/85, 12.5.1985, 5/1985, 1985, 1985-05-12, 00/5/1985: digits with any of
 * `/ . , ; : | \ -` or blanks between them. A test runs it against the server's own rules.
 * @param {string} text what was typed
 * @param {{first: number, last: number, newest: number}} years given by the server with the field
 */
export function typedDate(text, years) {
  const tidy = text.trim().replace(/\s+/g, " ");
  if (!/\d/.test(tidy) || !/^[\d\s./\\,;:|–—-]*$/.test(tidy)) return tidy ? null : "";
  if (/\.\.|(^|[/.\\])\s*[-–—]/.test(tidy)) return null; // a part left out
  if (/\d{5}/.test(tidy) && !/^(\d{6}|\d{8})$/.test(tidy)) return null;
  return cell(split(tidy, years), years);
}

/** Parts as they stand between the separators, a year of two digits made whole. */
function split(text, years) {
  if (/^\d+$/.test(text)) return compact(text, years);
  const parts = text.split(/[\s./\\,;:|–—-]+/).filter(Boolean);
  const last = parts.length - 1;
  if (parts.length === 3 && /\d\d$/.test(text) && parts[2].length === 2 && parts[0].length < 4 && parts[1].length < 4) {
    parts[2] = fullYear(parts[2], years);
  }
  while (parts.length > 1 && parts.at(-1) === "00") parts.pop();
  if (last === 2 && parts.length === 3 && parts[0].length === 4) parts.reverse();
  return parts;
}

/** Digits without separators: 1985, 051985, 120585, 12051985. */
function compact(text, years) {
  if (text.length <= 4) return [text];
  if (text.length === 8) return [text.slice(0, 2), text.slice(2, 4), text.slice(4)];
  const [month, year] = [Number(text.slice(0, 2)), Number(text.slice(2))];
  if (month >= 1 && month <= 12 && year >= years.first && year <= years.last) return [text.slice(0, 2), text.slice(2)];
  return [text.slice(0, 2), text.slice(2, 4), fullYear(text.slice(4), years)];
}

/** The newest year ending in these two digits that can be meant. */
function fullYear(twoDigits, { newest }) {
  const year = newest - (newest % 100) + Number(twoDigits);
  return String(year <= newest ? year : year - 100);
}

const two = (number) => String(number).padStart(2, "0");

/** Day, month and year as one cell; 0 and 00 are unknown; "" when there is no such date. */
function cell(parts, { first, last }) {
  if (parts.length > 3 || parts.at(-1).length !== 4 || parts.slice(0, -1).some((part) => part.length > 2)) return "";
  const [year, month = 0, day = 0] = parts.map(Number).toReversed();
  if (year < first || year > last || month > 12 || (day && !month)) return "";
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return "";
  return [day && two(day), month && two(month), String(year)].filter(Boolean).join(".");
}

/**
 * A record number typed without its year (`7`) as it is kept (`07/2018`); null for every other text.
 *
 * @param {string} text what was typed
 * @param {{year: number, sure: boolean}|null|undefined} known the year of the record, given by the server with the field
 */
export function typedNumber(text, known) {
  if (!known?.year || !/^\d{1,5}$/.test(text) || Number(text) === 0) return null;
  return `${String(Number(text)).padStart(2, "0")}/${known.year}`;
}
