"""The probes themselves: each finds the fault it is there for."""

from functools import partial
from typing import Any

from playwright.sync_api import Page, Route

from lotse.foundation.core.middleware import CSP
from tests.e2e import audit
from tests.e2e.test_keyboard import walk
from tests.e2e.test_tree import faults_of, tree
from tests.e2e.watch import Watch

BROKEN = """<!doctype html><html lang="de"><title>x</title>
<p style="color: red">inline style</p><script>window.inline = 1</script>
<img src="https://elsewhere.example/pixel.png" alt=""><script src="/static/x.js"></script>"""
SCRIPT = "console.warn('careful'); alert('hello'); throw new Error('thrown');"


def _fulfil(answer: dict[str, Any], route: Route) -> None:
    route.fulfill(**answer)


def test_watch_sees(page: Page, watch: Watch, live_server: Any) -> None:
    """Console, page errors, dialogs, the policy, foreign requests and server errors."""
    policy = {"Content-Security-Policy": CSP}
    answers: dict[str, dict[str, Any]] = {
        "broken/": {"body": BROKEN, "content_type": "text/html", "headers": policy},
        "static/x.js": {"body": SCRIPT, "content_type": "text/javascript"},
        "wrong/": {"body": "x", "status": 500},
    }
    for path, answer in answers.items():
        page.route(f"**/{path}", partial(_fulfil, answer))
    page.goto("/broken/")
    page.goto("/wrong/")
    seen = "\n".join(watch.faults)
    watch.faults.clear()
    assert "CSP: style-src-attr inline" in seen
    assert "CSP: script-src-elem inline" in seen
    assert "CSP: img-src https://elsewhere.example/pixel.png" in seen
    assert "foreign request: https://elsewhere.example/pixel.png" in seen
    assert "console: careful" in seen
    assert "dialog: hello" in seen
    assert "page error: thrown" in seen
    assert "server error: 500" in seen
    assert "status of 500" in seen


def test_audit_sees(page: Page) -> None:
    """axe, width, small targets, text cut off, words torn apart."""
    page.set_content("""<!doctype html><html lang="de"><title>x</title><main><h1>x</h1>
      <div style="width: 3000px">wide</div><input id="unnamed">
      <p><a href="/">small</a></p><p>in a sentence <a href="/">exempt</a></p>
      <div style="width: 30px; overflow-wrap: anywhere">Reparaturtag</div>
      <div style="width: 20px; overflow: hidden; white-space: nowrap">cut off here</div></main>""")
    assert any("critical label" in fault for fault in audit.axe(page))
    assert "wide" in "".join(audit.too_wide(page))
    assert "small" in "".join(audit.small_targets(page))
    assert "exempt" not in "".join(audit.small_targets(page))
    assert '"Reparaturtag"' in "".join(audit.broken_words(page))
    assert "cut off here" in "".join(audit.cut_off(page))


def test_walk_sees(page: Page) -> None:
    """A focus nobody can see, a control the keyboard cannot reach, a trap."""
    page.set_content("""<style>.none:focus {outline: none}</style><a href="/1">1</a>
      <a href="/2" class="none">2</a><button tabindex="-1">3</button><a href="/4">4</a>""")
    _controls, stops, faults = walk(page)
    assert stops[:3] == [0, 1, 3]
    assert len(faults) == 1
    assert 'href="/2"' in faults[0]
    page.set_content("""<a href="/1">1</a><a href="/2" id="trap">2</a><a href="/3">3</a>""")
    page.evaluate("""document.getElementById("trap").addEventListener("keydown", (event) => {
      event.preventDefault(); })""")
    assert walk(page)[1] == [0, 1]


def test_tree_sees(page: Page) -> None:
    """Missing landmarks and names, skipped headings, radios without a group."""
    page.set_content("""<main><h1>One</h1><h3>Three</h3><input>
      <label><input type="radio" name="a">Ja</label></main>""")
    faults = "\n".join(faults_of(tree(page)))
    assert "0 times banner" in faults
    assert "0 times contentinfo" in faults
    assert "heading level skipped: [1, 3]" in faults
    assert "textbox without a name" in faults
    assert "radio without a named group: Ja" in faults
