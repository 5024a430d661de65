"""Measures the bare page: `python -m tests.perf.bare.measure`, started by the bench."""

import datetime
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.perf.bare.settings"

from django.core.wsgi import get_wsgi_application

from tests.perf import rounds


def main() -> None:
    """Fills the database, signs a person in, measures as long as the parent asks."""
    application = get_wsgi_application()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import connection

    from tests.perf.bare.models import Row

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Row)
    Row.objects.bulk_create(
        Row(
            title=f"Beratung und Begleitung {n}",
            kind="Angebot",
            place="Musterstadt",
            person="Erika Beispiel",
            amount=n * 7,
            day=datetime.date(2026, 1, 1) + datetime.timedelta(days=n),
        )
        for n in range(50)
    )
    user = User.objects.create_user("erika")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookies = {"sessionid": session.session_key or ""}
    page = rounds.call(application, rounds.environ("/", cookies=cookies)).body.decode()
    if "erika" not in page or page.count("<tr>") != 51:
        raise SystemExit(f"the bare page is not what it should be: {page[:2000]}")
    case = rounds.Case("bare", lambda: rounds.environ("/", cookies=cookies))
    rounds.measure(application, [case], warm_up=30)


if __name__ == "__main__":
    main()
