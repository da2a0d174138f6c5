"""A process of our own on the test's database, which may be killed at any moment, on both kinds of databases."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).parents[2]
DEADLY = """
import os, signal
from importlib import import_module

def deadly(where, name, when):
    module = import_module(where)
    found = getattr(module, name)

    def dying(*args, **kwargs):
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, dying)
"""
"""For the code of a process: it is killed where a function is called, before that is done or after."""


def ran(code: str, *words: str, database: str) -> subprocess.CompletedProcess[str]:
    """What came of a process that did the code with these words, after DEADLY."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "rsp_tracker.settings", "DEBUG": "true", "DATABASE_URL": database}
    told = [sys.executable, "-W", "ignore", "-c", f"import django\ndjango.setup()\n{DEADLY}{code}", *words]
    env["JOBS"] = "timer"
    return subprocess.run(told, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def where_it_stands(folder: Path) -> str:
    """The address of the test's database for another process: what stands in memory is written out first."""
    if connection.vendor == "postgresql":
        at = connection.settings_dict
        host = f"{at['HOST']}:{at['PORT']}" if at["PORT"] else at["HOST"]
        name = f"{at['USER']}:{at['PASSWORD']}" if at["PASSWORD"] else at["USER"]
        return f"postgres://{name}@{host}/{at['NAME']}"
    with closing(sqlite3.connect(folder / "site.sqlite3")) as file:
        connection.connection.backup(file)
    return f"sqlite:///{folder / 'site.sqlite3'}"


def row(folder: Path, query: str) -> list[Any]:
    """The first row that stands there now."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchone() or ())
    with closing(sqlite3.connect(folder / "site.sqlite3")) as file:
        return list(file.execute(query).fetchone() or ())
