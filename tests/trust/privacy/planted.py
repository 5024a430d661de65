"""A person about whom something is planted in every table that can hold it (T57, T58)."""

from datetime import timedelta
from typing import Any

from django.apps import apps

from lotse.foundation.accounts.models import Account, ApiToken, KnownDevice
from lotse.foundation.core import clock
from lotse.foundation.core.actor import COMMAND
from lotse.foundation.core.models import LogEntry, MailChoice, OutboxMail
from lotse.foundation.core.ref import Ref
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure, ProgressNote
from lotse.foundation.parties.models import Absence, Invitation, Report
from lotse.foundation.parties.privacy import consents, erasure
from lotse.foundation.parties.services import people as seats
from lotse.foundation.parties.services import roles
from lotse.rooms.checks.models import Answer, Assessment, Share
from lotse.rooms.directory.models import (
    Announcement,
    Application,
    Entry,
    Letter,
    OfficeNote,
    Picture,
    SavedSearch,
    Template,
    TemplateAnswer,
)
from lotse.rooms.directory.services import entries
from tests import make, people

NAME, MAIL, PHONE = "Wilhelmine Ackerstedt", "w.ackerstedt@beispiel.test", "+49 30 5550173"
SECRET = "geheim-7f3a9"


class Planted:
    """A person with something in every table that can hold it; `facts` are what is only theirs."""

    def __init__(self, cast: people.Cast) -> None:
        self.cast = cast
        self.facts: list[str] = []
        self.person = people.person(NAME, email=MAIL, phone=PHONE, title=self.fact("Dr."))
        self.facts += ["Wilhelmine", "Ackerstedt", MAIL, PHONE]
        self.account: Any = self.person.account
        self._parties()
        self._account()
        self._core()
        self._work()
        self._directory()

    def fact(self, text: str = "") -> str:
        self.facts.append(f"{text}Fakt{len(self.facts):03d}x")
        return self.facts[-1]

    def _parties(self) -> None:
        cast, person = self.cast, self.person
        for org in (cast.org_a, cast.org_b):
            seats.add_seat(person, org, actor=COMMAND, function=self.fact(), may_edit=True)
        self.facts += ["Ahrens hilft e. V.", "Brandt GmbH"]
        for role in ("adviser", "coordinator"):
            roles.grant_role(person, role, actor=COMMAND, network=cast.network, reason=self.fact())
        day = clock.today()
        Absence.objects.create(
            person=person, deputy=cast["office"], starts_on=day, ends_on=day, note=self.fact()
        )
        Absence.objects.create(
            person=cast["adviser"], deputy=person, starts_on=day, ends_on=day, note=SECRET
        )
        for number in range(3):
            Invitation.objects.create(
                network=cast.network, email=MAIL, first_name=self.fact(), last_name=self.fact(),
                function=self.fact(), reason=self.fact(), message=self.fact(),
                token_hash=f"{SECRET}{number}", invited_by=cast.actor("office").ref,
                expires_at=clock.now(),
            )  # fmt: skip
        self.me = self.actor()
        for channel in ("web", "members", "brochure"):
            given = consents.give(person, "profile", channel, actor=self.me, network=cast.network)
            type(given).objects.filter(pk=given.pk).update(source=self.fact())
        for _number in range(3):
            Report.objects.create(
                network=cast.network, page=self.fact(), reply_to=MAIL,
                text=f"{self.fact()} meint {NAME}",
            )  # fmt: skip

    def actor(self) -> Any:
        account = Account.objects.select_related("person").get(email=MAIL)
        return erasure.as_account(account, people.Actor("guest"))

    def _account(self) -> None:
        for _number in range(3):
            KnownDevice.objects.create(
                account=self.account, digest=f"{SECRET}{_number}", label=self.fact()
            )
            ApiToken.objects.create(
                account=self.account, name=self.fact(), scopes=[self.fact()],
                digest=f"{SECRET}t{_number}", expires_at=clock.now() + timedelta(days=9),
            )  # fmt: skip
        people.second_factor(self.person)
        email = apps.get_model("account", "EmailAddress")
        second = f"{self.fact()}@beispiel.test".lower()
        self.facts[-1] = second
        email.objects.create(user=self.account, email=second, verified=True)
        self.client = people.sign_in(people.Client(), self.person)

    def _core(self) -> None:
        for number in range(4):
            OutboxMail.objects.create(
                code="x", mail_class="duty", address=MAIL, subject=self.fact(), text=self.fact(),
                reason=self.fact(), person_uuid=self.person.uuid if number else None,
                state="queued" if number else "sent",
            )  # fmt: skip
        MailChoice.objects.create(address=MAIL, code=self.fact(), choice="off")
        LogEntry.objects.create(
            actor=self.me.ref, code=self.fact(), object_type="parties.organisation",
            object_uuid=self.cast.org_a.uuid, before={"contact": NAME}, after={"contact": SECRET},
        )  # fmt: skip
        LogEntry.objects.create(
            actor=self.cast.actor("office").ref, code="parties.x", object_type="parties.person",
            object_uuid=self.person.uuid, subject_uuid=self.person.uuid,
            after={"note": self.fact()},
        )  # fmt: skip

    def _work(self) -> None:
        check = make.check()
        self.own = make.assessment(check, organisation_name=self.fact(), unit="")
        Assessment.objects.filter(pk=self.own.pk).update(owner=self.person)
        Answer.objects.create(
            assessment=self.own, checkpoint="nutzen", level="urgent", note=self.fact(),
            own_examples=[self.fact()],
        )  # fmt: skip
        self.shared = make.assessment(check)
        Assessment.objects.filter(pk=self.shared.pk).update(
            owner=self.person, organisation=self.cast.org_a
        )
        self.of_others = make.assessment(check)
        Share.objects.create(series=self.of_others.series, person=self.person, level="read")
        self.measures = [
            measures.create_measure(
                actor=COMMAND, origin=Ref.to(self.shared), title=self.fact(), reason=self.fact(),
            )
            for _number in range(4)
        ]  # fmt: skip
        keys = [one.pk for one in self.measures]
        Measure.objects.filter(pk__in=keys[:3]).update(person=self.person, responsible=NAME)
        Measure.objects.filter(pk=keys[3]).update(controller_person=self.person)
        for measure in self.measures[:2]:
            ProgressNote.objects.create(
                measure=measure, person=self.person, author=NAME, text=self.fact()
            )

    def _directory(self) -> None:
        """The own entry in two revisions with photo and notes, and what the person did for others:
        in the end nobody meets the person there any more."""
        cast, person, me = self.cast, self.person, self.actor()
        self.entry = make.entry(
            person, channels=("web", "members"), lines=self.fact(), competences=[self.fact()],
            pronoun=self.fact(), limits=self.fact(), topics=[], regions=[],
        )  # fmt: skip
        content = {"lines": self.fact(), "qualifications": [self.fact()]}
        entries.save(self.entry, actor=cast.actor("office"), expected=self.entry.version,
                     content=content, reason=self.fact())  # fmt: skip
        self.picture = Picture.objects.create(
            entry=self.entry,
            content=self.fact().encode(),
            media_type="image/png",
            width=1,
            height=1,
        )
        self.facts.pop()  # what a picture shows is no text; its row is checked by itself
        OfficeNote.objects.create(entry=self.entry, text=self.fact(), by=cast.actor("office").ref)
        SavedSearch.objects.create(
            person=person, network=cast.network, name=self.fact(), question=self.fact(),
            chosen={"topic": [self.fact()]},
        )  # fmt: skip
        Application.objects.create(
            network=cast.network, name=self.fact(), kind="nonprofit", offers=self.fact(),
            last_name=self.fact(), email=MAIL, phone=PHONE, fit_note=self.fact(),
        )  # fmt: skip
        self._for_organisations(me)

    def _for_organisations(self, me: Any) -> None:
        """What stays with the organisations, without the name."""
        cast = self.cast
        of = make.entry(cast.org_a, channels=("web",), name="Ahrens hilft e. V.", topics=[],
                        regions=[])  # fmt: skip
        entries.save(of, actor=me, expected=of.version, reason=self.fact(),
                     content={**of.latest.content, "offers": "Ein Saal"})  # fmt: skip
        other = make.entry(cast.org_b, topics=[], regions=[])
        announced = Announcement.objects.create(
            entry=other, revision=other.latest, channels=["web"], deadline=clock.now(),
            announced_by=cast.actor("office").ref, answered_by=me.ref, state="objected",
            answer_note=f"{self.fact()} meint {NAME}",
        )  # fmt: skip
        Letter.objects.create(
            entry=other, purpose="announcement", announcement=announced, person=self.person,
            address=MAIL, token_hash=f"{SECRET}letter", expires_at=clock.now(),
        )  # fmt: skip
        template = Template.objects.create(network=cast.network, kind="organisation", number=7)
        TemplateAnswer.objects.create(
            template=template, organisation=cast.org_a, answer="objected", by=me.ref,
            note=f"{self.fact()} meint {NAME}",
        )  # fmt: skip
        assert Entry.objects.filter(person=self.person).count() == 1
