"""``ordinary_role``: what the site's own role may do in a PostgreSQL database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from members.guards import ENTRIES, GUARDED, LINKS, schema

GRANTS = """
GRANT CONNECT ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA {schema} TO {role};
REVOKE CREATE ON SCHEMA {schema} FROM {role};
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role};
REVOKE ALL ON {schema}.{entries}, {schema}.{links} FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
REVOKE ALL ON {schema}.{entries}, {schema}.{links} FROM {role};
GRANT SELECT, INSERT ON {schema}.{entries} TO {role};
GRANT SELECT ON {schema}.{links} TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role};
"""
"""The history is read and added to; its links are written by a function that belongs to the owner of the tables. Tables
that later migrations make are covered."""
OVER_THE_TABLES = """
SELECT rolsuper, EXISTS (
  SELECT FROM pg_class AS t WHERE t.relname = ANY(%s) AND t.relnamespace = current_schema()::regnamespace
  AND pg_has_role(r.oid, t.relowner, 'MEMBER')
) FROM pg_roles AS r WHERE rolname = %s
"""


class Command(BaseCommand):
    help = "Gives an existing role of PostgreSQL what the site needs, and nothing that could change the history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the role that the site connects as")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles: whoever may write an SQLite file may write all of it.")
        with connection.cursor() as cursor:
            check(cursor, name)
            database, role = (connection.ops.quote_name(each) for each in (connection.settings_dict["NAME"], name))
            names = {"schema": schema(cursor), "entries": ENTRIES, "links": LINKS}
            cursor.execute(GRANTS.format(database=database, role=role, **names))
        self.stdout.write(
            f"The role {name} can read and write what the site needs; the history it can only read and add to."
        )


def check(cursor: Any, name: str) -> None:
    cursor.execute(OVER_THE_TABLES, [list(GUARDED), name])
    found = cursor.fetchone()
    if found is None:
        raise CommandError(f"There is no role {name}. Make it first: CREATE ROLE {name} LOGIN PASSWORD '…'.")
    superuser, owner = found
    if superuser or owner:
        what = "is a superuser" if superuser else "owns the tables of the history"
        raise CommandError(f"The role {name} {what}, so nothing can be kept from it. Name another one.")
