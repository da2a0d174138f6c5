import pytest
from django.db import connection, transaction
from django.forms import model_to_dict

from members.audit import OutsideTransaction, entry, record, record_all
from members.choices import AuditAction
from members.models import AppendOnly, AuditEntry


def moved(organisation, by=None, reason=""):
    return {
        "by": by,
        "action": AuditAction.CHANGED,
        "obj": organisation,
        "changes": {"time_zone": ("Asia/Hong_Kong", "Australia/Sydney")},
        "reason": reason,
    }


def test_an_entry_says_who_did_what_from_what_to_what_and_why(cast, organisations):
    record(**moved(organisations.australia, by=cast.ed, reason="It was wrong."))

    assert model_to_dict(AuditEntry.objects.get(), exclude=["id", "at"]) == {
        "about": "members.organisation/AUS",
        "only_for": "",
        "actor_email": "ed@example.org",
        "actor_name": "Ed",
        "action": "changed",
        "object_type": "members.organisation",
        "object_key": "AUS",
        "object_label": "Australia",
        "changes": {"time_zone": ["Asia/Hong_Kong", "Australia/Sydney"]},
        "reason": "It was wrong.",
    }


def test_a_command_that_acts_for_nobody_says_so(organisations):
    assert record(**moved(organisations.australia)).actor_name == "Command line"


def test_the_key_of_something_with_several_parts(cast):
    role = cast.connie.roles.get()
    assert entry(**moved(role)).object_key == "connie@example.org/AUS/member_contributor"


def test_an_entry_outlives_the_person(cast, organisations):
    record(**moved(organisations.australia, by=cast.percy))
    cast.percy.delete()
    assert AuditEntry.objects.get().actor_name == "Percy"


@pytest.mark.parametrize("many", [1, 35])
def test_many_at_once_are_as_many_queries_as_one(organisations, django_assert_num_queries, many):
    """On SQLite two more, to link them; PostgreSQL does that by itself."""
    entries = [entry(**moved(organisations.australia)) for _ in range(many)]
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        record_all(entries)


def test_an_action_outside_the_enumeration_is_refused(organisations):
    with pytest.raises(ValueError, match="burnt"):
        record(**moved(organisations.australia) | {"action": "burnt"})


@pytest.mark.django_db(transaction=True)
def test_an_entry_needs_the_transaction_of_its_change(organisations):
    with pytest.raises(OutsideTransaction):
        record(**moved(organisations.australia))


@pytest.mark.django_db(transaction=True)
def test_an_entry_goes_with_the_change(organisations):
    with transaction.atomic():
        record(**moved(organisations.australia))
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda stored: stored.save(),
        lambda stored: stored.delete(),
        lambda stored: AuditEntry.objects.update(reason="x"),
        lambda stored: AuditEntry.objects.all().delete(),
        lambda stored: AuditEntry.objects.bulk_update([stored], ["reason"]),
    ],
    ids=["save", "delete", "update", "delete all", "bulk update"],
)
def test_the_trail_is_only_added_to(organisations, tamper):
    stored = record(**moved(organisations.australia))
    with pytest.raises(AppendOnly), transaction.atomic():
        tamper(stored)
    assert AuditEntry.objects.get().reason == ""
