// A form that only a script answers waits until the script is there. Sent by the browser it would load the page
// anew, and what was chosen would be lost. This one script is no module: it runs before anything is shown.

(() => {
  const early = new Map();

  function keep(event) {
    const form = event.target;
    if (form.hasAttribute("action") || form.method === "dialog") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    early.set(form, event.submitter);
  }

  addEventListener("submit", keep, true);
  addEventListener("DOMContentLoaded", () => {  // the modules have run by then
    removeEventListener("submit", keep, true);
    for (const [form, submitter] of early) form.requestSubmit(submitter);
  });
})();
