"""The waste basket: 30 days, everything as it was, gone with its owner, files included."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from lotse.foundation.core import clock, trash
from lotse.foundation.core.actor import ANONYMOUS, COMMAND, Actor
from lotse.foundation.core.errors import NotAllowed, Refused
from lotse.foundation.core.models import LogEntry, TrashItem
from lotse.foundation.core.ref import Ref
from lotse.foundation.documents import services as documents
from lotse.foundation.documents.models import Document
from lotse.foundation.measures import basket
from lotse.foundation.measures import services as measures
from lotse.foundation.measures.models import Measure, ProgressNote
from tests import make

pytestmark = pytest.mark.django_db
OWNER = uuid4()


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def measure(notes: int = 2, files: int = 1) -> Measure:
    network = make.network()
    found = measures.create_measure(
        actor=COMMAND, origin=Ref("test.thing", OWNER), title="Sprechstunde", reason="Größe ß"
    )
    for n in range(notes):
        measures.add_note(found, actor=COMMAND, text=f"Notiz {n}", author="Kim")
    for n in range(files):
        document(found, f"%PDF {n} {network.name}".encode())
    return found


def document(owner: Measure, content: bytes) -> Document:
    ref = Ref.to(owner)
    found = Document.objects.create(
        owner_type=ref.type, owner_uuid=ref.uuid, subject_uuid=OWNER, title="a.pdf",
        media_type="application/pdf", size=len(content), sha256="0" * 64,
    )  # fmt: skip
    default_storage.save(found.stored_name, ContentFile(content))
    return found


def rows() -> list[list[tuple[Any, ...]]]:
    return [
        list(model._default_manager.order_by("pk").values_list())
        for model in (Measure, ProgressNote, Document)
    ]


def throw(found: Measure) -> TrashItem:
    with transaction.atomic():
        basket.throw_measure(found, actor=COMMAND)
        measures.delete_measure(found, actor=COMMAND)
    return TrashItem.objects.latest("id")


def test_everything_comes_back_as_it_was(django_capture_on_commit_callbacks: Any) -> None:
    found = measure()
    before = rows()
    name = Document.objects.get().stored_name
    with django_capture_on_commit_callbacks(execute=True):
        item = throw(found)
    assert rows() == [[], [], []]
    assert default_storage.exists(name), "the file waits"
    assert item.expires_at - clock.now() > timedelta(days=29, hours=23)
    basket.restore(OWNER, item.uuid, actor=COMMAND)
    assert rows() == before
    assert not TrashItem.objects.exists()
    assert LogEntry.objects.filter(code="core.trash.restored").count() == 1


def test_a_file_comes_back_only_with_its_measure() -> None:
    found = measure()
    with transaction.atomic():
        basket.throw_evidence(found, Document.objects.get(), actor=COMMAND)
    evidence = TrashItem.objects.get()
    later = throw(Measure.objects.get())
    with pytest.raises(Refused, match="zuerst die Maßnahme"):
        basket.restore(OWNER, evidence.uuid, actor=COMMAND)
    basket.restore(OWNER, later.uuid, actor=COMMAND)
    basket.restore(OWNER, evidence.uuid, actor=COMMAND)
    assert Document.objects.count() == 1


def test_twice_is_once_and_foreign_things_stay() -> None:
    item = throw(measure())
    with pytest.raises(Refused, match="nicht mehr im Papierkorb"):
        basket.restore(uuid4(), item.uuid, actor=COMMAND)
    basket.restore(OWNER, item.uuid, actor=COMMAND)
    with pytest.raises(Refused):
        basket.restore(OWNER, item.uuid, actor=COMMAND)
    with pytest.raises(Refused, match="schon wiederhergestellt"):
        trash.restore(item, actor=COMMAND)
    assert Measure.objects.count() == 1


def test_what_it_belonged_to_is_gone() -> None:
    found = measure(files=0)
    note = ProgressNote.objects.first()
    trash.register(trash.Kind("test.note", "Notiz"))
    trash.put([note], kind="test.note", title="x", actor=COMMAND, owner=OWNER)
    found.delete()
    with pytest.raises(Refused, match="gibt es nicht mehr"):
        trash.restore(TrashItem.objects.get(), actor=COMMAND)
    assert TrashItem.objects.count() == 1, "nothing is lost by trying"


def test_who_may_bring_back_is_for_the_kind_to_say() -> None:
    found = measure(files=0)
    me = Actor("account", uuid=uuid4())
    trash.register(trash.Kind("test.own", "x", lambda actor, item: item.deleted_by == actor.ref))
    item = trash.put([found], kind="test.own", title="x", actor=me)
    Measure.objects.all().delete()
    with pytest.raises(NotAllowed):
        trash.restore(item, actor=ANONYMOUS)
    trash.restore(item, actor=me)
    assert Measure.objects.count() == 1


def test_an_unknown_kind_is_a_fault() -> None:
    with pytest.raises(KeyError):
        trash.put([measure()], kind="test.nobody", title="x", actor=COMMAND)


def test_after_thirty_days_it_is_gone_with_its_files(
    django_capture_on_commit_callbacks: Any,
) -> None:
    name = (measure(), Document.objects.get().stored_name)[1]
    throw(Measure.objects.get())
    assert trash.empty_expired() == 0
    TrashItem.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert not trash.items_of(OWNER).exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert trash.empty_expired() == 1
    assert not default_storage.exists(name)
    assert not TrashItem.objects.exists()


def test_it_goes_at_once_with_its_owner(django_capture_on_commit_callbacks: Any) -> None:
    name = (measure(), Document.objects.get().stored_name)[1]
    throw(Measure.objects.get())
    with django_capture_on_commit_callbacks(execute=True):
        assert trash.forget(OWNER) == 1
    assert not default_storage.exists(name)


def test_files_in_the_basket_are_no_orphans() -> None:
    import os
    import time

    measure()
    path = default_storage.path(Document.objects.get().stored_name)
    os.utime(path, (time.time() - 9000,) * 2)
    throw(Measure.objects.get())
    assert documents.delete_orphans() == 0
    TrashItem.objects.all().delete()
    assert documents.delete_orphans() == 1


def test_emptying_is_daily_work() -> None:
    from lotse.foundation.core import hooks

    assert [job for job in hooks.daily_jobs if job.name == "core.trash"]
