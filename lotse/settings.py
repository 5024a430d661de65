"""Settings of one installation; what differs between installations comes from the environment.

`docs/betrieb` lists the variables. Every value here is safe for production; `LOTSE_DEBUG` is for
developers only.
"""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from lotse import environment

DATA_DIR = environment.data_dir()
PORT = environment.number("PORT", 8000)
BASE_URL = environment.text("LOTSE_BASE_URL", f"http://localhost:{PORT}").rstrip("/")
DEBUG = environment.flag("LOTSE_DEBUG")
SECRET_KEY = environment.secret_key(DATA_DIR)
SECRET_KEY_FALLBACKS = environment.secret_key_fallbacks()
HTTPS = BASE_URL.startswith("https://")

_hostname = urlsplit(BASE_URL).hostname or "localhost"
ALLOWED_HOSTS = list(
    dict.fromkeys(
        [_hostname, *environment.listed("LOTSE_HOSTS")]
        + ([] if HTTPS else ["localhost", "127.0.0.1", "[::1]"])
    )
)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []

INSTALLED_APPS = [
    "lotse.surfaces.desk",
    "lotse.surfaces.home",
    "lotse.surfaces.today",
    "lotse.surfaces.api",
    "lotse.rooms.directory",
    "lotse.rooms.checks",
    "lotse.rooms.bodies",
    "lotse.foundation.measures",
    "lotse.foundation.matters",
    "lotse.foundation.procedures",
    "lotse.foundation.documents",
    "lotse.foundation.parties",
    "lotse.foundation.topics",
    "lotse.foundation.accounts",
    "lotse.foundation.ui",
    "lotse.foundation.core",
    "django.forms",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "lotse.foundation.core.logs.RequestId",
    "lotse.foundation.core.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "lotse.foundation.accounts.middleware.CurrentAccount",
    "django.contrib.messages.middleware.MessageMiddleware",
    "lotse.foundation.accounts.middleware.CurrentActor",
    "lotse.foundation.parties.middleware.CurrentNetwork",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lotse.foundation.accounts.middleware.SecondFactor",
    "lotse.foundation.parties.support_view.SupportView",
    "lotse.foundation.ui.middleware.Refusals",
]

ROOT_URLCONF = "lotse.urls"
WSGI_APPLICATION = "lotse.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "lotse.foundation.ui.context.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "lotse.foundation.ui.templatetags.ui",
            ],
        },
    },
]
# The tables for the operator, read only. Django's administration brings no table of its own here.
ADMIN = environment.flag("LOTSE_ADMIN")
if ADMIN:
    INSTALLED_APPS += ["lotse.surfaces.tables", "lotse.surfaces.tables.django_admin.ReadOnlyAdmin"]
    MIGRATION_MODULES = {"admin": None}
    TEMPLATES[0]["OPTIONS"]["context_processors"].append(
        "django.contrib.auth.context_processors.auth"
    )
FORM_RENDERER = "lotse.foundation.ui.forms.Renderer"

DATABASES = {
    "default": environment.database(environment.text("LOTSE_DATABASE_URL"), DATA_DIR),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Account"
PASSWORD_HASHERS = ["lotse.foundation.accounts.hashers.Argon2id"]
AUTHENTICATION_BACKENDS = ["lotse.foundation.accounts.backend.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/heute/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = False  # ours hold in the database (T12)
ACCOUNT_ADAPTER = "lotse.foundation.accounts.adapter.Adapter"
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
MFA_ADAPTER = "lotse.foundation.accounts.factors.Adapter"
MFA_FORMS = {
    "authenticate": "lotse.foundation.accounts.forms.factors.Authenticate",
    "reauthenticate": "lotse.foundation.accounts.forms.factors.Reauthenticate",
    "activate_totp": "lotse.foundation.accounts.forms.factors.ActivateTOTP",
}
MFA_RATE_LIMITS = False
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
AUTH_PASSWORD_VALIDATORS = [{"NAME": "lotse.foundation.accounts.passwords.Validator"}]
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# Cookies: names with __Host- demand https, so http on localhost uses plain ones (T30).
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_prefix}lotse"
SESSION_ENGINE = "lotse.foundation.accounts.sessions"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_IDLE = 2 * 3600
SESSION_IDLE_STRICT = 30 * 60
SESSION_MOST = 12 * 3600
DEVICE_COOKIE_NAME = f"{_prefix}device"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lotse.surfaces.home.errors.csrf_failure"
LANGUAGE_COOKIE_NAME = f"{_prefix}lang"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
MESSAGE_COOKIE_NAME = f"{_prefix}messages"
MESSAGE_STORAGE = "lotse.foundation.core.messages.Storage"

SECURE_SSL_REDIRECT = False  # the reverse proxy does it; see deploy/
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = False  # SecurityHeaders sets all headers in one place

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
MEDIA_ROOT = DATA_DIR / "files"
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
UPLOAD_MAX_TOTAL = 100 * 1024 * 1024  # of all files of one assessment

LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("Deutsch")), ("en", _("Englisch"))]
LOCALE_PATHS = [environment.ROOT / "lotse" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
FORMAT_MODULE_PATH = ["lotse.foundation.ui.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = [
    "lotse.foundation.ui.assets.PackageFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600

TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]},
}

MAIL_FROM = environment.text("LOTSE_MAIL_FROM", f"lotse@{_hostname}")
DEFAULT_FROM_EMAIL = MAIL_FROM
SERVER_EMAIL = MAIL_FROM
if _smtp := environment.smtp(environment.text("LOTSE_SMTP_URL")):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_TIMEOUT = 10
    globals().update(_smtp)
else:
    EMAIL_BACKEND = "lotse.foundation.core.mail.FolderBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

# Where delivery reports arrive; the address of a mailbox holds a password, so best `_FILE`.
BOUNCE_MAILDIR = environment.text("LOTSE_BOUNCE_MAILDIR")
BOUNCE_IMAP_URL = environment.text("LOTSE_BOUNCE_IMAP_URL")

# Where no mail can leave, an open installation does not offer to send any.
CAN_MAIL = bool(_smtp) or not HTTPS

# Limits (rulings: by address only for failures and anonymous creation).
PROXIES = environment.number("LOTSE_PROXIES", 0)
LIMITS = {
    "accounts.password.account": (5, 900),
    "accounts.password.address": (environment.number("LOTSE_LIMIT_SIGNIN_FAILED", 20), 600),
    "accounts.factor": (5, 900),
    "accounts.factor.once": (1, 180),
    "accounts.passkey": (environment.number("LOTSE_LIMIT_PASSKEY", 60), 600),
    "accounts.code": (environment.number("LOTSE_LIMIT_CODES", 3), 3600),
    "accounts.code.inbox": (environment.number("LOTSE_LIMIT_CODES_INBOX", 12), 3600),
    "accounts.code.address": (environment.number("LOTSE_LIMIT_CODES_ADDRESS", 100), 3600),
    "accounts.register": (environment.number("LOTSE_LIMIT_REGISTER", 5), 3600),
    "accounts.blocked.mail": (1, 3600),
    "checks.start": (environment.number("LOTSE_LIMIT_START", 1200), 3600),
    "checks.link.failed": (environment.number("LOTSE_LIMIT_LINK_FAILED", 30), 600),
    "checks.link.mailed": (environment.number("LOTSE_LIMIT_LINK_MAILED", 6), 3600),
    "documents.upload": (environment.number("LOTSE_LIMIT_UPLOAD", 60), 3600),
    "parties.invitation.failed": (environment.number("LOTSE_LIMIT_INVITATION_FAILED", 30), 600),
    "parties.report": (environment.number("LOTSE_LIMIT_REPORT", 10), 3600),
    "privacy.export": (environment.number("LOTSE_LIMIT_EXPORT", 5), 3600),
    "parties.detail": (environment.number("LOTSE_LIMIT_DETAIL", 120), 60),
    "directory.entry": (environment.number("LOTSE_LIMIT_ENTRY", 180), 60),
    "directory.find": (environment.number("LOTSE_LIMIT_FIND", 180), 60),
    "directory.suggest": (environment.number("LOTSE_LIMIT_SUGGEST", 240), 60),
    "directory.message": (environment.number("LOTSE_LIMIT_MESSAGE", 10), 3600),
    "directory.message.to": (environment.number("LOTSE_LIMIT_MESSAGE_TO", 20), 24 * 3600),
    "directory.join": (environment.number("LOTSE_LIMIT_JOIN", 5), 3600),
    "directory.letter.failed": (environment.number("LOTSE_LIMIT_LETTER_FAILED", 30), 600),
    "bodies.stand_in": (12, 3600),
    "bodies.objection.failed": (environment.number("LOTSE_LIMIT_LETTER_FAILED", 30), 600),
    "api": (environment.number("LOTSE_LIMIT_API", 600), 60),
    "api.failed": (environment.number("LOTSE_LIMIT_API_FAILED", 100), 600),
}
REPORT_RETENTION_DAYS = 365
LOG_RETENTION_YEARS = environment.number("LOTSE_LOG_YEARS", 3)
SECURITY_LOG_DAYS = environment.number("LOTSE_SECURITY_LOG_DAYS", 90)
MAIL_RETENTION_DAYS = 90
CONSENT_PROOF_YEARS = 3
INVITATION_DAYS = 14
DEMO_PASSWORD = environment.text("LOTSE_DEMO_PASSWORD")
GUEST_RETENTION_MONTHS = 24

LOG_FORMAT = environment.chosen("LOTSE_LOG_FORMAT", ("line", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "lotse.foundation.core.logs.Redact"}},
    "formatters": {
        "line": {"()": "lotse.foundation.core.logs.Line"},
        "json": {"()": "lotse.foundation.core.logs.JsonLine"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "filters": ["redact"],
            "formatter": LOG_FORMAT,
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "lotse": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "WARNING"},
    },
}

# Papers: Typst reads templates below the package and the faces of the interface as TTF.
PACKAGES = environment.packages_dir()
PAPER_ROOT = environment.ROOT / "lotse"
PAPER_FONTS = [
    PACKAGES / "@expo-google-fonts" / "fira-sans" / face
    for face in ("400Regular", "400Regular_Italic", "600SemiBold", "700Bold")
]
CONTENT_DIR = environment.content_dir()
# The dictionary of the search, written by `lotse buildwords`; else it comes to the data folder.
WORDS_DIR = Path(sys.prefix) / "share" / "lotse"
