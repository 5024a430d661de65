"""`.venv/bin/python -m tests.surfaces.openapi` writes the reviewed description of the API anew."""

import json
import os
from pathlib import Path


def main() -> None:
    """Writes `openapi.json` beside this file."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from lotse.surfaces.api.mount import api

    text = json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True)
    (Path(__file__).parent / "openapi.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
