"""Markup in names and notes stays text, on every page and in every rare case (T17)."""

from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect

from lotse.foundation.core import once
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.measures import services as measures
from lotse.rooms.checks.services import answers, plan
from tests.e2e.site import PAGES, Prepared
from tests.e2e.watch import Watch

PAYLOADS = (
    "<script>window.hit=1</script>",
    '"><img data-hit src=/x onerror=window.hit=2>',
    "'><svg data-hit onload=window.hit=3>",
    "<details data-hit open ontoggle=window.hit=4>",
    "javascript:window.hit=5",
    "[Link](javascript:window.hit=6)",
    '" autofocus onfocus=window.hit=7 data-hit="',
    "</textarea><b data-hit>8</b>",
    "</title><b data-hit>9</b>",
    "{{7*7}}{% now 'Y' %}${7*7}",
    "<a data-hit href=javascript:window.hit=11>x</a>",
    "\u202e<b data-hit>12</b>&lt;b&gt;\u2028",
)
ALL = "\n".join(PAYLOADS)
_HIT = "window.hit || document.querySelectorAll('[data-hit], a[href^=javascript]').length"


def _nasty(prepared: Prepared) -> Prepared:
    """Every text field of the assessment filled with markup."""
    found = prepared.assessment
    found.organisation_name, found.scope, found.unit = PAYLOADS[1], "team", PAYLOADS[2]
    found.save()
    data = answers.AnswerInput(level="need", note=ALL, own_examples=list(PAYLOADS))
    answers.save_answer(found, actor=COMMAND, checkpoint="vereinbarungen", data=data,
                        expected=1, key=once.new_key())  # fmt: skip
    for payload in PAYLOADS:
        made = plan.add_measure(found, actor=COMMAND, key=once.new_key(), checkpoint=None,
                                title=payload, responsible=payload, reason=ALL,
                                controller=payload)  # fmt: skip
        assert made is not None
    for name in ("measure", "done"):
        measure = getattr(prepared, name)
        measure.title = measure.responsible = PAYLOADS[3]
        measure.reason = measure.delay_reason = ALL
        measure.save()
        measures.add_note(measure, actor=COMMAND, text=ALL, author=PAYLOADS[1])
    return prepared


def test_markup_stays_text(page: Page, prepared: Prepared, watch: Watch) -> None:
    """Twelve payloads in every field, all pages drawn: no dialog, no element, no report."""
    watch.expect(404)
    _nasty(prepared)
    page.goto(prepared.open_path())
    paths = [of.path(prepared) for of in PAGES if "edit" in of.levels]
    paths += [prepared.path("checkpoint", 6)]
    for payload in PAYLOADS:
        query = f"?q={payload}&seite={payload}&suche={payload}"
        paths += [reverse("home:search") + query, reverse("home:report") + query]
    for path in paths:
        page.goto(path)
        assert page.evaluate(_HIT) == 0, path
        watch.assert_silent()
    page.goto(prepared.path("plan"))
    for payload in PAYLOADS[:3]:
        expect(page.get_by_role("link", name=payload)).to_have_count(1)


def test_markup_stays_text_in_refusals(page: Page, prepared: Prepared, watch: Watch) -> None:
    """The same in lists of faults and where two versions meet."""
    watch.expect(409, 422)
    page.goto(prepared.open_path())
    page.goto(prepared.path("checkpoint", 1))
    page.get_by_label("Eigene Beispiele").fill(PAYLOADS[1] + "x" * 300)
    page.get_by_role("button", name="Speichern und weiter").click()
    expect(page.get_by_role("alert")).to_contain_text('"><img data-hit')
    assert page.evaluate(_HIT) == 0

    page.goto(prepared.path("measure", prepared.measure.uuid))
    _nasty(prepared)
    prepared.measure.version += 1
    prepared.measure.save()
    page.get_by_label("Was ist zu tun?").fill(PAYLOADS[1])
    page.get_by_role("button", name="Maßnahme speichern").click()
    expect(page.get_by_role("alert")).to_contain_text(PAYLOADS[3])
    assert page.evaluate(_HIT) == 0


def test_pages_of_the_network(page: Page, network: Any) -> None:
    """Markdown of the office may hold markup; what could act is taken out."""
    from lotse.foundation.parties.services import networks as parties

    parties.set_page(network, actor=COMMAND, kind="about", lang="de", body=ALL)
    page.goto("/ueber-uns/")
    assert page.evaluate("window.hit || document.querySelectorAll('a[href^=javascript]').length"
                         " + document.querySelectorAll('main script, main [onerror]').length"
                         ) == 0  # fmt: skip


def test_start_with_markup(page: Page, network: Any) -> None:
    """A name full of markup goes through the form and comes back as it was typed."""
    page.goto("/checks/")
    page.get_by_role("link", name="Zusammenarbeit mit Betrieben").click()
    page.get_by_label("Name der Organisation").fill(PAYLOADS[1])
    page.get_by_role("button", name="Check beginnen").click()
    expect(page.locator(".preline")).to_contain_text(PAYLOADS[1])
    assert page.evaluate(_HIT) == 0
