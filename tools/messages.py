"""Catalogues without gettext installed: `update` collects texts, `check` finds gaps, `compile`.

German is the language of the source; `lotse/locale/en` holds the English. Babel reads and writes
the catalogues, Django's own `templatize` turns templates into what Babel can read.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lotse"
LOCALES = SOURCE / "locale"
KEYWORDS = ["gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy",
            "_", "gettext_noop"]  # fmt: skip
PLURAL_FORMS = "nplurals=2; plural=(n != 1)"


def catalogue_file(lang: str) -> Path:
    return LOCALES / lang / "LC_MESSAGES" / "django.po"


def _prepare_django() -> None:
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False, INSTALLED_APPS=[])
        django.setup()


def sources() -> Iterator[tuple[Path, bytes]]:
    """All source files as Python that Babel can read."""
    from django.utils.translation.template import templatize

    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, path.read_bytes()
    for path in sorted(SOURCE.rglob("*.html")):
        yield path, templatize(path.read_text(encoding="utf-8"), origin=str(path)).encode()


def extract() -> Catalog:
    """All texts of the source with the places they stand in."""
    _prepare_django()
    catalogue = Catalog(fuzzy=False)
    for path, source in sources():
        found = extract_python(
            io.BytesIO(source), KEYWORDS, ["Translators:"], {"encoding": "utf-8"}
        )
        for _line, function, message, comments in found:
            if not message or (isinstance(message, tuple) and not message[0]):
                continue
            key, context = message, None
            if isinstance(message, tuple):
                texts = tuple(part for part in message if isinstance(part, str))
                key = texts[:2] if function.startswith("ngettext") else texts[0]
                if function.startswith("pgettext"):
                    context, key = texts[:2]
            place = str(path.relative_to(ROOT))
            catalogue.add(key, locations=[(place, 0)], auto_comments=comments, context=context)
    return catalogue


def load(lang: str) -> Catalog:
    file = catalogue_file(lang)
    if not file.exists():
        return Catalog(locale=lang, fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale=lang)


def update(lang: str = "en") -> None:
    """Brings the catalogue to the texts of the source; what is gone is dropped."""
    catalogue = load(lang)
    catalogue.update(extract(), no_fuzzy_matching=True, keep_user_comments=True)
    catalogue.obsolete.clear()
    file = catalogue_file(lang)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, catalogue, width=100, sort_output=True, omit_header=False, no_location=True)


def gaps(lang: str = "en") -> list[str]:
    """Texts without translation, translations of texts that are gone, wrong placeholders."""
    wanted, catalogue = extract(), load(lang)
    faults = []
    known = {(message.context, message.id): message for message in catalogue if message.id}
    for message in wanted:
        if not message.id:
            continue
        found = known.pop((message.context, message.id), None)
        texts = found.string if found else ""
        if not texts or (isinstance(texts, tuple) and not all(texts)):
            faults.append(f"no translation ({lang}): {message.id!r}")
        elif found:
            faults += [f"{error}: {message.id!r}" for error in found.check(catalogue)]
    faults += [f"no longer in the source ({lang}): {key[1]!r}" for key in known]
    return faults


def compile_all() -> None:
    """Writes the compiled catalogues that Django reads."""
    for file in sorted(LOCALES.rglob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source, locale=file.parent.parent.name)
        with file.with_suffix(".mo").open("wb") as out:
            write_mo(out, catalogue)


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        update()
    elif arguments == ["compile"]:
        compile_all()
    elif arguments == ["check"]:
        faults = gaps()
        print("\n".join(faults) or "translations complete")
        return 1 if faults else 0
    else:
        print("usage: messages.py update | check | compile")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
