"""What `lotse doctor` looks at: everything real use needs, in plain words with what to do."""

import json
import os
import shutil
import stat
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError
from django.db.models import Max

from lotse.foundation.core import clock, collation, db, health, hooks, jobs
from lotse.foundation.core.backup.writing import NOTE
from lotse.foundation.core.hooks import Finding
from lotse.foundation.core.models import LogEntry

MISSING, CHECK, OK = "missing", "check", "ok"
_GB = 1024**3


def findings() -> list[Finding]:
    """Everything that is looked at. Opens one connection to the mail server, if one is set."""
    found = [*_environment(), *_folder(), *_mail()]
    if not health.database_answers():
        todo = "Läuft sie, und stimmt LOTSE_DATABASE_URL?"
        return [Finding("Datenbank antwortet", MISSING, todo), *found]
    found = [Finding("Datenbank antwortet", OK), _migrations(), _full_text(), _order(), *found]
    if found[1].state != OK:
        return found  # the rest asks tables that may not be there
    for look in (_worker, _jobs, _clock):
        found.append(look())
    for more in hooks.doctor:
        found += more()
    return found


def _either(what: str, good: bool, todo: str, *, otherwise: str = MISSING) -> Finding:
    return Finding(what, OK) if good else Finding(what, otherwise, todo)


def _environment() -> list[Finding]:
    behind = "LOTSE_PROXIES=1 setzen, wenn ein Webserver davor steht; sonst gelten alle Grenzen"
    return [
        _either("Adresse mit https", settings.HTTPS, "LOTSE_BASE_URL=https://… setzen"),
        _either("Entwicklermodus aus", not settings.DEBUG, "LOTSE_DEBUG nicht setzen"),
        _either(
            "Vorgeschaltete Webserver gezählt",
            settings.PROXIES > 0 or not settings.HTTPS,
            f"{behind} für alle Besuchenden zusammen",
            otherwise=CHECK,
        ),
        _secret_key(),
        _either(
            "Kein alter Schlüssel gesetzt",
            not settings.SECRET_KEY_FALLBACKS,
            "lotse rekey; LOTSE_SECRET_KEY_FALLBACKS leeren, wenn alte Mails niemand mehr braucht",
            otherwise=CHECK,
        ),
    ]


def _secret_key() -> Finding:
    what = "Geheimer Schlüssel nur für den Dienst lesbar"
    if os.environ.get("LOTSE_SECRET_KEY") and not os.environ.get("LOTSE_SECRET_KEY_FILE"):
        return Finding(what, CHECK, "Besser in einer Datei: LOTSE_SECRET_KEY_FILE statt "
                                    "LOTSE_SECRET_KEY")  # fmt: skip
    if len(settings.SECRET_KEY) < 32:
        return Finding(what, MISSING, "Der Schlüssel ist zu kurz: mindestens 32 Zeichen")
    named = os.environ.get("LOTSE_SECRET_KEY_FILE")
    file = Path(named) if named else settings.DATA_DIR / "secret_key"
    if not file.exists():
        return Finding(what, OK)
    # A group may read it where a service manager hands the file over; strangers may not.
    bits = stat.S_IMODE(file.stat().st_mode)
    return _either(what, not bits & (0o027 if named else 0o077), f"chmod 600 {file}")


def _folder() -> list[Finding]:
    private = os.stat(settings.DATA_DIR).st_mode & 0o077 == 0
    free = shutil.disk_usage(settings.DATA_DIR).free
    static = (settings.STATIC_ROOT / "staticfiles.json").exists()
    return [
        _either("Datenordner nur für den Dienst lesbar", private,
                f"chmod 700 {settings.DATA_DIR}"),
        _either("Datenordner beschreibbar", health.free_bytes() > 0,
                f"Rechte an {settings.DATA_DIR} prüfen"),
        _either("Freier Speicherplatz über 1 GB", free > _GB, "Platz schaffen",
                otherwise=MISSING if free < _GB // 4 else CHECK),
        _either("Statische Dateien", static, "lotse collectstatic --noinput"),
        _either("Schriften der Papiere", all(p.exists() for p in settings.PAPER_FONTS),
                "make install"),
        _backup(),
    ]  # fmt: skip


def _backup() -> Finding:
    what = "Letzte Sicherung jünger als zwei Tage"
    try:
        note = json.loads((settings.DATA_DIR / NOTE).read_text(encoding="utf-8"))
        age = clock.now() - datetime.fromisoformat(note["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return Finding(what, MISSING, "Noch nie gesichert: lotse backup DATEI")
    days = age // timedelta(days=1)
    if days >= 30:
        return Finding(what, MISSING, f"Sie ist {days} Tage alt: lotse backup DATEI")
    return _either(what, days < 2, f"Sie ist {days} Tage alt: lotse backup DATEI", otherwise=CHECK)


def _mail() -> list[Finding]:
    if "smtp" not in settings.EMAIL_BACKEND:
        todo = "LOTSE_SMTP_URL setzen; bis dahin liegen Mails als Dateien im Datenordner"
        return [Finding("Mailserver", MISSING, todo)]
    server = get_connection(timeout=5)
    try:
        server.open()
        server.close()
    except OSError as fault:  # smtplib's faults are among them
        # Only the kind: the words of a server may name user and address.
        return [Finding("Mailserver antwortet", MISSING,
                        f"LOTSE_SMTP_URL prüfen ({type(fault).__name__})")]  # fmt: skip
    return [Finding("Mailserver antwortet", OK)]


def _migrations() -> Finding:
    try:
        good = health.is_migrated()
    except DatabaseError:
        good = False
    return _either("Datenbank auf dem Stand dieser Version", good, "lotse migrate")


def _order() -> Finding:
    todo = "PostgreSQL ohne ICU: ein Paket mit ICU nehmen, sonst fehlen Listen von Namen"
    return _either("Deutsche Reihenfolge", collation.is_there(), todo)


def _full_text() -> Finding:
    good = db.is_postgres() or db.has_full_text()
    return _either("Volltextsuche", good, "Python mit SQLite FTS5 verwenden")


def _worker() -> Finding:
    todo = "lotse serve ohne --no-worker, oder lotse worker daneben"
    return _either("Hintergrunddienst läuft", health.worker_is_alive(), todo)


def _jobs() -> Finding:
    late = [str(row.title) for row in jobs.overview() if row.state in ("late", "failed")]
    todo = f"Auf /betrieb/ ansehen: {', '.join(late[:4])}"
    return _either("Regelmäßige Arbeiten pünktlich", not late, todo, otherwise=CHECK)


def _clock() -> Finding:
    """The database's clock, and whether the newest line of the log lies in the future."""
    newest = LogEntry.objects.aggregate(at=Max("at"))["at"]
    ahead = newest is not None and newest > clock.now() + timedelta(minutes=2)
    off = abs((db.server_time() - clock.now()).total_seconds()) if db.is_postgres() else 0
    todo = "Die Uhr dieses Rechners geht falsch: Zeitabgleich (NTP) einschalten"
    return _either("Uhr geht richtig", off < 30 and not ahead, todo)
