"""All settings. What differs from place to place comes from the environment, or from the file `.env`."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
REQUIRED = environ.Env.NOTSET
HOUR = 60 * 60
DAY = 24 * HOUR

env = environ.Env()
env.read_env(BASE_DIR / ".env")


def setting(name: str, remedy: str, *, default: Any = REQUIRED, read: Callable[..., Any] = env.str) -> Any:
    """A missing, empty or odd value stops the start and says what to do."""
    try:
        value = read(name, default=default)
        if value in ("", []):
            raise ValueError(f"{name} is empty")
    except (ImproperlyConfigured, ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"The setting {name} is missing or odd. {remedy}") from error
    return value


def contact(name: str, default: str) -> str | None:
    """An address to write to, or None."""
    found = env.str(name, default=default).strip()
    if found and not re.fullmatch(r"[^@\s]+@[^@\s]+", found):
        raise ValueError(f"{name} is no e-mail address")
    return found or None


def yes_or_no(name: str, default: str) -> bool:
    return {"true": True, "false": False}[env.str(name, default=default).lower()]


def factor(name: str, default: str) -> Decimal:
    """A number above 1, with two decimals at most."""
    text = env.str(name, default=default).strip()
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,2})?", text) or Decimal(text) <= 1:
        raise ValueError(f"{name} is no factor")
    return Decimal(text)


def way_of_working(name: str, default: str) -> str:
    """How long work gets done."""
    return {each: each for each in ("process", "timer")}[env.str(name, default=default).strip().lower()]


def shared_cache(name: str, default: str) -> dict[str, Any]:
    """One that all processes see, except on one's own machine: how often somebody tried is counted there."""
    found = env.cache_url(name, default=default)
    if not DEBUG and found["BACKEND"].endswith(("LocMemCache", "DummyCache")):
        raise ValueError(f"{name} is not shared")
    return found


def site_address(name: str, default: str) -> str:
    """Addresses that begin with a slash are put behind it. Of ".example.org" or "*" none can be made."""
    found = urlsplit(env.str(name, default=default).rstrip("/"))
    if found.scheme not in ("http", "https") or found.path or (found.hostname or "*")[0] in ".*":
        raise ValueError(f"{name} is no address of a site")
    return found.geturl()


def scanner(name: str, default: str) -> tuple[str, ...]:
    """Where clamd listens, on this machine: ("unix", path) or ("tcp", host, port); () where none does. What is
    uploaded goes there as it came, so it never leaves the machine."""
    text = env.str(name, default=default).strip()
    if not text:
        return ()
    found = urlsplit(text)
    if found.scheme == "unix" and found.path.startswith("/") and not found.netloc:
        return ("unix", found.path)
    if found.scheme == "tcp" and found.hostname in ("127.0.0.1", "::1", "localhost") and found.port:
        return ("tcp", found.hostname, str(found.port))
    raise ValueError(f"{name} is no socket of this machine")


def storage(name: str, default: str) -> dict[str, Any]:
    """A class that keeps files, and after a question mark its options: package.Class?bucket_name=rsp"""
    backend, _, options = env.str(name, default=default).partition("?")
    if not re.fullmatch(r"\w+(\.\w+)+", backend):
        raise ValueError(f"{name} is no class")
    return {"BACKEND": backend, "OPTIONS": dict(parse_qsl(options, strict_parsing=True) if options else ())}


def database(name: str, default: str) -> dict[str, Any]:
    found = env.db_url(name, default=default)
    options = DATABASE_OPTIONS[found["ENGINE"]]
    return {**found, **options, "OPTIONS": {**options["OPTIONS"], **found.get("OPTIONS", {})}}


DEBUG = setting("DEBUG", "Write true (on your own machine only) or false.", default="false", read=yes_or_no)
SECRET_KEY = setting("SECRET_KEY", "Give at least 50 random letters; `make .env` does so for development.")
ALLOWED_HOSTS = setting(
    "ALLOWED_HOSTS",
    "Name the hosts of the site, such as rsp.example.org, with commas between them.",
    default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else REQUIRED,
    read=env.list,
)
SITE_ADDRESS = setting(
    "SITE_ADDRESS",
    "Write the address that links in mails begin with, such as https://rsp.example.org.",
    default="http://127.0.0.1:8000" if DEBUG else f"https://{ALLOWED_HOSTS[0]}",
    read=site_address,
)
ROOT_URLCONF = "rsp_tracker.urls"
WSGI_APPLICATION = "rsp_tracker.wsgi.application"

INSTALLED_APPS = [
    "members",
    "workplan",
    "reporting",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tables2",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "members.afterwards.AfterwardsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "members.throttles.KnownDevicesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.sessions.SessionLimitsMiddleware",
    "members.sessions.SignInAgainMiddleware",
    "members.refused.RefusedFormMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "members.context_processors.signed_in",
                "reporting.context_processors.site",
                "reporting.context_processors.main_ways",
            ],
        },
    },
]

# Data. A writer on SQLite takes its lock at the start and waits its turn; else some find the file locked.
# The development server has a thread per request; a connection that is kept there is never used again.
# Without recursive_triggers a REPLACE on SQLite passes by the triggers that keep the history.
DATABASE_OPTIONS: dict[str, dict[str, Any]] = {
    "django.db.backends.sqlite3": {
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA recursive_triggers=ON;",
        },
    },
    "django.db.backends.postgresql": {
        "CONN_MAX_AGE": 0 if DEBUG else 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {},
    },
}
DATABASES = {
    "default": setting(
        "DATABASE_URL",
        "Write postgres://user:password@host:5432/name or sqlite:////path/of/the/file.",
        default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}",
        read=database,
    )
}
CACHES = {
    "default": setting(
        "CACHE_URL",
        "Several processes need dbcache://cache_table (and once: manage.py createcachetable).",
        default="locmemcache://" if DEBUG else REQUIRED,
        read=shared_cache,
    ),
    # Drawn pages are found by a key that changes with the data, so each process may keep its own.
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": DAY,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# Language and time.
LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "Asia/Hong_Kong"
USE_TZ = True
FORMAT_MODULE_PATH = ["rsp_tracker.formats"]

# Files that browsers fetch. Names with a hash need `collectstatic` first, which development goes without.
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": setting(
        "EVIDENCE_STORAGE",
        "Write the class that keeps uploaded files, such as storages.backends.s3.S3Storage?bucket_name=rsp.",
        default="django.core.files.storage.FileSystemStorage",
        read=storage,
    ),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Files that people upload. No address leads to them: they are read through the check of rights alone.
MEDIA_ROOT = setting(
    "EVIDENCE_FOLDER",
    "Write the folder in which uploaded files are kept, such as /srv/kept/evidence.",
    default=str(BASE_DIR / "media"),
)
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
CLAMD = setting(
    "CLAMD",
    "Write where clamd listens on this machine, such as unix:/run/clamav/clamd.ctl, or leave it out.",
    default="",
    read=scanner,
)

# People.
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["members.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "members.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "members.forms.SignInForm",
    "reauthenticate": "members.forms.AgainForm",
    "reset_password": "members.forms.ForgottenForm",
    "reset_password_from_key": "members.forms.NewPasswordForm",
    "change_password": "members.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
# A wrong password counts for the network address, and for the account by browser (members/throttles.py). A mail with a
# link to a new password counts for the account; nobody is told when it has had enough of them.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip",
    "reset_mail": "3/h/key",
    "invitation": "20/m/ip",
    "feed": "60/m/ip",
}
# Sessions end four hours after the last click, and twelve hours after signing in: a meeting and a lunch are no reason
# to sign in again, and nobody stays signed in over night.
SESSION_IDLE = 4 * HOUR
SESSION_LONGEST = SESSION_COOKIE_AGE = 12 * HOUR

# The second factor.
MFA_ADAPTER = "members.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "members.forms.CodeForm",
    "reauthenticate": "members.forms.CodeAgainForm",
    "activate_totp": "members.forms.AppForm",
    "add_webauthn": "members.forms.PasskeyForm",
    "edit_webauthn": "members.forms.RenamePasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
# Clocks of telephones go wrong, and people type slowly: the code of the half minute before and after is right, too.
# A code works once all the same (members/forms.py).
MFA_TOTP_TOLERANCE = 1
MFA_REQUIRED = setting(
    "MFA_REQUIRED",
    "Write true where administrators of the secretariat need a second factor, as on every real site, or false.",
    default="false" if DEBUG else "true",
    read=yes_or_no,
)

# Mail.
EMAIL = setting(
    "EMAIL_URL",
    "Write smtp+tls://user:password@host:587.",
    default="consolemail://" if DEBUG else REQUIRED,
    read=env.email_url,
)
vars().update(EMAIL)
if EMAIL["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "members.smtp.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = setting(
    "FROM_EMAIL",
    "Write the address that the site's mail comes from.",
    default="rsp@localhost" if DEBUG else REQUIRED,
)
SECRETARIAT_EMAIL = setting(
    "SECRETARIAT_EMAIL",
    "Write the address at which people reach the secretariat, such as apvc@example.org, or leave it out.",
    default="",
    read=contact,
)

# A figure that is more than so many times what was said before, or less than that part of it, is asked about.
JUMP_FACTOR = setting(
    "JUMP_FACTOR",
    "Write a number above 1, such as 2 or 1.5: a figure that jumps by more than this is asked about.",
    default="2",
    read=factor,
)

# Long work, such as the pack of a release.
JOBS = setting(
    "JOBS",
    "Write process (the site starts a process of its own for long work) or timer (a timer runs do_jobs).",
    default="process",
    read=way_of_working,
)

# Safety.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEBUG
CSRF_FAILURE_VIEW = "reporting.views.errors.forged"
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * DAY
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
# Whether the whole domain joins the browsers' preload list is for its owner to say.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
BEHIND_PROXY = setting(
    "BEHIND_PROXY",
    "Write true where a proxy sets X-Forwarded-Proto and X-Forwarded-For.",
    default="false",
    read=yes_or_no,
)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Of the addresses in X-Forwarded-For only the last is the proxy's own word.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
