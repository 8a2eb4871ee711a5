// What is done before the scripts are there waits for them: what was typed or chosen, a button outside of forms, a
// form that only a script answers. The browser would send such a form by itself, and of the rest no script would know.
// This one script is no module: it runs before anything is shown.

(() => {
  // Each says how an event is done again, or nothing when the browser alone answers it; in the order of doing again.
  const kinds = {
    input: ({ target }) => () => target.dispatchEvent(new Event("input", { bubbles: true })),
    change: ({ target }) => () => target.dispatchEvent(new Event("change", { bubbles: true })),
    click(event) {
      const button = event.target.closest?.("button");
      return button && !(button.form && button.type === "submit") ? () => button.click() : null;
    },
    submit({ target: form, submitter }) {
      return form.hasAttribute("action") || form.method === "dialog" ? null : () => form.requestSubmit(submitter);
    },
  };
  const early = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, new Map()]));

  function keep(event) {
    const again = kinds[event.type](event);
    if (!again) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    early[event.type].set(event.target.closest?.("button") ?? event.target, again); // pressed twice is pressed once
  }

  for (const kind of Object.keys(kinds)) addEventListener(kind, keep, true);
  addEventListener("DOMContentLoaded", () => { // the modules have run by then
    for (const kind of Object.keys(kinds)) removeEventListener(kind, keep, true);
    for (const kept of Object.values(early)) for (const again of kept.values()) again();
  });
})();
