// Dates as people type them, for an instant preview; the server normalises once more what is saved.

/**
 * The date in the form of the Excel cell, or "" when it is none (yet).
 *
 * Understood: 12051985, 120585, 12/5/85, 12.5.1985, 5/1985, 1985, with any of `/ . - space`.
 * @param {string} text what was typed
 * @param {number} latest year the book was opened (0: unknown): two-digit years end three years later
 */
export function typedDate(text, latest = 0) {
  const parts = split(text.trim());
  if (!parts) return "";
  const year = fullYear(parts[parts.length - 1], latest);
  const month = parts.length > 1 ? Number(parts[parts.length - 2]) : 0;
  const day = parts.length > 2 ? Number(parts[0]) : 0;
  if (year < 1800 || year > 2099) return "";
  if (parts.length > 1 && (month < 1 || month > 12)) return "";
  if (parts.length > 2 && (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate())) return "";
  return [day && twoDigits(day), month && twoDigits(month), String(year)].filter(Boolean).join(".");
}

/** Year in which a book was opened, from its id (`xa_h_t.KS.2017.01`); 0 when it does not say. */
export function bookYear(id) {
  const found = /\.(\d{4})\.\d+$/.exec(id || "");
  return found ? Number(found[1]) : 0;
}

const twoDigits = (number) => String(number).padStart(2, "0");

function split(text) {
  if (/^\d{8}$/.test(text)) return [text.slice(0, 2), text.slice(2, 4), text.slice(4)];
  if (/^\d{6}$/.test(text)) {
    const monthYear = Number(text.slice(0, 2)) <= 12 && /^(18|19|20)/.test(text.slice(2));
    return monthYear ? [text.slice(0, 2), text.slice(2)] : [text.slice(0, 2), text.slice(2, 4), text.slice(4)];
  }
  const parts = text.split(/[\s./,\\-]+/).filter(Boolean);
  const fits = parts.length >= 1 && parts.length <= 3 && parts.every((p) => /^\d{1,4}$/.test(p));
  if (!fits || (parts.length < 3 && parts[parts.length - 1].length !== 4)) return null;
  return parts.slice(0, -1).every((p) => p.length <= 2) ? parts : null;
}

function fullYear(text, latest) {
  if (text.length === 4) return Number(text);
  if (text.length !== 2) return 0;
  const year = 2000 + Number(text);
  return year <= (latest ? latest + 3 : new Date().getFullYear()) ? year : year - 100;
}
