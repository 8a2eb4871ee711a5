// The projective map between a rectangle and a quadrilateral, and a picture straightened by it.

/**
 * Coefficients of the map from the unit square to a quadrilateral: (u, v) ↦ ((a u + b v + c) / (g u + h v + 1), …).
 * After Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), section 2.2.3.
 *
 * @param {number[][]} quad four [x, y], clockwise from the one that (0, 0) goes to
 */
export function fromUnitSquare([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
  const dx1 = x1 - x2, dy1 = y1 - y2, dx2 = x3 - x2, dy2 = y3 - y2;
  const sx = x0 - x1 + x2 - x3, sy = y0 - y1 + y2 - y3;
  const det = dx1 * dy2 - dx2 * dy1 || 1e-9;
  const g = (sx * dy2 - dx2 * sy) / det;
  const h = (dx1 * sy - sx * dy1) / det;
  return { a: x1 - x0 + g * x1, b: x3 - x0 + h * x3, c: x0, d: y1 - y0 + g * y1, e: y3 - y0 + h * y3, f: y0, g, h };
}

/** Whether four corners, clockwise on the screen, form a convex quadrilateral. */
export function convex(quad) {
  return quad.every((p, i) => {
    const q = quad[(i + 1) % 4], r = quad[(i + 2) % 4];
    return (q[0] - p[0]) * (r[1] - q[1]) - (q[1] - p[1]) * (r[0] - q[0]) > 0;
  });
}

/** Draw what lies in `quad` of `source` (ImageData) onto the whole of `target` (ImageData). */
export function straighten(source, quad, target) {
  const { a, b, c, d, e, f, g, h } = fromUnitSquare(quad);
  const from = new Uint32Array(source.data.buffer), to = new Uint32Array(target.data.buffer);
  const { width, height } = target;
  for (let row = 0, at = 0; row < height; row += 1) {
    const v = (row + 0.5) / height;
    for (let column = 0; column < width; column += 1, at += 1) {
      const u = (column + 0.5) / width;
      const w = g * u + h * v + 1;
      const x = Math.floor((a * u + b * v + c) / w), y = Math.floor((d * u + e * v + f) / w);
      const inside = x >= 0 && y >= 0 && x < source.width && y < source.height;
      to[at] = inside ? from[y * source.width + x] : 0xffd0d0d0;
    }
  }
  return target;
}
