"""The core: text, versions, first answers, limits, hooks, permissions, headers, logs, calendar."""

import logging
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.http import Http404
from icalendar import Calendar

from lotse.foundation.core import (
    actionlog,
    clock,
    db,
    housekeeping,
    ical,
    limits,
    logs,
    once,
    permissions,
    text,
)
from lotse.foundation.core.actor import ANONYMOUS, COMMAND, EDIT, READ, Actor
from lotse.foundation.core.errors import Conflict, NotAllowed, TooMany
from lotse.foundation.core.hooks import Hook
from lotse.foundation.core.models import FirstAnswer, LimitCounter, LogEntry
from tests import make


class TestText:
    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("Mu\u0308ller", "Müller"),
            ("a\0b", "ab"),
            ("\u202egnp.exe", "gnp.exe"),
            ("  Rand  ", "Rand"),
            ("eins\r\nzwei\rdrei", "eins\nzwei\ndrei"),
            ("\x1b[31mrot", "[31mrot"),
            ("e" + "\u0327\u0301" * 300, "e\u0327" + ""),
            ("👨‍👩‍👧", "👨‍👩‍👧"),
        ],
    )
    def test_clean_keeps_what_is_meant(self, typed: str, stored: str) -> None:
        cleaned = text.clean(typed)
        if "\u0327" in typed:
            assert len(cleaned) <= 12
        else:
            assert cleaned == stored

    def test_a_line_has_no_line_break(self) -> None:
        assert text.clean_line("Betreff\r\nBcc: x@y.example") == "Betreff Bcc: x@y.example"

    @pytest.mark.parametrize(
        "source",
        [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "[x](data:text/html;base64,PHN2Zz4=)",
            '"><img src=x onerror=alert(1)>',
            "<javascript:alert(1)>",
        ],
    )
    def test_markdown_is_safe(self, source: str) -> None:
        html = text.markdown(source)
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html
        assert 'href="data' not in html

    def test_markdown_survives_nesting(self) -> None:
        assert text.markdown("[" * 1000)

    def test_pick_falls_back_and_names_the_language(self) -> None:
        assert text.pick({"de": "ja"}, "en") == "ja"
        assert text.language_of({"de": "ja"}, "en") == "de"
        assert text.pick({}, "en") == ""

    def test_shorten_ends_at_a_word(self) -> None:
        assert text.shorten("eins zwei drei", 10) == "eins zwei…"


@pytest.mark.django_db
class TestVersions:
    def test_the_second_of_two_saves_is_refused_with_the_first(self) -> None:
        network = make.network()
        same = type(network).objects.get(pk=network.pk)
        db.update_versioned(network, expected=1, carrier="A")
        with pytest.raises(Conflict) as conflict:
            db.update_versioned(same, expected=1, carrier="B")
        assert conflict.value.current.carrier == "A"
        assert network.version == 2


@pytest.mark.django_db(transaction=True)
class TestFirstAnswers:
    def test_the_second_gets_the_first_answer(self) -> None:
        with transaction.atomic():
            first = once.claim("k" * 20, scope="s")
            first.remember({"to": "/x"})
        with transaction.atomic():
            second = once.claim("k" * 20, scope="s")
        assert not first.repeated
        assert second.repeated
        assert second.answer == {"to": "/x"}
        assert once.is_finished("k" * 20, scope="s")
        assert not once.is_finished("k" * 20, scope="other")

    def test_a_rollback_frees_the_key(self) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            once.claim("k" * 20, scope="s")
            raise RuntimeError
        with transaction.atomic():
            assert not once.claim("k" * 20, scope="s").repeated

    @pytest.mark.parametrize("key", ["", "short", "x" * 100, "a b" * 10, "ü" * 20])
    def test_a_malformed_key_counts_as_new(self, key: str) -> None:
        assert once.key_from({once.FIELD: key}) != key


@pytest.mark.django_db
class TestLimits:
    def test_above_the_limit_with_the_time_to_wait(self, settings) -> None:
        settings.LIMITS = {"t": (3, 60)}
        for _ in range(3):
            limits.hit("t", "192.0.2.1")
        with pytest.raises(TooMany) as refusal:
            limits.hit("t", "192.0.2.1")
        assert 0 < refusal.value.retry_after <= 60
        limits.hit("t", "192.0.2.2")

    def test_a_new_window_starts_anew(self, settings, monkeypatch) -> None:
        settings.LIMITS = {"t": (1, 60)}
        limits.hit("t", "a")
        later = clock.now() + timedelta(seconds=61)
        monkeypatch.setattr(clock, "now", lambda: later)
        limits.hit("t", "a")
        assert LimitCounter.objects.get().hits == 1

    def test_no_address_is_stored(self, settings) -> None:
        settings.LIMITS = {"t": (3, 60)}
        limits.hit("t", "192.0.2.77")
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM core_limitcounter")
            assert b"192.0.2.77" not in bytes(str(cursor.fetchall()), "utf-8")

    def test_a_forged_header_changes_nothing(self, rf, settings) -> None:
        forged = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="8.8.8.8, 192.0.2.5")
        assert limits.address_of(forged) == "127.0.0.1"
        settings.PROXIES = 1
        assert limits.address_of(forged) == "192.0.2.5"
        assert limits.address_of(rf.get("/", REMOTE_ADDR="192.0.2.6")) == "192.0.2.6"

    @pytest.mark.parametrize(
        ("address", "counted"),
        [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.6", "192.0.2.6"),
            ("unix:", "unix:"),
        ],
    )
    def test_a_household_counts_as_one(self, rf, address: str, counted: str) -> None:
        """Of IPv6 everybody has more addresses than could be counted (T12)."""
        assert limits.address_of(rf.get("/", REMOTE_ADDR=address)) == counted


@pytest.mark.django_db
class TestPermissions:
    def test_stranger_404_reader_403_editor_gets_it(self) -> None:
        from lotse.rooms.checks.models import Assessment

        make.network()
        found = make.assessment()
        rows = Assessment.objects.all()
        code = "checks.assessment.edit"
        with pytest.raises(Http404):
            permissions.get_visible(code, ANONYMOUS, found.uuid, rows)
        with pytest.raises(NotAllowed):
            permissions.get_visible(code, make.visitor(found, READ), found.uuid, rows)
        assert permissions.get_visible(code, make.visitor(found, EDIT), found.uuid, rows) == found

    def test_every_rule_has_words(self) -> None:
        rules = permissions.all_rules()
        assert len(rules) >= 5
        assert all(str(rule.title) and str(rule.sentence) for rule in rules)

    def test_a_code_is_registered_once(self) -> None:
        rule = permissions.all_rules()[0]
        with pytest.raises(ValueError, match="registered twice"):
            permissions.rule(rule.code, model=rule.model, title="", sentence="")(rule.build)

    def test_all_that_is_visible_is_loadable(self) -> None:
        from lotse.rooms.checks.models import Assessment

        make.network()
        mine, other = make.assessment(), make.assessment()
        actor = make.visitor(mine, READ)
        rows = permissions.visible("checks.assessment.view", actor, Assessment.objects.all())
        assert list(rows) == [mine]
        assert not permissions.has("checks.assessment.view", actor, other)


@pytest.mark.django_db
def test_a_deleted_subject_takes_its_lines_along() -> None:
    network = make.network()
    subject = uuid4()
    actionlog.record("t.one", network, actor=COMMAND, after={"secret": "x"}, subject=subject)
    assert LogEntry.objects.get(code="t.one").actor == "command"
    assert actionlog.forget(subject) == 1


def test_hooks_keep_their_order_and_take_each_once() -> None:
    hook: Hook[str] = Hook("t")
    second, first = "second", "first"
    hook.register(second, order=2)
    hook.register(first, order=1)
    hook.register(first, order=1)
    assert list(hook) == [first, second]


def test_log_lines_hide_secret_links(caplog) -> None:
    record = logging.LogRecord(
        "x", logging.ERROR, __file__, 1, "GET %s", ("/checks/zugang/abcDEF-123_456/",), None
    )
    logs.Redact().filter(record)
    line = logs.Line().format(record)
    assert "abcDEF" not in line
    assert "/checks/zugang/[…]" in line


def test_a_log_line_stays_one_line() -> None:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "a\r\nERROR b\x1b[31m", (), None)
    assert "\n" not in logs.Line().format(record)


def test_a_calendar_keeps_its_uids() -> None:
    uid = uuid4()
    event = ical.DayEvent(uid, date(2026, 12, 4), "Frist; mit, Zeichen", text="Zeile\nzwei")
    raw = ical.calendar("Plan", [event], host="lotse.example")
    parsed = Calendar.from_ical(raw).walk("VEVENT")[0]
    assert parsed["UID"] == f"{uid}@lotse.example"
    assert parsed.decoded("DTSTART") == date(2026, 12, 4)
    assert str(parsed["SUMMARY"]) == "Frist; mit, Zeichen"
    assert len(list(parsed.walk("VALARM"))) == 1


@pytest.mark.django_db
def test_housekeeping_removes_what_is_old(settings) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    FirstAnswer.objects.create(digest=b"1" * 32, created_at=clock.now() - timedelta(days=2))
    FirstAnswer.objects.create(digest=b"2" * 32)
    done = {job.name: job.run() for job in housekeeping.JOBS}
    assert done["core.first_answers"] == 1
    assert FirstAnswer.objects.count() == 1


def test_actor_names_nobody() -> None:
    uuid = uuid4()
    actor = Actor("account", uuid=uuid, label="a@b.example")
    assert actor.ref == f"account:{uuid}"
    assert not actor.trusted
