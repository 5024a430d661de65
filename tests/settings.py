"""Settings of the tests: the product's own, with a folder of its own and without real mail."""

import os
import tempfile

os.environ.setdefault("LOTSE_DATA_DIR", tempfile.mkdtemp(prefix="lotse-test-"))
os.environ.setdefault("LOTSE_BASE_URL", "http://localhost:8000")
os.environ.pop("LOTSE_DATABASE_URL", None)

from lotse import environment
from lotse.settings import *  # noqa: F403

_url = os.environ.get("LOTSE_TEST_DATABASE_URL", "")
DATABASES = {"default": environment.database(_url or "sqlite:///:memory:", DATA_DIR)}
if not _url:
    # A memory database knows no WAL; all else stays as in production.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA foreign_keys=ON;"
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # Nobody pulls the plug on a test, so nothing waits for the disk.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend",
        "QUEUES": ["default", "mail"],
    }
}
DEBUG_PAGES = True
