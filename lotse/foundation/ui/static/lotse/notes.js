// Live notes save by themselves, and show what others wrote. Without this file a button saves.
(function () {
  "use strict";
  if (window.lotseNotes) return;
  window.lotseNotes = true;

  const QUIET = 1200; // after the last key
  const ASK = 5000;
  const known = new WeakMap();

  // What is known of one form: `base` is the revision its text was made from, `stored` the text
  // that was saved last, `waiting` a save whose answer never came (sent again with its own key).
  const of = (form) => {
    if (!known.has(form)) {
      const field = form.elements.text;
      known.set(form, {
        field, base: form.elements.revision.value, stored: field.defaultValue,
        timer: 0, busy: false, waiting: null, closed: false, held: false, tag: "",
      });
    }
    return known.get(form);
  };
  const say = (form, words, bad) => {
    const place = form.querySelector("[data-saved]");
    place.textContent = words;
    place.classList.toggle("bad", Boolean(bad));
  };
  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (n) => n.toString(16).padStart(2, "0")).join("");

  // Another text in the field, with the cursor left where it was in the words around it.
  const replace = (field, text) => {
    if (field.value === text) return;
    const { selectionStart: at, value: old } = field;
    let same = 0;
    while (same < at && old[same] === text[same]) same += 1;
    const behind = old.slice(at);
    const cursor = same === at ? at
      : text.endsWith(behind) ? text.length - behind.length : Math.min(at, text.length);
    const top = field.scrollTop;
    field.value = text;
    if (document.activeElement === field) field.setSelectionRange(cursor, cursor);
    field.scrollTop = top;
  };

  const later = (form, wait) => {
    const its = of(form);
    clearTimeout(its.timer);
    its.timer = setTimeout(() => save(form), wait);
  };

  const signedOut = (form) => {
    const its = of(form);
    its.closed = true;
    say(form, form.dataset.saidSignedOut + " ", true);
    const link = document.createElement("a");
    link.href = form.dataset.login;
    link.target = "_blank";
    link.rel = "noopener";
    link.className = "kern-link";
    link.textContent = form.dataset.saidSignIn;
    form.querySelector("[data-saved]").append(link);
  };

  async function save(form) {
    const its = of(form);
    if (its.busy || its.closed || !form.isConnected) return;
    if (!its.waiting && its.field.value === its.stored) return;
    its.busy = true;
    its.waiting = its.waiting || { text: its.field.value, revision: its.base, key: newKey() };
    const sent = its.waiting;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("block", form.dataset.block);
    body.set("text", sent.text);
    body.set("revision", sent.revision);
    body.set("_key", sent.key);
    say(form, form.dataset.saidSaving);
    try {
      const response = await fetch(form.action, {
        method: "POST", body, redirect: "manual", headers: { Accept: "application/json" },
      });
      const answered = (response.headers.get("Content-Type") || "").includes("json");
      if (!answered && [0, 401, 403].includes(response.status)) return signedOut(form);
      if (!answered) throw new Error(String(response.status));
      const answer = await response.json();
      if (answer.state === "signed_out") return signedOut(form);
      if (answer.state === "running") return later(form, QUIET);
      its.waiting = null;
      if (answer.state === "refused") {
        its.stored = sent.text; // asked again only when something else is typed
        return say(form, answer.said, true);
      }
      take(form, sent, answer);
    } catch (_fault) {
      say(form, form.dataset.saidOffline, true);
      later(form, ASK);
    } finally {
      its.busy = false;
      const more = its.field.value !== its.stored && !its.waiting && !its.held;
      if (more && !its.closed) later(form, QUIET);
    }
  }

  function take(form, sent, answer) {
    const its = of(form);
    if (its.field.value === sent.text) {
      replace(its.field, answer.text);
      its.base = answer.revision;
      // Both versions of a conflict stay unsaved in the field until somebody looked at them.
      its.held = answer.state === "conflict";
      its.stored = its.held ? null : answer.text;
    } else {
      // Typed on meanwhile: that was made from what was sent.
      its.base = answer.sent;
      its.stored = sent.text;
    }
    form.elements.revision.value = its.base;
    say(form, answer.said, answer.state === "conflict");
  }

  // Did somebody else write? Asking does not keep the session alive.
  async function ask(form) {
    const its = of(form);
    if (document.hidden && !its.closed) return;
    if (its.busy || (its.waiting && !its.closed)) return;
    const headers = { "X-Lotse-Poll": "1", Accept: "application/json" };
    if (its.tag && !its.closed) headers["If-None-Match"] = its.tag;
    let news;
    try {
      const response = await fetch(form.dataset.stateUrl, {
        headers, redirect: "manual", cache: "no-store",
      });
      if (response.status === 401 || response.type === "opaqueredirect") {
        if (!its.closed) signedOut(form);
        return;
      }
      if (response.status !== 200) return;
      its.tag = response.headers.get("ETag") || "";
      news = await response.json();
    } catch (_fault) {
      return;
    }
    form.elements.csrfmiddlewaretoken.value = news.token;
    if (its.closed) {
      its.closed = false;
      say(form, "");
      save(form);
      return;
    }
    const block = news.blocks[form.dataset.block];
    if (its.busy || its.field.value !== its.stored || String(block.revision) === String(its.base)) return;
    replace(its.field, block.text);
    its.base = form.elements.revision.value = block.revision;
    its.stored = block.text;
  }

  const forms = () => document.querySelectorAll("form[data-notes]");
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-notes]");
    if (!form) return;
    of(form).held = false;
    later(form, QUIET);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-notes]");
    if (!form) return;
    event.preventDefault();
    const its = of(form);
    its.held = false;
    if (its.closed) ask(form);
    else save(form);
  });
  window.addEventListener("focus", () => {
    for (const form of forms()) if (of(form).closed) ask(form);
  });
  window.addEventListener("beforeunload", (event) => {
    for (const form of forms()) {
      if (of(form).waiting || of(form).field.value !== of(form).stored) event.preventDefault();
    }
  });
  for (const form of forms()) of(form);
  setInterval(() => { for (const form of forms()) ask(form); }, ASK);
})();
