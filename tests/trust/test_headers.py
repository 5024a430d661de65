"""Headers and cookies on every answer, hosts, redirects, caches (T16, T20, T30, T31, T33)."""

from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from lotse.foundation.core.middleware import CSP, CSP_FILE, FIXED
from tests import make
from tests.trust import site as sites

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["anonymous", "reader", "editor"])
def test_every_answer_carries_them(site: sites.Site, browser: Any, role: str) -> None:
    client = browser(role)
    for name in sites.all_names():
        for method in ("get", "post"):
            response = getattr(client, method)(site.url(name))
            for header, value in FIXED.items():
                expected = "no-referrer" if response.status_code == 303 else value
                assert response[header] in (value, expected), (name, header)
            assert response["Content-Security-Policy"] in (CSP, CSP_FILE), name
            assert response["Cache-Control"], name
            if "immutable" not in response["Cache-Control"]:
                assert "no-store" in response["Cache-Control"], name
            assert "unsafe" not in response["Content-Security-Policy"]
            assert "Access-Control-Allow-Origin" not in response
            make.body(response)


def test_no_inline_script_or_style(site: sites.Site, browser: Any) -> None:
    client = browser("editor")
    for name in sites.all_names():
        response = client.get(site.url(name))
        if response["Content-Type"].startswith("text/html") and not response.streaming:
            html = response.content.decode()
            assert "<style" not in html, name
            assert " style=" not in html, name
            assert " onclick=" not in html, name
            data = html.count('type="application/json"')  # read by a script, never run
            assert html.count("<script ") == html.count("<script src=") + data, name
            assert "<script>" not in html, name
        make.body(response)


def test_private_pages_name_what_they_vary_on(site: sites.Site, browser: Any) -> None:
    response = browser("editor").get(site.url("checks:result"))
    assert {"Cookie", "Accept-Language"} <= {v.strip() for v in response["Vary"].split(",")}


def test_cookies(site: sites.Site, browser: Any) -> None:
    client = browser("editor")
    client.get("/")
    client.post("/sprache/", {"language": "en", "next": "/"})
    assert set(client.cookies) == {"lotse", "csrf", "lang"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["domain"]
        assert cookie["path"] == "/"


def test_with_https_cookies_are_bound_to_the_host(monkeypatch: Any) -> None:
    """The settings in a fresh process: names, Secure, HSTS."""
    import os
    import subprocess
    import sys

    code = (
        "import lotse.settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.HTTPS, s.ALLOWED_HOSTS, s.MESSAGE_COOKIE_NAME)"
    )
    environment = {**os.environ, "LOTSE_BASE_URL": "https://lotse.example"}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert found.split()[:4] == ["__Host-lotse", "__Host-csrf", "True", "True"]
    assert "'lotse.example'" in found
    assert "localhost" not in found


def test_hsts_with_https(client: Client, settings: Any) -> None:
    settings.HTTPS = True
    assert client.get("/").headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("host", ["boese.example", "localhost:8000@boese.example", "a b", "::1"])
def test_a_foreign_host_is_refused(client: Client, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


def test_a_forwarded_host_is_ignored(client: Client) -> None:
    html = client.get("/", headers={"x-forwarded-host": "boese.example"}).content.decode()
    assert "boese.example" not in html


@pytest.mark.parametrize(
    "target",
    ["//boese.example", "/\\boese.example", "https:boese.example", "https://boese.example/",
     "%2f%2fboese.example", "javascript:alert(1)", "/\r\nLocation: //boese", "boese.example", ""],
)  # fmt: skip
def test_the_language_switch_stays_on_the_host(client: Client, target: str) -> None:
    response = client.post("/sprache/", {"language": "en", "next": target})
    assert response.status_code == 302
    assert response.url.startswith("/")
    assert not response.url.startswith(("//", "/\\"))


def test_the_switch_keeps_the_page_and_its_query(client: Client) -> None:
    response = client.post("/sprache/", {"language": "en", "next": "/suche/?q=Ausbildung&x=1"})
    assert response.url == "/suche/?q=Ausbildung&x=1"
    assert 'lang="en"' in client.get("/").content.decode()
    client.post("/sprache/", {"language": "tlh", "next": "/"})
    assert 'lang="en"' in client.get("/").content.decode()


def test_the_surface_of_production(client: Client) -> None:
    assert not project.DEBUG
    for path in ("/ui/", "/admin/", "/__debug__/", "/.git/config", "/static/", "/var/",
                 "/api/docs", "/media/", "/lotse/settings.py"):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert client.generic("TRACE", "/").status_code == 405


def test_error_pages_say_what_to_do(client: Client) -> None:
    html = client.get("/gibt-es-nicht/").content.decode()
    assert "Diese Seite gibt es nicht" in html
    assert "Traceback" not in html


def test_an_inner_fault_is_a_plain_page(settings: Any, monkeypatch: Any) -> None:
    from lotse.surfaces.home import views

    def broken(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr(views.finding, "look", broken)
    client = Client(raise_request_exception=False)
    response = client.get("/suche/?q=x")
    assert response.status_code == 500
    assert "geheim" not in response.content.decode()
    assert "ist erhalten" in response.content.decode()
    assert response["X-Content-Type-Options"] == "nosniff"
