"""Settings from the environment, secrets from files, both databases."""

from pathlib import Path

import pytest

from lotse import environment


def test_a_secret_may_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("aus-der-datei\n")
    monkeypatch.setenv("LOTSE_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert environment.secret_key(tmp_path) == "aus-der-datei"


def test_a_key_is_drawn_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOTSE_SECRET_KEY", raising=False)
    first = environment.secret_key(tmp_path)
    assert first == environment.secret_key(tmp_path)
    assert len(first) >= 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_sqlite_is_the_default_and_set_up_right(tmp_path: Path) -> None:
    found = environment.database("", tmp_path)
    assert found["NAME"] == str(tmp_path / "lotse.sqlite3")
    options = found["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        assert pragma in options["init_command"]


def test_postgres_by_address(tmp_path: Path) -> None:
    url = "postgres://lotse:p%40ss@db.example:5433/netz?sslmode=require"
    found = environment.database(url, tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"]) == ("lotse", "p@ss", "db.example")
    assert (found["PORT"], found["NAME"]) == ("5433", "netz")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://x/y", "lotse.db", "http://x"])
def test_another_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="LOTSE_DATABASE_URL"):
        environment.database(url, tmp_path)


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [("smtp://mail.example", 25, False, False), ("smtp+tls://mail.example", 587, True, False),
     ("smtps://a%40b:p%2Fw@mail.example", 465, False, True)],
)  # fmt: skip
def test_mail_by_address(url: str, port: int, tls: bool, ssl: bool) -> None:
    found = environment.smtp(url)
    assert found["EMAIL_PORT"] == port
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)
    if ssl:
        assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("a@b", "p/w")


def test_a_mail_address_that_cannot_be_meant_is_refused() -> None:
    assert environment.smtp("") == {}
    with pytest.raises(ValueError, match="LOTSE_SMTP_URL"):
        environment.smtp("mail.example:587")


def test_numbers_and_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_X", "zwölf")
    with pytest.raises(ValueError, match="LOTSE_X"):
        environment.number("LOTSE_X", 1)
    monkeypatch.setenv("LOTSE_X", "Yes")
    assert environment.flag("LOTSE_X")
    monkeypatch.setenv("LOTSE_X", "")
    assert not environment.flag("LOTSE_X")
    assert environment.number("LOTSE_X", 7) == 7
