// A running meeting: asks for one number every few seconds and renews the parts that changed.
// Progressive help only: without this file there is a link to reload.
(function () {
  "use strict";

  const root = document.querySelector("[data-live-url]");
  if (!root) return;
  const told = root.querySelector("[data-live-say]");
  const reload = root.querySelector("[data-live-reload]");
  const HEADER = "X-Lotse-Poll";
  let seen = root.dataset.liveSeen;
  let timer = 0;
  let over = false;

  const say = (text) => { if (text && told.textContent !== text) told.textContent = text; };
  const parts = (tree) => new Map([...tree.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));

  // What differs in every answer is no news: keys of forms.
  const plain = (part) => part.innerHTML.replace(/(name="(?:csrfmiddlewaretoken|_key)" value=")[^"]*/g, "$1");
  const written = new WeakMap();
  const first = (part) => {
    if (!written.has(part)) written.set(part, plain(part));
    return written.get(part);
  };

  // Text in a field that differs from what the page brought.
  const typing = (tree) => [...tree.querySelectorAll("textarea, input:not([type=hidden]), select")].some((field) => {
    if (field === document.activeElement && field.matches("textarea, input")) return true;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected && option.selected && option.index > 0);
    return field.value !== field.defaultValue;
  });

  // The place of the focus within a part, to find it again after the part was renewed.
  const place = (part) => {
    const active = document.activeElement;
    if (!part.contains(active)) return null;
    const all = [...part.querySelectorAll("a, button, input, select, textarea, summary")];
    return { id: active.id, node: active, at: all.indexOf(active), words: active.textContent.trim() };
  };
  const back = (part, was) => {
    if (!was) return;
    const all = [...part.querySelectorAll("a, button, input, select, textarea, summary")];
    const found = (part.contains(was.node) && was.node) || (was.id && document.getElementById(was.id))
      || all.find((one) => one.textContent.trim() === was.words && was.words) || all[was.at];
    if (found) found.focus({ preventScroll: true });
    else { part.tabIndex = -1; part.focus({ preventScroll: true }); }
  };

  // Fields that somebody writes in go over as they are, with what was typed; so do opened folds.
  const renew = (old, fresh) => {
    const was = place(old);
    const news = first(fresh);
    for (const kept of old.querySelectorAll("[data-keep][id]")) {
      const twin = fresh.querySelector(`#${CSS.escape(kept.id)}`);
      if (twin) twin.replaceWith(kept);
    }
    const open = [...old.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
    for (const summary of fresh.querySelectorAll("details > summary")) {
      if (open.includes(summary.textContent)) summary.parentElement.open = true;
    }
    old.replaceChildren(...fresh.childNodes);
    for (const name of ["data-say", "data-item"]) {
      if (fresh.hasAttribute(name)) old.setAttribute(name, fresh.getAttribute(name));
    }
    written.set(old, news);
    back(old, was);
  };

  const swap = (tree) => {
    const here = parts(document);
    const item = tree.querySelector("[data-item]");
    const shown = document.querySelector("[data-item]");
    if (item && shown && item.dataset.item !== shown.dataset.item) {
      // Notes and forms belong to an item: another one is another page.
      if (!typing(document.querySelector("main"))) { window.location.reload(); return; }
      say(root.dataset.saidMoved);
      reload.hidden = false;
      over = true;
      return;
    }
    for (const [name, fresh] of parts(tree)) {
      const old = here.get(name);
      if (!old || first(old) === first(fresh)) continue;
      const words = fresh.dataset.say;
      if (words && words !== old.dataset.say) say(words);
      renew(old, fresh);
    }
  };

  const stop = (words) => { over = true; say(words); reload.hidden = false; };

  const fetchParts = async (number) => {
    const answer = await fetch(window.location.href, { headers: { [HEADER]: "parts" }, cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return stop(root.dataset.saidOut);
    if (!answer.ok) return undefined;
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    seen = number;
    return undefined;
  };

  const look = async () => {
    try {
      // Without cookies: the ticket opens nothing but the number, and no session is asked.
      const answer = await fetch(root.dataset.liveUrl, {
        credentials: "omit", cache: "no-store", redirect: "manual",
        headers: { [HEADER]: root.dataset.liveTicket, "If-None-Match": `"${seen}"` },
      });
      if (told.textContent === root.dataset.saidOffline) told.textContent = "";
      if (answer.status === 200) {
        const number = (await answer.text()).trim();
        if (number !== seen) await fetchParts(number);
      } else if (answer.type === "opaqueredirect" || answer.status === 404) stop(root.dataset.saidOut);
    } catch {
      say(root.dataset.saidOffline);
    }
  };

  const later = () => {
    window.clearTimeout(timer);
    if (over || document.hidden) return;
    // A little off, so that three hundred pages do not ask at the same moment.
    const wait = Number(root.dataset.liveSeconds) * 1000 * (0.85 + 0.3 * Math.random());
    timer = window.setTimeout(() => look().then(later), wait);
  };

  for (const part of parts(document).values()) first(part);
  reload.hidden = true;
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !over) look().then(later); });
  later();
})();
