// One press, one deed: a held key and the second click of a double click press no button again.

const ACTIVATING = new Set(["Enter", " "]);

addEventListener("keydown", (event) => {
  if (event.repeat && ACTIVATING.has(event.key) && event.target.closest?.("button, a, summary")) event.preventDefault();
}, true);

addEventListener("click", (event) => {
  // `detail` counts the clicks of a series; 0 is a key. The first one has moved on to another field.
  if (event.detail < 2 || !event.target.closest?.("button")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// A page that the browser kept and shows again holds fields that have long been given back.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
