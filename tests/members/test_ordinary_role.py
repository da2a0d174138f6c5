"""The role that the site connects as on PostgreSQL reads the history and adds to it, and nothing else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from members.audit import record
from members.chain import digest_after, head
from members.choices import AuditAction
from members.models import AuditEntry, AuditLink, Organisation

pytestmark = pytest.mark.django_db(transaction=True)
ROLE = f"rsp_ordinary_{os.getpid()}"


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def make_ordinary() -> str:
    said = StringIO()
    call_command("ordinary_role", ROLE, stdout=said)
    return said.getvalue()


@contextmanager
def ordinary() -> Iterator[None]:
    """As whoever connects as the role: what it was before cannot be taken back by it."""
    settings, owner = connection.settings_dict, dict(connection.settings_dict)
    connection.close()
    settings |= {"USER": ROLE, "PASSWORD": "ordinary"}
    try:
        yield
    finally:
        connection.close()
        settings.update(owner)


@contextmanager
def role(**more) -> Iterator[None]:
    execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'ordinary' " + " ".join(more))
    try:
        yield
    finally:
        execute(f"DROP OWNED BY {ROLE}")
        execute(f"DROP ROLE {ROLE}")


def change(organisation):
    with transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(name="Viti")
        record(by=None, action=AuditAction.CHANGED, obj=organisation, changes={"name": ("Fiji", "Viti")})


FORBIDDEN = (
    "UPDATE members_auditentry SET reason = 'x'",
    "DELETE FROM members_auditentry",
    "TRUNCATE members_auditentry",
    "UPDATE members_auditlink SET digest = 'x'",
    "DELETE FROM members_auditlink",
    "TRUNCATE members_auditlink",
    "INSERT INTO members_auditlink (number, entry_id, digest) VALUES (9, 9, 'x')",
    "DROP TRIGGER history_kept ON members_auditentry",
    "DROP TRIGGER history_link ON members_auditentry",
    "ALTER TABLE members_auditentry DISABLE TRIGGER ALL",
    "ALTER TABLE members_auditentry DISABLE TRIGGER history_link",
    "ALTER TABLE members_auditlink OWNER TO CURRENT_USER",
    "DROP TABLE members_auditlink",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION members_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    """CREATE TEMP TABLE own (id bigint, fingerprint text);
    CREATE TRIGGER forged AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION members_link()""",
)


def on_postgresql(organisations):
    with role():
        said = make_ordinary()
        assert said == make_ordinary()
        assert said.startswith(f"The role {ROLE} can read and write what the site needs")
        with ordinary():
            change(organisations.fiji)
            entry = AuditEntry.objects.get()
            assert head().digest == digest_after("", entry.fingerprint)
            for statement in FORBIDDEN:
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
                    execute(statement)
            assert (AuditEntry.objects.count(), AuditLink.objects.count()) == (1, 1)
        with transaction.atomic():
            execute("CREATE TABLE of_a_later_migration (id bigint)")
        with ordinary():
            execute("INSERT INTO of_a_later_migration VALUES (1)")
        execute("DROP TABLE of_a_later_migration")
    call_command("verify_history", stdout=StringIO())


def on_sqlite(organisations):
    with pytest.raises(CommandError, match="Only PostgreSQL has roles"):
        make_ordinary()
    change(organisations.fiji)
    call_command("verify_history", stdout=StringIO())


def test_the_ordinary_role_cannot_change_the_history(organisations):
    {"postgresql": on_postgresql, "sqlite": on_sqlite}[connection.vendor](organisations)
    assert Organisation.objects.get(code="FJI").name == "Viti"
    assert AuditEntry.objects.get().changes == {"name": ["Fiji", "Viti"]}


def test_a_role_from_which_nothing_can_be_kept_is_refused(db):
    owner = connection.settings_dict["USER"]
    sentences = {"postgresql": {owner: "superuser|owns the tables", "nobody_is_called_so": "There is no role"}}
    for name, sentence in sentences.get(connection.vendor, {owner or "x": "Only PostgreSQL"}).items():
        with pytest.raises(CommandError, match=sentence):
            call_command("ordinary_role", name)
