"""What the database itself does for the history: nothing in it is changed or removed, whatever writes; and on
PostgreSQL each entry is linked at the end of its transaction (docs/adr/0020)."""

from collections.abc import Iterable
from typing import Any

from django.db import connections

COMMIT_LOCK = 20_261_121
"""What all that is done at the end of a transaction waits for on PostgreSQL: whoever takes it holds no lock that
another such needs, so no two wait for each other."""
GUARDED = ENTRIES, LINKS = ("members_auditentry", "members_auditlink")
SENTENCE = "The history is only ever added to."
POSTGRESQL = """
CREATE OR REPLACE FUNCTION {schema}.members_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '{sentence}' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION {schema}.members_link() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  last_number bigint;
  last_digest text;
BEGIN
  PERFORM pg_advisory_xact_lock({lock});
  SELECT number, digest INTO last_number, last_digest FROM {schema}.{links} ORDER BY number DESC LIMIT 1;
  INSERT INTO {schema}.{links} (number, entry_id, digest) VALUES (
    coalesce(last_number, 0) + 1, NEW.id,
    encode(sha256(convert_to(coalesce(last_digest, '') || NEW.fingerprint, 'UTF8')), 'hex')
  );
  RETURN NULL;
END $$;

-- Else anybody could put it on a table of their own, and so write links.
REVOKE ALL ON FUNCTION {schema}.members_link() FROM PUBLIC;

DROP TRIGGER IF EXISTS history_link ON {schema}.{entries};
CREATE CONSTRAINT TRIGGER history_link AFTER INSERT ON {schema}.{entries}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.members_link();
"""
POSTGRESQL_GUARD = """
DROP TRIGGER IF EXISTS history_kept ON {schema}.{table};
CREATE TRIGGER history_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{table}
FOR EACH STATEMENT EXECUTE FUNCTION {schema}.members_refuse();
"""
SQLITE_GUARD = """
CREATE TRIGGER IF NOT EXISTS "history_kept_{table}_{event}" BEFORE {event} ON "{table}" BEGIN
  SELECT RAISE(ABORT, '{sentence}');
END
"""


def install_guards(using: str = "default", **_: Any) -> None:
    """Puts the triggers there; called after every migrate, as SQLite loses them with each change of a table."""
    database = connections[using]
    if not set(GUARDED) <= set(database.introspection.table_names()):
        return
    with database.cursor() as cursor:
        for statement in guards(database.vendor, schema(cursor) if database.vendor == "postgresql" else ""):
            cursor.execute(statement)


def schema(cursor: Any) -> str:
    cursor.execute("SELECT quote_ident(current_schema())")
    return str(cursor.fetchone()[0])


def guards(vendor: str, schema: str) -> Iterable[str]:
    if vendor == "postgresql":
        yield POSTGRESQL.format(schema=schema, entries=ENTRIES, links=LINKS, lock=COMMIT_LOCK, sentence=SENTENCE)
        yield from (POSTGRESQL_GUARD.format(schema=schema, table=table) for table in GUARDED)
    else:
        for table in GUARDED:
            for event in ("UPDATE", "DELETE"):
                yield SQLITE_GUARD.format(table=table, event=event, sentence=SENTENCE)
