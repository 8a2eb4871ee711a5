// How large a record is shown: writing must be readable whatever the sheet measures.

/**
 * Pixels of the screen for a line of writing. Lines of the forms are 7.6 to 9.4 mm high, and the letter x of a clerk
 * is 2.2 mm: with 86 pixels a line of 9.4 mm shows it 20 pixels high, one of 7.6 mm more.
 */
export const LINE_PIXELS = 86;

/** Height of one line of writing in pixels of the picture: fields of two lines and boxes to tick do not count. */
export function lineHeight(fields) {
  const heights = fields.filter((own) => own.box?.[3] && own.kind !== "tick").map((own) => own.box[3]).sort((a, b) => a - b);
  return heights.length ? heights[Math.floor(heights.length / 4)] : 0;
}

/** Pixels of the screen by pixel of the picture, so that writing is readable; 1 where nothing is known of it. */
export function readableScale(fields) {
  const height = lineHeight(fields);
  return height ? LINE_PIXELS / height : 1;
}
