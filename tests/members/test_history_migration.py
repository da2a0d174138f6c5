"""What was recorded before there was a chain has its place in it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from members.guards import install_guards
from members.models import AuditEntry
from tests.history import lift_guards

BEFORE = [("members", "0003_invitation"), ("reporting", "0005_answer_writers")]
AFTER = [("members", "0004_history"), ("reporting", "0006_release_history")]


def migrated(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def _everything_afterwards(transactional_db):
    """Whatever else is migrated later is there for the next test."""
    yield
    call_command("migrate", verbosity=0)


@pytest.mark.usefixtures("_everything_afterwards")
def test_entries_of_before_are_linked_in_their_order():
    lift_guards()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER history_link ON members_auditentry")
    entries = migrated(BEFORE).get_model("members", "AuditEntry").objects
    keys = {"members.role": "ed@example.org/APVC/observer", "members.user": "ed@example.org", "reporting.answer": "17"}
    for kind, key in keys.items():
        said = {"action": "changed", "object_label": "X", "changes": {"name": ["a", "b"]}, "reason": "Why not?"}
        entries.create(actor_name="Ed", object_type=kind, object_key=key, **said)
    migrated(AFTER)
    install_guards()
    said = StringIO()
    call_command("verify_history", stdout=said)
    assert "Entries: 3." in said.getvalue()
    assert list(AuditEntry.objects.order_by("link__number").values_list("about", flat=True)) == [
        "members.user/ed@example.org", "members.user/ed@example.org", "reporting.answer/17",
    ]  # fmt: skip
