"""A database of its own for each amount of data, dropped at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import caches
from django.core.management import call_command
from django.db import connection

from .data import FIXTURES, Site, Size, build

COPY = "data"


@contextmanager
def plan_database() -> Iterator[None]:
    """A database with the plan and nothing else, which the others begin as copies of."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        call_command("loaddata", *FIXTURES, verbosity=0)
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def database(size: Size) -> Iterator[Site]:
    """A copy with so much data."""
    creation, settings = connection.creation, connection.settings_dict
    empty = settings["NAME"]
    connection.close()
    creation.clone_test_db(COPY, verbosity=0, autoclobber=True)
    settings["NAME"] = creation.get_test_db_clone_settings(COPY)["NAME"]
    try:
        site = build(size)
        with connection.cursor() as cursor:  # as a site's database does by itself after a while
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        caches["pages"].clear()
        yield site
    finally:
        connection.close()
        settings["NAME"] = empty
        creation.destroy_test_db(suffix=COPY, verbosity=0)
