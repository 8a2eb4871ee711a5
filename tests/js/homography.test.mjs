import assert from "node:assert/strict";
import { test } from "node:test";
import { convex, fromUnitSquare, straighten } from "../../review_ui/static/js/page/homography.js";

const LEANING = [[120, 80], [900, 140], [860, 1310], [60, 1240]];
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]];

function mapped({ a, b, c, d, e, f, g, h }, [u, v]) {
  const w = g * u + h * v + 1;
  return [(a * u + b * v + c) / w, (d * u + e * v + f) / w];
}

function close(found, expected) {
  found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-6, `${found} is not ${expected}`));
}

/** Pixels of a picture as ImageData holds them, one number each. */
function picture(width, height, at) {
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = at(i % width, Math.floor(i / width));
  return { width, height, data: new Uint8ClampedArray(pixels.buffer) };
}

const pixelsOf = ({ data }) => [...new Uint32Array(data.buffer)];

test("corners go to corners, clockwise from the top left", () => {
  const map = fromUnitSquare(LEANING);
  CORNERS.forEach((corner, i) => close(mapped(map, corner), LEANING[i]));
});

test("diagonals cross in the middle of the page", () => {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = LEANING;
  const det = (x0 - x2) * (y1 - y3) - (y0 - y2) * (x1 - x3);
  const one = x0 * y2 - y0 * x2, two = x1 * y3 - y1 * x3;
  const crossing = [(one * (x1 - x3) - (x0 - x2) * two) / det, (one * (y1 - y3) - (y0 - y2) * two) / det];
  close(mapped(fromUnitSquare(LEANING), [0.5, 0.5]), crossing);
});

test("straight lines stay straight", () => {
  const map = fromUnitSquare(LEANING);
  const [[x0, y0], [x1, y1], [x2, y2]] = [0.1, 0.4, 0.9].map((u) => mapped(map, [u, 0.3]));
  assert.ok(Math.abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) < 1e-6);
});

test("a parallelogram needs no perspective", () => {
  const { g, h } = fromUnitSquare([[10, 10], [110, 30], [130, 230], [30, 210]]);
  close([g, h], [0, 0]);
});

test("only corners that go round clockwise without a dent are a page", () => {
  assert.ok(convex(LEANING));
  assert.ok(!convex(LEANING.toReversed()));
  assert.ok(!convex([LEANING[0], LEANING[2], LEANING[1], LEANING[3]]));
  assert.ok(!convex([[0, 0], [100, 0], [20, 20], [0, 100]]));
  assert.ok(!convex([[0, 0], [50, 0], [100, 0], [0, 100]]));
});

test("the whole picture straightened is the picture", () => {
  const source = picture(6, 4, (x, y) => 10 * y + x + 1);
  const target = straighten(source, [[0, 0], [6, 0], [6, 4], [0, 4]], picture(6, 4, () => 0));
  assert.deepEqual(pixelsOf(target), pixelsOf(source));
});

test("a page that lies on its side is turned", () => {
  const source = picture(2, 3, (x, y) => 10 * y + x);
  const target = straighten(source, [[0, 3], [0, 0], [2, 0], [2, 3]], picture(3, 2, () => 0));
  assert.deepEqual(pixelsOf(target), [20, 10, 0, 21, 11, 1]);
});

test("what lies outside of the picture is grey", () => {
  const source = picture(2, 2, () => 7);
  const target = straighten(source, [[-2, 0], [2, 0], [2, 2], [-2, 2]], picture(4, 2, () => 0));
  assert.deepEqual(pixelsOf(target), [0xffd0d0d0, 0xffd0d0d0, 7, 7, 0xffd0d0d0, 0xffd0d0d0, 7, 7]);
});
