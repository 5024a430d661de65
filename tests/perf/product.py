"""Measures the product's pages in process: `python -m tests.perf.product`, started by the bench.

Settings are those of production; the parent has set up the data folder.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "lotse.settings"

import random
import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.wsgi import get_wsgi_application

from tests.perf import finding, meeting
from tests.perf.rounds import Case, Environ, call, environ, measure

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
NOTE = "Wir haben darüber im Team gesprochen: zweimal im Jahr, mit Protokoll, Nummer {}."


class Visitor:
    """A browser of its own with one assessment, opened by its secret link."""

    def __init__(self, application: Any, check: Any) -> None:
        from django.urls import reverse

        from lotse.rooms.checks.content import view_of
        from lotse.rooms.checks.services import links
        from tests import make

        self.application = application
        self.assessment = make.assessment(check)
        self.points = view_of(self.assessment.revision, "de").checkpoints
        self.reverse: Callable[..., str] = reverse
        self.cookies: dict[str, str] = {}
        self.open(reverse("checks:open", args=[links.tokens_of(self.assessment)["edit"]]))
        page = self.open(self.path("checks:checkpoint", 1))
        found = CSRF.search(page)
        if not found:
            raise SystemExit("no form on the page of a checkpoint")
        self.token = found[1]
        self.count = 0

    def open(self, path: str) -> str:
        """Follows no redirect; keeps cookies."""
        answer = call(self.application, environ(path, cookies=self.cookies))
        self.cookies |= answer.cookies
        return answer.body.decode()

    def path(self, name: str, *args: Any) -> str:
        return self.reverse(name, args=[self.assessment.uuid, *args])

    def get(self, name: str, *args: Any) -> Environ:
        return environ(self.path(name, *args), cookies=self.cookies)

    def list(self) -> Environ:
        """The list of checks, with the one this browser has begun."""
        return environ("/checks/", cookies=self.cookies)

    def fill(self) -> None:
        """Answers every point, and one measure for every second one."""
        from lotse.foundation.core import clock, once
        from lotse.rooms.checks.services import plan
        from lotse.rooms.checks.services.answers import AnswerInput, save_answer
        from tests import make

        actor = make.visitor(self.assessment)
        for point in self.points:
            level = point.levels[point.number % len(point.levels)].id
            data = AnswerInput(level=level, note=NOTE.format(point.number))
            save_answer(self.assessment, actor=actor, checkpoint=point.id, data=data, expected=0,
                        key=once.new_key())  # fmt: skip
            if point.number % 2:
                plan.add_measure(self.assessment, actor=actor, key=once.new_key(), checkpoint=point,
                                 title=f"Maßnahme zu Punkt {point.number}",
                                 responsible="Vorstand", due_on=clock.today())  # fmt: skip

    def answer(self, *, first: bool) -> Environ:
        """The form of the first checkpoint: as a first answer, or with everything changed."""
        from lotse.foundation.core import once
        from lotse.rooms.checks.models import Answer

        self.count += 1
        point = self.points[0]
        stored = Answer.objects.filter(assessment=self.assessment, checkpoint=point.id)
        if first:
            stored.delete()
        found = stored.first()
        levels = [level.id for level in point.levels]
        others = [level for level in levels if found is None or level != found.level]
        return self.post("checks:checkpoint", once.new_key(), found.version if found else 0,
                         others[self.count % len(others)])  # fmt: skip

    def draft(self) -> Environ:
        """The next draft of one open page."""
        from lotse.foundation.core import once

        self.count += 1
        if self.count % 10 == 1:
            self.key = once.new_key()
            self.version = self._version()
        levels = self.points[0].levels
        return self.post("checks:draft", self.key, self.version,
                         levels[self.count % len(levels)].id)  # fmt: skip

    def _version(self) -> int:
        from lotse.rooms.checks.models import Answer

        stored = Answer.objects.filter(assessment=self.assessment, checkpoint=self.points[0].id)
        return stored.values_list("version", flat=True).first() or 0

    def post(self, name: str, key: str, version: int, level: str) -> Environ:
        form = {
            "csrfmiddlewaretoken": self.token,
            "_key": key,
            "version": str(version),
            "level": level,
            "note": NOTE.format(self.count),
            "own": "Offene Sprechstunde am Donnerstag\nFragebogen an alle Mitglieder",
            "go": "next",
        }
        form |= {f"m-{name}": "applies" for name in self.points[0].example_ids[::2]}
        return environ(self.path(name, 1), method="POST", cookies=self.cookies,
                       body=urlencode(form).encode())  # fmt: skip

    def paper(self) -> Environ:
        """The PDF, of data that changed since the last one: Typst keeps what it has seen."""
        from lotse.rooms.checks.models import Answer

        self.count += 1
        point = random.choice(self.points)
        Answer.objects.filter(assessment=self.assessment, checkpoint=point.id).update(
            note=NOTE.format(self.count)
        )
        return self.get("checks:report-pdf")


def cases(application: Any) -> list[Case]:
    """Everything measured, by name."""
    from lotse.rooms.checks.models import Check
    from tests import make

    short = Check.objects.get(code="lotse.kooperation-gemeinnuetzig")
    long = make.long_check(70)
    found = [Case("front page", lambda: environ("/")), Case("list", lambda: environ("/checks/"))]
    for size, check in ((7, short), (70, long)):
        writer, drafter, reader, paper = (Visitor(application, check) for _ in range(4))
        if len(writer.points) != size:
            raise SystemExit(f"{check.code} has {len(writer.points)} points, not {size}")
        for visitor in (writer, drafter, reader, paper):
            visitor.fill()
        found += [
            Case(f"answer first {size}", partial(writer.answer, first=True), status=302),
            Case(f"answer changed {size}", partial(writer.answer, first=False), status=302),
            Case(f"draft {size}", drafter.draft),
            Case(f"checkpoint {size}", partial(reader.get, "checks:checkpoint", 1)),
            Case(f"result {size}", partial(reader.get, "checks:result")),
            Case(f"pdf {size}", paper.paper, group="papers"),
        ]
        if size == 7:
            found.append(Case("list begun", reader.list))
    return found + meeting.cases() + finding.cases()


def main() -> None:
    application = get_wsgi_application()
    measure(application, cases(application), warm_up=5)


if __name__ == "__main__":
    random.seed(1)
    main()
