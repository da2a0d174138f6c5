"""The settings of a real site, over plain HTTP and with files of its own; DATABASE_URL chooses the kind of database."""

import os
from pathlib import Path

FOLDER = Path(os.environ["BENCH_FOLDER"])  # made and removed by __main__

os.environ |= {
    "DEBUG": "false",
    "SECRET_KEY": "only-for-measuring-" + "x" * 50,
    "ALLOWED_HOSTS": "testserver",
    "FROM_EMAIL": "rsp@example.org",
    "EMAIL_URL": "dummymail://",
    "CACHE_URL": f"filecache://{FOLDER}/cache",
    "MFA_REQUIRED": "false",
}

from rsp_tracker.settings import *  # noqa: E402, F403
from rsp_tracker.settings import DATABASES, TEMPLATES  # noqa: E402

SECURE_SSL_REDIRECT = False
ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]
STATIC_ROOT = FOLDER / "static"
# Made before a measurement and dropped after it, so that no data of the site is ever touched.
SQLITE = "sqlite" in DATABASES["default"]["ENGINE"]
DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "bench.sqlite3") if SQLITE else f"rsp_bench_{os.getpid()}"}
if "BENCH_DATABASE" in os.environ:  # a command in a process of its own looks at the data made already
    DATABASES["default"]["NAME"] = os.environ["BENCH_DATABASE"]
LOGGING = {"version": 1, "disable_existing_loggers": True}
JOBS = "timer"
