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

  // Filters stand open; where there is little room they wait until somebody asks for them.
  const narrow = window.matchMedia("(max-width: 60rem)");
  for (const fold of document.querySelectorAll("details[data-fold-narrow]")) {
    const fit = () => { fold.open = !narrow.matches; };
    fit();
    narrow.addEventListener("change", fit);
  }

  // Names below the box while somebody types: arrows choose, Enter opens, Escape closes.
  for (const combo of document.querySelectorAll("[data-combo]")) {
    const input = combo.querySelector("input");
    const box = combo.querySelector(".options");
    let at = -1;
    const options = () => box.querySelectorAll("[role=option]");
    const close = () => {
      box.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (next) => {
      const all = options();
      at = (next + all.length + 1) % (all.length + 1);
      if (at === all.length) at = -1;
      all.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
      if (at < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    };
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    box.addEventListener("htmx:afterSwap", () => {
      close();
      const list = box.querySelector("[role=listbox]");
      if (!list || document.activeElement !== input) return;
      list.id = `${box.id}-liste`;
      input.setAttribute("aria-controls", list.id);
      input.setAttribute("aria-expanded", "true");
      box.hidden = false;
    });
    input.addEventListener("keydown", (event) => {
      if (box.hidden) return;
      if (event.key === "ArrowDown") mark(at + 1);
      else if (event.key === "ArrowUp") mark(at < 0 ? options().length - 1 : at - 1);
      else if (event.key === "Enter" && at >= 0) options()[at].click();
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    combo.addEventListener("focusout", (event) => {
      if (!combo.contains(event.relatedTarget)) close();
    });
  }

  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
