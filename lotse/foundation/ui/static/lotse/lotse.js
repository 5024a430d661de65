// Progressive help only: every page works without this file.
(function () {
  "use strict";

  // A page out of the browser's memory shows what was: its form was perhaps sent since.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  // After a failed submit the list of faults gets the focus.
  const faults = document.querySelector("[data-focus]");
  if (faults) faults.focus();

  // Drafts: htmx sends the form; this says what happened and warns before text is lost.
  const form = document.querySelector("form[data-draft]");
  if (form) {
    const state = document.getElementById("entwurf");
    let unsaved = false;
    const say = (text, bad) => {
      state.textContent = text;
      state.classList.toggle("bad", Boolean(bad));
    };
    form.addEventListener("input", () => { unsaved = true; });
    form.addEventListener("submit", () => { unsaved = false; });
    form.addEventListener("htmx:beforeRequest", () => { unsaved = false; });
    form.addEventListener("htmx:afterRequest", (event) => {
      const saved = event.detail.xhr.status === 200; // refused drafts are swapped in, too
      if (!saved) unsaved = true;
      state.classList.toggle("bad", !saved);
    });
    const failed = () => { unsaved = true; say(form.dataset.failed, true); };
    form.addEventListener("htmx:sendError", failed);
    form.addEventListener("htmx:responseError", failed);
    form.addEventListener("htmx:timeout", failed);
    window.addEventListener("beforeunload", (event) => {
      if (unsaved && state.classList.contains("bad")) event.preventDefault();
    });
  }

  // Copy a secret link.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const source = document.getElementById(button.dataset.copy);
      navigator.clipboard.writeText(source.textContent.trim()).then(() => {
        button.querySelector(".kern-label").textContent = button.dataset.copied;
      });
    });
  }

  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
