// The content of a sketch and what a person does to it: plain data in, new plain data out. Boxes are [x, y, width, height] in mm.

const LEAST = 1; // mm: nothing gets smaller

export const KINDS = ["fields", "captions", "rules", "leaders"];
const PREFIX = { fields: "f", captions: "c", rules: "r", leaders: "l" };

/** A key that nothing in the sketch has. */
export function freshKey(content, kind) {
  const taken = new Set(content[kind].map((one) => one.key));
  for (let number = content[kind].length + 1; ; number += 1) {
    const key = `${PREFIX[kind]}${number}`;
    if (!taken.has(key)) return key;
  }
}

/** The thing with this key: `{kind, thing}`, or null. */
export function thingOf(content, key) {
  for (const kind of KINDS) {
    const thing = content[kind].find((one) => one.key === key);
    if (thing) return { kind, thing };
  }
  return null;
}

/** The content with one thing changed. */
export function change(content, key, values) {
  const found = thingOf(content, key);
  if (!found) return content;
  return { ...content, [found.kind]: content[found.kind].map((one) => (one.key === key ? { ...one, ...values } : one)) };
}

/** The content with a new thing at the end of its kind. */
export function add(content, kind, thing) {
  return { ...content, [kind]: [...content[kind], thing] };
}

/** The content without these things. */
export function remove(content, keys) {
  const gone = new Set(keys);
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, KINDS.includes(name) ? value.filter((one) => !gone.has(one.key)) : value]));
}

/** The boxes of a thing, as `{part, box}`; `part` says which of its boxes it is. */
export function partsOf(kind, thing) {
  if (kind === "captions") return [{ part: 0, box: thing.box }];
  if (kind === "rules") {
    const [x1, y1, x2, y2] = thing.points;
    return [{ part: 0, box: [Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1)] }];
  }
  if (kind === "leaders") return [{ part: 0, box: [thing.x1, thing.y, thing.x2 - thing.x1, 0] }];
  if (thing.kind === "tick") return thing.options.map((option, part) => ({ part, box: option.box }));
  return thing.lines.map((box, part) => ({ part, box }));
}

/** The content with one box of a thing put elsewhere. */
export function place(content, key, part, box) {
  const found = thingOf(content, key);
  if (!found) return content;
  const { kind, thing } = found;
  const own = rounded(box);
  if (kind === "captions") return change(content, key, { box: own });
  if (kind === "rules") {
    const level = own[2] >= own[3];
    return change(content, key, { points: level ? [own[0], own[1], own[0] + own[2], own[1]].map(round) : [own[0], own[1], own[0], own[1] + own[3]].map(round) });
  }
  if (kind === "leaders") return change(content, key, { x1: own[0], x2: round(own[0] + own[2]), y: own[1] });
  if (thing.kind === "tick") return change(content, key, { options: thing.options.map((one, at) => (at === part ? { ...one, box: own } : one)) });
  return change(content, key, { lines: thing.lines.map((one, at) => (at === part ? own : one)) });
}

/** The content without one line or tick box of a field; without the field where it has no other. */
export function withoutPart(content, key, part) {
  const field = content.fields.find((one) => one.key === key);
  if (!field || partsOf("fields", field).length < 2) return remove(content, [key]);
  const name = field.kind === "tick" ? "options" : "lines";
  return change(content, key, { [name]: field[name].filter((_, at) => at !== part) });
}

/** A box moved by mm, kept within the page. */
export function moved([x, y, width, height], dx, dy, page) {
  return rounded([within(x + dx, page.width - width), within(y + dy, page.height - height), width, height]);
}

/** A box with its lower right corner moved by mm, kept within the page. */
export function resized([x, y, width, height], dx, dy, page) {
  return rounded([x, y, Math.max(LEAST, Math.min(width + dx, page.width - x)), Math.max(LEAST, Math.min(height + dy, page.height - y))]);
}

/** Several fields as one of several lines, in reading order; the first one chosen gives column and kind. */
export function grouped(content, keys) {
  const fields = keys.map((key) => content.fields.find((one) => one.key === key)).filter((one) => one && one.kind !== "tick");
  if (fields.length < 2) return content;
  const lines = fields.flatMap((one) => one.lines).toSorted(readingOrder);
  const named = fields.find((one) => one.code) || fields[0];
  const joined = { ...fields[0], code: named.code, kind: named.kind, join: named.join, lines, accepted: true };
  return change(remove(content, keys.filter((key) => key !== joined.key)), joined.key, joined);
}

/** A field of several lines as one field a line; the first keeps the column. */
export function split(content, key) {
  const field = content.fields.find((one) => one.key === key);
  if (!field || field.lines.length < 2) return content;
  let made = change(content, key, { lines: [field.lines[0]] });
  for (const line of field.lines.slice(1)) {
    made = add(made, "fields", { ...field, key: freshKey(made, "fields"), code: "", kind: null, lines: [line] });
  }
  return made;
}

/** A new field with one line. */
export function newField(content, box, values = {}) {
  return { key: freshKey(content, "fields"), code: "", kind: null, lines: [rounded(box)], join: " ", options: [], scope: "record", lexicon: "", prefix: "", accepted: true, ...values };
}

/** New printed words. */
export function newCaption(content, box, text = "") {
  return { key: freshKey(content, "captions"), text, box: rounded(box), bold: false, italic: false, anchor: true, scope: "record" };
}

/** A new ruled line, level or upright whichever the drawn box is nearer to. */
export function newRule(content, [x, y, width, height]) {
  const points = width >= height ? [x, y + height / 2, x + width, y + height / 2] : [x + width / 2, y, x + width / 2, y + height];
  return { key: freshKey(content, "rules"), points: points.map(round), thickness: 0.3, scope: "page" };
}

/** The content with a tick box more: of the chosen tick field, else of a new one. */
export function withTick(content, box, key) {
  const field = content.fields.find((one) => one.key === key && one.kind === "tick");
  const option = { box: rounded(box), value: String((field?.options.length ?? 0) + 1) };
  if (field) return { content: change(content, key, { options: [...field.options, option] }), key };
  const made = newField(content, box, { kind: "tick", lines: [], options: [option] });
  return { content: add(content, "fields", made), key: made.key };
}

/** Every proposal accepted. */
export function allAccepted(content) {
  return { ...content, fields: content.fields.map((one) => (one.accepted ? one : { ...one, accepted: true })) };
}

/** Offsets of `count` records that repeat every (dx, dy) mm. */
export function repeated(count, dx, dy) {
  return Array.from({ length: Math.max(1, Math.min(60, count)) }, (_, at) => [round(at * dx), round(at * dy)]);
}

/** A field with another column: the kind that is usual for it, boxes kept. */
export function withColumn(field, column) {
  const values = { code: column.code, kind: column.kind, accepted: true };
  if (column.kind === "tick" && field.kind !== "tick") {
    const names = Object.keys(column.values);
    return { ...values, lines: [], options: field.lines.map((box, at) => ({ box, value: names[at] ?? String(at + 1) })) };
  }
  if (column.kind !== "tick" && field.kind === "tick") return { ...values, options: [], lines: field.options.map((one) => one.box) };
  return values;
}

/** Order of lines of writing: from top to bottom, those of one row from left to right. */
export function readingOrder(a, b) {
  const row = Math.min(a[3], b[3]) / 2;
  return Math.abs(a[1] - b[1]) < row ? a[0] - b[0] : a[1] - b[1];
}

/** Tenths of a millimetre: finer than any scan. */
export function round(mm) {
  return Math.round(mm * 10) / 10;
}

const rounded = (box) => box.map(round);
const within = (value, most) => Math.max(0, Math.min(value, most));
