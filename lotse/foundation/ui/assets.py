"""Style sheets and fonts from packages: a short list of files, nothing else is served."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

_FACES = "@kern-ux/native/dist/fonts/fira-sans"
FILES = {
    "kern/kern.min.css": "@kern-ux/native/dist/kern.min.css",
    **{
        f"kern/fonts/FiraSans-{face}.woff2": f"{_FACES}/FiraSans-{face}.woff2"
        for face in ("Regular", "Italic", "Medium", "SemiBold", "Bold")
    },
}


class PackageStorage(FileSystemStorage):
    """Knows the listed names only."""

    def path(self, name: str) -> str:
        return str(Path(settings.PACKAGES) / FILES[name])


class PackageFinder(BaseFinder):
    """Finds the files of `FILES` under their public names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = PackageStorage(location=settings.PACKAGES)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        file = self.storage.path(path) if path in FILES else ""
        found = [file] if file and Path(file).exists() else []
        return found if find_all else (found[0] if found else None)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, PackageStorage]]:
        return ((name, self.storage) for name in FILES)

    def check(self, **kwargs: Any) -> "list[CheckMessage]":  # type: ignore[valid-type]  # `list` is a method here
        missing = [name for name in FILES if not Path(self.storage.path(name)).exists()]
        if not missing:
            return []
        return [
            Error(
                f"files of the interface are missing: {', '.join(missing)}",
                hint="make install",
                id="lotse.E001",
            )
        ]
