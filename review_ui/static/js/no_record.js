// Pages without a record: the arrow keys go from picture to picture, Enter opens the page (it is a link).

const tiles = [...document.querySelectorAll("#sheet a")];

/** Pictures in a row, as many as fit the window now. */
const across = () => Math.max(1, tiles.filter((tile) => tile.parentElement.offsetTop === tiles[0].parentElement.offsetTop).length);

addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || !tiles.length) return;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across(), ArrowUp: -across() }[event.key];
  if (!step) return;
  const at = tiles.indexOf(document.activeElement);
  const next = at < 0 ? 0 : at + step;
  if (tiles[next]) tiles[next].focus();
  event.preventDefault();
});
