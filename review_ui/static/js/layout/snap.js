// Boxes drawn by hand brought onto the printed lines near them. All measures in mm.

const BELOW = 1.5; // a box of writing reaches so far below its line …
const ABOVE = 6.7; // … and so far above it
const NEAR = 2; // what is nearer than this is meant

/** The lines to write on: dotted ones and level rules, as {x1, x2, y}. */
export function linesToWriteOn(content) {
  const level = content.rules.filter(({ points: [x1, y1, x2, y2] }) => Math.abs(x2 - x1) > Math.abs(y2 - y1));
  return [
    ...content.leaders.map(({ x1, x2, y }) => ({ x1, x2, y })),
    ...level.map(({ points: [x1, y1, x2] }) => ({ x1: Math.min(x1, x2), x2: Math.max(x1, x2), y: y1 })),
  ];
}

/** The line nearest to a point, if it is near; null otherwise. */
export function lineAt(content, x, y) {
  const near = linesToWriteOn(content).filter((line) => x > line.x1 - NEAR && x < line.x2 + NEAR && y > line.y - ABOVE && y < line.y + BELOW + 0.5);
  return near.toSorted((a, b) => Math.abs(a.y - y) - Math.abs(b.y - y) || (a.x2 - a.x1) - (b.x2 - b.x1))[0] ?? null;
}

/** The box of writing on a whole line. */
export function boxOnLine({ x1, x2, y }) {
  const top = Math.max(0, y - ABOVE);
  return [x1, top, x2 - x1, y + BELOW - top];
}

/** A box that was drawn, moved or sized, with its edges on what is printed near them. */
export function snapped(content, [x, y, width, height]) {
  const middle = x + width / 2;
  const bottom = y + height;
  const lines = linesToWriteOn(content).filter((line) => middle > line.x1 - NEAR && middle < line.x2 + NEAR);
  const own = nearest(lines, (line) => Math.min(Math.abs(bottom - line.y), Math.abs(bottom - line.y - BELOW)));
  let [left, right] = [x, x + width];
  const shift = own ? own.y + BELOW - bottom : 0;
  if (own) {
    if (Math.abs(left - own.x1) < NEAR) left = own.x1;
    if (Math.abs(right - own.x2) < NEAR) right = own.x2;
  }
  const upright = content.rules.filter(({ points: [x1, y1, x2, y2] }) => Math.abs(x2 - x1) < Math.abs(y2 - y1) && Math.min(y1, y2) < bottom && Math.max(y1, y2) > y);
  const edge = (at) => nearest(upright, (rule) => Math.abs(rule.points[0] - at));
  const before = edge(left), after = edge(right);
  if (before) left = before.points[0];
  if (after && after !== before) right = after.points[0];
  return [left, Math.max(0, y + shift), Math.max(1, right - left), height];
}

function nearest(things, distance) {
  let found = null;
  for (const one of things) {
    if (distance(one) < NEAR && (!found || distance(one) < distance(found))) found = one;
  }
  return found;
}
