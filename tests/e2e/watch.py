"""What a browser complains about while a test runs, and whom it asks."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, Response

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.lotseViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
LOADED_BADLY = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class Watch:
    """Collects console errors and warnings, page errors, broken policies, foreign requests."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.faults: list[str] = []
        self.allowed: set[int] = set()
        self.patterns: list[re.Pattern[str]] = []
        self.on_dialog: Callable[[Dialog], Any] = self._dialog

    @classmethod
    def of(cls, fixtures: Mapping[str, Any]) -> Iterator["Watch"]:
        return (value for value in fixtures.values() if isinstance(value, cls))

    def expect(self, *statuses: int) -> None:
        """The test means these answers; the browser's own line about them is no fault."""
        self.allowed.update(statuses)

    def expect_text(self, pattern: str) -> None:
        """The test means this line of the console (only where a status does not tell)."""
        self.patterns.append(re.compile(pattern))

    def follow(self, context: BrowserContext) -> None:
        context.expose_binding("lotseViolation", lambda _source, text: self._add("CSP", text))
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._add("page error", str(error.error)))
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("dialog", lambda dialog: self.on_dialog(dialog))

    def assert_silent(self) -> None:
        """Nothing was complained about so far."""
        assert not self.faults, "\n".join(self.faults)

    def _add(self, kind: str, text: str) -> None:
        if not any(pattern.search(text) for pattern in self.patterns):
            self.faults.append(f"{kind}: {text}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        found = LOADED_BADLY.search(message.text)
        if found and int(found[1]) in self.allowed:
            return
        page: Page | None = message.page
        self._add("console", f"{message.text} ({page.url if page else ''})")

    def _dialog(self, dialog: Dialog) -> None:
        self._add("dialog", dialog.message)
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home + "/", "data:", "blob:", "about:")):
            self._add("foreign request", request.url)

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._add("server error", f"{response.status} {response.url}")
