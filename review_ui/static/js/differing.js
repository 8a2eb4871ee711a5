// Which letters of a value are not in another one.

/**
 * A text in pieces: letters that it shares with `other` in their order, and letters that differ.
 *
 * @returns {{text: string, differs: boolean}[]} pieces that make up `text` (NFC)
 */
export function differing(text, other) {
  const [own, far] = [text, other].map((one) => [...one.normalize("NFC")]);
  const shared = commonLengths(own, far);
  const pieces = [];
  let at = 0;
  own.forEach((letter, i) => {
    while (at < far.length && own[i] !== far[at] && shared[i][at + 1] >= shared[i + 1][at] && shared[i][at + 1] === shared[i][at]) at += 1;
    const differs = letter !== far[at];
    if (!differs) at += 1;
    if (pieces.at(-1)?.differs === differs) pieces.at(-1).text += letter;
    else pieces.push({ text: letter, differs });
  });
  return pieces;
}

/** By place in both: how many letters what follows there has in common, in order. */
function commonLengths(own, far) {
  const lengths = Array.from({ length: own.length + 1 }, () => Array.from({ length: far.length + 1 }, () => 0));
  for (let i = own.length - 1; i >= 0; i -= 1) {
    for (let j = far.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = own[i] === far[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}
