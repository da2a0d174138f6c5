"""A token that changes with every change of what figures depend on, so that pages can be kept until then; and another
that changes with the frame alone: the plan, the organisations and the rounds. What is asked, and of whom, depends on no
answer, and is kept longer.

The database itself changes it, by a trigger on every table of the three apps: whatever writes, and in whichever way, no
page stays behind (docs/adr/0006). Random and not counted, so that a token never comes back after a rollback.
"""

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Model

from members.guards import COMMIT_LOCK

APPS = ("members", "workplan", "reporting")
UNRELATED = {
    "members_auditentry",
    "members_auditlink",
    "members_heldfile",
    "members_invitation",
    "members_outgoingmail",
    "members_user",
    "reporting_answercomment",
    "reporting_answerwriter",
    "reporting_confirmation",
    "reporting_feed",
    "reporting_job",
    "reporting_evidencefile",
    "reporting_original",
    "reporting_receipt",
    "reporting_releasefile",
    "reporting_reminder",
    "reporting_revision",
    "reporting_workbookupload",
    "workplan_amendment",
    "workplan_change",
}
"""Tables that no figure depends on. An amendment is published as wordings and readings. Who a person is and may be is
read on every request."""

OF_DATA, OF_FRAME = 1, 2
"""The row of each token."""
FRAME = ("members_attribute", "members_membership", "members_organisation", "reporting_round", "workplan_")
"""How the tables of the frame begin."""

# What shows an answer stands on the kept page of its KPI; that of a record is read on every request.
UNSENT = "{row}.state IN ('draft', 'awaiting_approval')"
"""Drafts save themselves, count nowhere and are read on every request, so the pages of everybody outlast them."""

SQLITE = """
CREATE TRIGGER "revise_{table}_{event}" AFTER {event} ON "{table}" {when} BEGIN
  INSERT INTO reporting_revision (id, token, change) VALUES {rows}
  ON CONFLICT (id) DO UPDATE SET token = excluded.token;
END
"""
SQLITE_ROW = "({row}, lower(hex(randomblob(16))), 0)"

# Deferred: the rows that all writers change are locked at the very end of each transaction, so nobody waits for
# somebody's open transaction and none wait for each other. Once per transaction is enough: that it was done stands in
# a setting that ends with the transaction or its savepoint, so of fifty thousand rows all but the first cost little.
# The history is linked at the same time, so both begin with the same lock.
POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION reporting_revise() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE done text := txid_current() || ' ' || array_to_string(TG_ARGV, ' ');
BEGIN
  IF current_setting('reporting.revised', true) = done THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock({COMMIT_LOCK});
  INSERT INTO reporting_revision (id, token, change)
  SELECT row::int, md5(random()::text || clock_timestamp()), txid_current() FROM unnest(TG_ARGV) AS row
  ON CONFLICT (id) DO UPDATE SET token = excluded.token, change = excluded.change
  WHERE reporting_revision.change <> excluded.change;
  PERFORM set_config('reporting.revised', done, true);
  RETURN NULL;
END $$
"""  # noqa: S608 -- a number of ours
POSTGRESQL = """
CREATE CONSTRAINT TRIGGER "revise_{table}_{event}" AFTER {event} ON "{table}"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when} EXECUTE FUNCTION reporting_revise({rows})
"""
EVENTS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
"""An event, and the rows that a trigger sees of it."""


def watched_tables() -> list[str]:
    """Every table of the apps, those behind many-to-many fields included, but the unrelated ones."""
    models: list[type[Model]] = [
        model for label in APPS for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    return sorted({model._meta.db_table for model in models} - UNRELATED)


def install_triggers(using: str = "default", **_: Any) -> None:
    """Puts the triggers on every watched table; called after every migrate, as SQLite loses them with each change of a
    table."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION)
            for table in existing.intersection(watched_tables()):
                # As they were called when one trigger was for all three events.
                cursor.execute(f'DROP TRIGGER IF EXISTS "revise_{table}" ON "{table}"')
        for table in existing.intersection(watched_tables()):
            for drop, create in statements(connection.vendor, table):
                cursor.execute(drop)
                cursor.execute(create)


def statements(vendor: str, table: str) -> list[tuple[str, str]]:
    """For each event: how its trigger is dropped, and how it is made."""
    postgresql = vendor == "postgresql"
    template, of_table = (POSTGRESQL, f' ON "{table}"') if postgresql else (SQLITE, "")
    changed = (OF_DATA, OF_FRAME) if table.startswith(FRAME) else (OF_DATA,)
    tokens = ", ".join(str(row) if postgresql else SQLITE_ROW.format(row=row) for row in changed)
    return [
        (
            f'DROP TRIGGER IF EXISTS "revise_{table}_{event}"{of_table}',
            template.format(table=table, event=event, when=condition(table, rows), rows=tokens),
        )
        for event, rows in EVENTS.items()
    ]


def condition(table: str, rows: tuple[str, ...]) -> str:
    if table == "reporting_evidence":
        return f"WHEN ({' OR '.join(f'{row}.submission_id IS NOT NULL' for row in rows)})"
    if table != "reporting_answer":
        return ""
    return f"WHEN (NOT ({' AND '.join(UNSENT.format(row=row) for row in rows)}))"
