// A crowd that signs in at once: the form waits for its place in the line and keeps what was typed.
(function () {
  "use strict";
  const form = document.querySelector("form[data-place]");
  if (!form) return;
  const note = form.querySelector("[data-place-note]");
  let waiting = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (waiting) return;
    waiting = true;
    let seconds = 0;
    try {
      seconds = (await (await fetch(form.dataset.place)).json()).seconds;
    } catch {
      seconds = 0; // without an answer the form goes as it would without this file
    }
    note.hidden = seconds < 1;
    window.setTimeout(() => form.submit(), seconds * 1000);
  });
})();
