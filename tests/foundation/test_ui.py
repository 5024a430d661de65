"""Components check their attributes; every template of the product is drawn somewhere."""

from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import override_settings
from django.urls import clear_url_caches

from lotse.foundation.ui import assets
from lotse.foundation.ui.views import GalleryForm

ROOT = Path(__file__).resolve().parents[2] / "lotse"


def draw(source: str, **values: Any) -> str:
    return Template(source).render(Context(values))


@pytest.mark.parametrize(
    "source",
    [
        '{% need "x" kind="rot" %}',
        '{% button "x" kind="gross" %}',
        '{% button "x" colour="red" %}',
        '{% link_button "x" href="/" kind="y" %}',
        '{% alert "x" kind="y" %}',
        '{% mark "y" %}',
        "{% field value %}",
    ],
)
def test_a_wrong_attribute_is_a_fault(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        draw(source, value="kein Feld")


def test_words_are_escaped() -> None:
    assert "<b>" not in draw('{% need value kind="some" %}', value="<b>")
    assert "<b>" not in draw("{% button value %}", value="<b>")


def test_status_is_word_and_shape() -> None:
    html = draw('{% need "Dringend" kind="urgent" %}')
    assert "<svg" in html
    assert "Dringend" in html
    assert 'aria-hidden="true"' in html


def test_a_field_ties_hint_and_error_to_its_input() -> None:
    form = GalleryForm({"line": ""})
    html = draw("{% errors form %}{% field form.line %}", form=form)
    assert 'aria-describedby="id_line_helptext id_line_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_line_error"' in html
    assert 'href="#id_line"' in html
    assert "Optional" in draw("{% field form.text %}", form=form)


def test_only_listed_files_of_packages_are_served() -> None:
    finder = assets.PackageFinder()
    assert finder.find("kern/kern.min.css")
    assert finder.find("kern/../package.json") is None
    assert finder.find("package.json", find_all=True) == []
    assert finder.check() == []


def test_missing_packages_are_said(settings: Any, tmp_path: Path) -> None:
    settings.PACKAGES = tmp_path
    fault = assets.PackageFinder().check()[0]
    assert fault.hint == "make install"


def test_own_style_stays_small_and_in_layers() -> None:
    css = (ROOT / "foundation/ui/static/lotse/app.css").read_text(encoding="utf-8")
    assert len(css.splitlines()) <= 900
    assert css.index("@layer kern, shell, page;") < css.index("@import")
    body = css.split("@layer shell {", 1)[1]
    assert "#" not in "".join(line for line in body.splitlines() if "color" in line)
    assert "http" not in css


@pytest.mark.django_db
def test_the_gallery_shows_all_components_in_debug_only(client: Any) -> None:
    import importlib

    from lotse import urls

    assert client.get("/ui/").status_code == 404
    with override_settings(DEBUG=True):
        importlib.reload(urls)
        clear_url_caches()
        html = client.get("/ui/").content.decode()
    importlib.reload(urls)
    clear_url_caches()
    assert "kern-alert--danger" in html
    assert 'aria-invalid="true"' in html


def test_every_template_is_used() -> None:
    """A template that no view, template or component names is left over."""
    sources = [p.read_text(encoding="utf-8") for p in ROOT.rglob("*.py")]
    sources += [p.read_text(encoding="utf-8") for p in ROOT.rglob("*.html")]
    unused = []
    for path in ROOT.rglob("templates/**/*.html"):
        name = path.relative_to(next(p for p in path.parents if p.name == "templates")).as_posix()
        if not any(f'"{name}"' in source for source in sources):
            unused.append(name)
    assert unused == []
