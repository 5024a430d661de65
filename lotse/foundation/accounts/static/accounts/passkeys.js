// Passkeys need a browser that has them; without, these ways in stay hidden.
(function () {
  "use strict";
  if (!window.PublicKeyCredential) return;
  for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = false;
  for (const form of document.querySelectorAll("[data-passkey-call]")) {
    const { passkeyCall: call, passkeyIds: ids, passkeyOptions: options } = form.dataset;
    const data = options ? JSON.parse(options) : undefined;
    window.allauth.webauthn.forms[call]({ ids: JSON.parse(ids), data });
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault(); // it is said on the page instead
    for (const note of document.querySelectorAll("[data-passkey-error]")) note.hidden = false;
  });
})();
