"""The history cannot be changed, and where somebody did all the same, that is noticed (issue 2)."""

from datetime import UTC, datetime
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from members.audit import record, record_all, record_export
from members.chain import SAYS, Head, digest_after, fingerprint, fingerprint_of, head
from members.choices import AuditAction
from members.models import AuditEntry, AuditLink
from members.verifying import verify
from tests.history import lift_guards

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = "postgresql"


def write(cast, organisations, many=1):
    for number in range(many):
        with transaction.atomic():
            record(
                by=cast.ed,
                action=AuditAction.CHANGED,
                obj=organisations.australia,
                changes={"name": (f"Australia {number}", f"Australia {number + 1}")},
                reason=f"Because {number}.",
            )


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def verified(*heads, **options):
    said = StringIO()
    call_command("verify_history", *(f"--head={each}" for each in heads), stdout=said, **options)
    return said.getvalue()


def fault(*heads, **options):
    with pytest.raises(CommandError) as raised:
        verified(*heads, **options)
    return str(raised.value)


# ---------------------------------------------------------------- the chain


def test_each_entry_is_linked_to_the_one_before(cast, organisations):
    write(cast, organisations, 3)
    digest = ""
    for number, entry in enumerate(AuditEntry.objects.order_by("pk"), start=1):
        assert entry.fingerprint == fingerprint_of(entry)
        digest = digest_after(digest, entry.fingerprint)
        assert (entry.link.number, entry.link.digest) == (number, digest)
    assert head() == Head(3, digest)


def test_what_is_stored_has_the_fingerprint_of_what_was_recorded(cast, organisations):
    """Whatever the kinds of its values, and to the microsecond."""
    values = {
        "day": (None, datetime(2028, 6, 30, tzinfo=UTC).date()),
        "moment": (None, datetime(2028, 6, 30, 1, 2, 3, 456789, tzinfo=UTC)),
        "kpis": (["1.1.1(b)"], []),
        "parts": ({}, {"FJI": {"women": 3, "head": "f"}}),
        "text": ("", "Ünïcödé “quoted”\n\\ and / 😀"),
    }
    with transaction.atomic():
        stored = record(by=None, action=AuditAction.CHANGED, obj=organisations.fiji, changes=values)
    again = AuditEntry.objects.get(pk=stored.pk)
    assert again.fingerprint == fingerprint_of(again) == fingerprint_of(stored)
    assert again.changes == stored.changes


def test_a_fingerprint_is_of_all_that_an_entry_says(cast, organisations):
    write(cast, organisations)
    said = AuditEntry.objects.values(*SAYS).get()
    columns = {field.name for field in AuditEntry._meta.concrete_fields}
    assert columns - {"id", "fingerprint"} == set(SAYS)
    different = {name: {"x": [1, 2]} if name == "changes" else "x" for name in SAYS if name != "at"}
    different["at"] = said["at"].replace(microsecond=(said["at"].microsecond + 1) % 1_000_000)
    made = {fingerprint({**said, name: value}) for name, value in different.items()}
    assert len(made | {fingerprint(said)}) == len(SAYS) + 1


def test_many_writers_at_once_make_one_chain_without_a_gap(cast, organisations):
    together = 6 if connection.vendor == POSTGRESQL else 1  # SQLite has one writer at a time
    start, many, failed = Barrier(together), 8, []

    def work():
        try:
            start.wait()
            write(cast, organisations, many)
        except DatabaseError as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert list(AuditLink.objects.values_list("number", flat=True)) == list(range(1, together * many + 1))
    assert f"Entries: {together * many}." in verified()


def test_what_is_rolled_back_leaves_no_number_out(cast, organisations):
    write(cast, organisations)
    with transaction.atomic():
        record(by=None, action=AuditAction.CHANGED, obj=organisations.fiji, changes={})
        transaction.set_rollback(True)
    write(cast, organisations)
    assert list(AuditLink.objects.values_list("number", flat=True)) == [1, 2]
    verified()


# ---------------------------------------------------------------- nothing is changed

STATEMENTS = (
    "UPDATE members_auditentry SET reason = 'x'",
    "DELETE FROM members_auditentry",
    "UPDATE members_auditlink SET digest = 'x'",
    "DELETE FROM members_auditlink",
)
OF_ITS_OWN = {
    POSTGRESQL: ("TRUNCATE members_auditentry", "TRUNCATE members_auditlink"),
    "sqlite": (
        "REPLACE INTO members_auditlink (number, entry_id, digest) SELECT number, entry_id, 'x' FROM members_auditlink",
        "UPDATE OR REPLACE members_auditentry SET id = 1",
    ),
}


def test_the_database_refuses_every_way_to_change_it(cast, organisations):
    write(cast, organisations, 2)
    before = list(AuditEntry.objects.values()), list(AuditLink.objects.values())
    for statement in (*STATEMENTS, *OF_ITS_OWN[connection.vendor]):
        with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
            execute(statement)
    assert (list(AuditEntry.objects.values()), list(AuditLink.objects.values())) == before


# ---------------------------------------------------------------- what is noticed


def test_a_history_that_stands_says_its_head(cast, organisations):
    assert verified() == "The history is as it was written. Entries: 0.\nNothing is recorded yet.\n"
    write(cast, organisations, 3)
    kept = str(head())
    assert verified(kept) == f"The history is as it was written. Entries: 3.\n{head()}\n"


def test_it_says_which_end_it_could_not_have_missed(cast, organisations, tmp_path):
    """What was cut off behind the last head that was kept is noticed by nothing, so it is not called checked."""
    write(cast, organisations, 3)
    stands = "The history is as it was written. Entries: "
    unknown = "was compared, so it would not be noticed if the end was cut off."
    assert verified().splitlines() == [f"{stands}3. No head kept before {unknown}", str(head())]
    kept = {"kept": str(tmp_path / "heads")}
    assert unknown in verified(**kept)
    assert unknown not in verified(**kept)
    write(cast, organisations)
    assert verified(**kept).splitlines()[0] == f"{stands}4. No head later than that of entry 3 {unknown}"


def test_an_altered_entry_is_noticed(cast, organisations):
    write(cast, organisations, 3)
    lift_guards()
    for column in ("reason", "actor_name", "action", "object_key", "only_for", "about"):
        was = AuditEntry.objects.order_by("pk").values_list(column, flat=True)[1]
        second = AuditEntry.objects.order_by("pk")[1].pk
        execute(f"UPDATE members_auditentry SET {column} = 'x' WHERE id = %s", second)
        said = fault()
        assert said.startswith("The history is not what it was.\nEntry 2 was altered. It says now: ")
        assert said.endswith("Australia.")
        execute(f"UPDATE members_auditentry SET {column} = %s WHERE id = %s", was, second)
        verified()


def test_an_altered_moment_and_an_altered_change_are_noticed(cast, organisations):
    write(cast, organisations, 3)
    lift_guards()
    first, _, last = AuditEntry.objects.order_by("pk")
    execute("UPDATE members_auditentry SET at = %s WHERE id = %s", first.at.replace(year=2020), first.pk)
    execute("UPDATE members_auditentry SET changes = %s WHERE id = %s", '{"name": ["Australia 2", "Me"]}', last.pk)
    said = fault()
    assert "Entry 1 was altered" in said
    assert "Entry 3 was altered" in said
    assert len(said.splitlines()) == 3


def test_an_entry_whose_fingerprint_was_made_to_fit_is_noticed(cast, organisations):
    write(cast, organisations, 3)
    lift_guards()
    entry = AuditEntry.objects.get(reason="Because 1.")
    entry.reason = "Another."
    execute(
        "UPDATE members_auditentry SET reason = %s, fingerprint = %s WHERE id = %s",
        "Another.", fingerprint_of(entry), entry.pk,
    )  # fmt: skip
    assert "Entry 2 was altered" in fault()


def test_a_missing_entry_is_noticed(cast, organisations):
    write(cast, organisations, 3)
    lift_guards()
    gone = AuditEntry.objects.get(reason="Because 1.")
    execute("DELETE FROM members_auditentry WHERE id = %s", gone.pk)
    assert fault() == f"The history is not what it was.\nEntry 2 is missing (row {gone.pk})."


def test_an_entry_that_is_missing_with_its_link_is_noticed(cast, organisations):
    write(cast, organisations, 4)
    lift_guards()
    gone = AuditEntry.objects.get(reason="Because 1.")
    execute("DELETE FROM members_auditentry WHERE id = %s", gone.pk)
    execute("DELETE FROM members_auditlink WHERE number = 2")
    assert "Entries 2 to 2 are missing from the chain." in fault()


def test_an_entry_that_was_put_in_is_noticed(cast, organisations):
    write(cast, organisations, 2)
    lift_guards()
    inserted = AuditEntry.objects.get(reason="Because 1.")
    execute("DELETE FROM members_auditlink WHERE number = 2")
    assert fault().splitlines()[1].startswith(f"An entry stands outside the chain (row {inserted.pk}): ")


def cut(many):
    lift_guards()
    numbers = list(AuditLink.objects.order_by("-number").values_list("number", "entry")[:many])
    for number, entry in numbers:
        execute("DELETE FROM members_auditlink WHERE number = %s", number)
        execute("DELETE FROM members_auditentry WHERE id = %s", entry)


def test_a_cut_end_is_noticed_by_whoever_kept_a_head(cast, organisations, tmp_path):
    write(cast, organisations, 5)
    printed, kept = str(head()), tmp_path / "heads"
    verified(printed, kept=str(kept))
    cut(2)
    verified()  # nothing in the database tells
    cut_off = "The end is cut off: the history had 5 entries, and has 3."
    assert cut_off in fault(printed)
    assert cut_off in fault(kept=str(kept))


def test_an_end_that_was_written_anew_is_noticed_by_a_head(cast, organisations):
    write(cast, organisations, 5)
    printed = str(head())
    cut(2)
    write(cast, organisations, 3)
    verified()
    assert "Entry 5 or one before it was altered: another head was kept" in fault(printed)


def test_heads_from_before_the_walk_began_are_compared_all_the_same(cast, organisations):
    write(cast, organisations, 5)
    stored = dict(AuditLink.objects.values_list("number", "digest"))
    assert verify([Head(2, stored[2]), Head(3, stored[3][:12])], after=3).faults == []
    whole = verify([Head(5, stored[5])], after=5)  # nothing is left to walk through
    assert (whole.faults, whole.head) == ([], Head(5, stored[5]))
    assert verify([Head(2, "ab" * 32)], after=3).faults == [
        "Entry 2 or one before it was altered: another head was kept when it was the last."
    ]
    lift_guards()
    execute("DELETE FROM members_auditlink WHERE number = 2")
    assert verify([Head(2, stored[2])], after=3).faults[0] == (
        "Entry 2 is missing from the chain: a head was kept when it was the last."
    )


def test_many_faults_are_counted_and_the_first_are_named(cast, organisations):
    write(cast, organisations, 15)
    lift_guards()
    execute("UPDATE members_auditentry SET reason = 'x'")
    lines = fault().splitlines()
    assert len(lines) == 12
    assert lines[-1] == "And 5 more."


# ---------------------------------------------------------------- the file that a timer keeps


def test_the_file_gets_each_new_head_once(cast, organisations, tmp_path):
    file = tmp_path / "heads"
    verified(kept=str(file))
    assert not file.exists()
    heads = []
    for _ in range(2):
        write(cast, organisations)
        heads.append(str(head()))
        verified(kept=str(file))
        verified(kept=str(file))
    assert file.read_text() == "".join(f"{each}\n" for each in heads)


def test_a_file_with_something_else_is_refused_by_its_row(cast, organisations, tmp_path):
    write(cast, organisations)
    file = tmp_path / "heads"
    file.write_text(f"{head()}\n\nhello\n")
    assert fault(kept=str(file)) == (
        f"{file}, row 3: This is no head. Write its number, a space, and its letters and digits, 12 at least."
    )
    assert "cannot be read or written" in fault(kept=str(tmp_path))
    assert fault("hello").startswith("This is no head.")


def test_a_faulty_history_adds_no_head_to_the_file(cast, organisations, tmp_path):
    write(cast, organisations, 2)
    file = tmp_path / "heads"
    lift_guards()
    execute("UPDATE members_auditentry SET reason = 'x'")
    fault(kept=str(file))
    assert not file.exists()


def test_only_who_may_verify_does(cast, organisations):
    assert "Entries: 0." in verified(by="ada@example.org")
    assert fault(by="ed@example.org") == "--by: ed@example.org does not have the right audit.verify."
    assert fault(by="x@example.org") == "--by: there is no active account x@example.org."


# ---------------------------------------------------------------- reads of what is not released


def test_a_read_of_what_is_not_released_is_kept_and_covered_by_the_head(cast):
    said = record_export(by=cast.ed, what="Answers", address="/x/?format=csv", rows=12, released=False)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_type, entry.object_label, entry.actor_name) == (
        "exported", "export", "Answers", "Ed",
    )  # fmt: skip
    assert entry.changes == {"address": [None, "/x/?format=csv"], "rows": [None, 12]}
    assert said == Head(1, digest_after("", entry.fingerprint))


def test_a_read_of_what_is_released_is_not_kept(cast):
    assert record_export(by=cast.percy, what="Release 1", address="/x/", rows=1, released=True) is None
    assert not AuditEntry.objects.exists()


def test_nothing_recorded_is_nothing_linked(cast):
    with transaction.atomic():
        assert record_all([]) == []
    assert head() is None
