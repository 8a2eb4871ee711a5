// Which form a page is likely to be.

/**
 * The form to begin with: the likeliest of those the register has, or the only one there is; null when nothing speaks for one of them.
 *
 * @param {string[]} likely ids of forms, the likeliest first; some may be of other registers
 * @param {{id: string}[]} layouts the forms of the register
 */
export function likeliest(likely, layouts) {
  const known = new Map(layouts.map((one) => [one.id, one]));
  const first = likely.find((id) => known.has(id));
  return first ? known.get(first) : layouts.length === 1 ? layouts[0] : null;
}
