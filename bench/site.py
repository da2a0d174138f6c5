"""A database of its own for each amount of data, dropped at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import caches
from django.db import connection

from .data import Site, Size, build


@contextmanager
def database(size: Size) -> Iterator[Site]:
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        site = build(size)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as a site's database does by itself after a while
        caches["pages"].clear()
        yield site
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
