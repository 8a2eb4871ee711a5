// Words of the user interface, given by the server in the page's own language.

const known = new Map(); // words by key: each is looked up once
const tree = JSON.parse(document.getElementById("words")?.textContent || "{}");
const language = document.documentElement.lang === "en" ? "en" : "vi";

const place = /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g;

/**
 * The words under a dotted key with `{name}` filled in; the key itself where there are none.
 * `{name|one|more}` is the first word where the value is 1, else the second.
 */
export function t(key, values = {}) {
  let text = known.get(key);
  if (text === undefined) {
    const found = look(key);
    text = typeof found === "string" ? found : key;
    known.set(key, text);
  }
  if (!text.includes("{")) return text;
  return text.replace(place, (whole, name, one, more) => {
    if (!(name in values)) return whole;
    if (one === undefined) return String(values[name]);
    return String(values[name]) === "1" ? one : more;
  });
}

/** A message `{vi, en}` in the page's language; strings pass as they are. */
export function said(text) {
  if (!text) return "";
  return typeof text === "string" ? text : text[language] || text.vi || text.en || "";
}

/** What a field is called: "Họ tên mẹ" for `meHoTen`; a code without a caption shows itself. */
export function columnName(code) {
  return t(`caption.${code}`).replace(/^caption\./, "");
}

const two = (part) => String(part).padStart(2, "0");

/** A day and time, short, as on all screens: `28.11 07:05`. */
export function moment(iso) {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return String(iso ?? "");
  return `${two(time.getDate())}.${two(time.getMonth() + 1)} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** A number with so many digits after its comma, or point in English. */
export function decimal(value, digits) {
  const written = value.toFixed(digits);
  return language === "en" ? written : written.replace(".", ",");
}

/** A probability 0–1 as a percentage: never 100, for no reading is certain, and never 0, for none is impossible. */
export function percent(share) {
  const rounded = Math.round((share || 0) * 100);
  return rounded < 1 ? "< 1" : String(Math.min(99, rounded));
}

function look(key) {
  return key.split(".").reduce((node, part) => (node && typeof node === "object" ? node[part] : undefined), tree);
}
