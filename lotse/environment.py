"""Settings from the environment: `LOTSE_X` or, for secrets kept in files, `LOTSE_X_FILE`."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = ROOT / "lotse" / "bundled"


def text(name: str, default: str = "") -> str:
    """The value of `name`, or the content of the file that `name_FILE` points to."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on (any case)."""
    value = text(name)
    return default if not value else value.lower() in {"1", "true", "yes", "on"}


def listed(name: str) -> list[str]:
    """Values separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def number(name: str, default: int) -> int:
    """A whole number; a ValueError names the variable."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {value!r}") from None


def chosen(name: str, values: tuple[str, ...]) -> str:
    """One of `values`, the first by default; a ValueError names the variable."""
    value = text(name).lower() or values[0]
    if value not in values:
        raise ValueError(f"{name} must be one of {', '.join(values)}, not {value!r}")
    return value


def data_dir() -> Path:
    """The folder for everything Lotse writes; made on first use, private to the owner."""
    # In a checkout beside the code; an installed package writes where it is started.
    home = Path.cwd() if BUNDLED.exists() else ROOT
    folder = Path(text("LOTSE_DATA_DIR") or home / "var")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """The given key, or one that is drawn once and kept in the data folder (owner only)."""
    given = text("LOTSE_SECRET_KEY")
    if given:
        return given
    file = folder / "secret_key"
    if not file.exists():
        # Exclusive creation: of two processes that start at once, one draws the key.
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as out:
                out.write(secrets.token_urlsafe(64))
    return file.read_text().strip()


def secret_key_fallbacks() -> list[str]:
    """Keys from before, which still open what was made with them: separated by commas, in a file
    one a line."""
    if os.environ.get("LOTSE_SECRET_KEY_FALLBACKS_FILE"):
        lines = text("LOTSE_SECRET_KEY_FALLBACKS").splitlines()
        return [line.strip() for line in lines if line.strip()]
    return listed("LOTSE_SECRET_KEY_FALLBACKS")


# Django's defaults lose simultaneous transactions that read before they write; these do not (T35).
SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
        "PRAGMA foreign_keys=ON;PRAGMA cache_size=-2000;"
    ),
}


def database(url: str, folder: Path) -> dict[str, Any]:
    """Django's database settings for an address.

    `sqlite:///path` (relative to the data folder unless it starts with a slash) or
    `postgres://user:password@host:port/name?option=value`. Without an address: SQLite in the
    data folder.
    """
    parts = urlsplit(url or "sqlite:///lotse.sqlite3")
    if parts.scheme == "sqlite":
        name = unquote(parts.path[1:])
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name if name == ":memory:" else str(folder / name),
            "CONN_MAX_AGE": None,
            "OPTIONS": dict(SQLITE_OPTIONS),
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise ValueError("LOTSE_DATABASE_URL must start with sqlite:/// or postgres://")


_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def smtp(url: str) -> dict[str, Any]:
    """Django's mail settings for `smtp://`, `smtp+tls://` or `smtps://user:password@host:port`.

    Empty without an address; a ValueError for one that cannot be meant.
    """
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in _MAIL_PORTS or not parts.hostname:
        raise ValueError("LOTSE_SMTP_URL must start with smtp://, smtp+tls:// or smtps://")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _MAIL_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


def packages_dir() -> Path:
    """Style sheets and fonts: `node_modules` in a checkout, inside the package in a wheel."""
    bundled = BUNDLED / "node_modules"
    return bundled if bundled.exists() else ROOT / "node_modules"


def content_dir() -> Path:
    """Checks, topics, regions, demo data: `content` in a checkout, bundled in a wheel."""
    bundled = BUNDLED / "content"
    return bundled if bundled.exists() else ROOT / "content"
