"""What both parties of an arrangement say of it; the silent side is asked; all arrangements at one glance."""

import re
from datetime import date, timedelta
from itertools import product

import pytest
from django.urls import reverse

from members.models import OutgoingMail
from reporting.actions.arrangements import ArrangementRecord, record_arrangements
from reporting.actions.statements import settle_side, state_side
from reporting.choices import StatementKind, Telling
from reporting.models import Arrangement, ArrangementVersion, SideStatement
from reporting.queries import arrangements, with_what_is_told
from reporting.sides import Standing, Told, rows, sides, standing, waiting_for

from .looks import page_of, queries_of
from .region import NOW, PLAN, arrangement, org

DAY = date(2026, 12, 31)


def at(name: str, *args: object) -> str:
    return reverse(name, args=[PLAN, *args])


def told(found: Arrangement):
    version = arrangements().get(arrangement=found)
    return sides([version])[found.pk]


def say(found: Arrangement, code: str, by, kind=StatementKind.CONFIRMED, reason: str = "", now=NOW):
    return state_side(arrangement=found, organisation=org(code), kind=kind, reason=reason, by=by, now=now)


def test_the_sides_agree_when_both_said_so_and_contradict_when_one_contests(world):
    by = world.people.ali
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    assert (told(found).told, sorted(told(found).silent)) == (Told.UNHEARD, ["FJI", "NZL"])
    say(found, "FJI", by)
    assert (told(found).told, told(found).silent) == (Told.ONE_SIDED, ("NZL",))
    say(found, "NZL", by)
    assert (told(found).told, told(found).silent) == (Told.AGREED, ())
    say(found, "NZL", by, StatementKind.CONTESTED, "It ended in 2024.")
    assert told(found).told is Told.CONTRADICTORY


def test_what_was_said_before_the_record_changed_is_asked_anew(world):
    by, later = world.people.ali, NOW + timedelta(days=1)
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    for code in ("FJI", "NZL"):
        say(found, code, by)
    version = ArrangementVersion(signed="2020-01", in_force=date(2021, 1, 1))
    parties = (org("FJI"), org("NZL"))
    record_arrangements(records=[ArrangementRecord(parties, version)], accept=False, by=None, now=later)
    assert told(found).told is Told.UNHEARD
    say(found, "FJI", by, now=later + timedelta(hours=1))
    assert told(found).told is Told.ONE_SIDED
    assert SideStatement.objects.filter(arrangement=found, organisation__code="FJI").count() == 2


def test_who_records_one_has_said_so_and_the_other_side_is_asked(world, sign_in):
    client = sign_in(world.people.ali)
    typed = {"token": "0", "party_a": "FJI", "party_b": "WSM", "signed": "2020", "in_force": "01.05.20"}
    client.post(at("arrangement_add"), typed)
    found = Arrangement.objects.get(party_a__code__in=["FJI", "WSM"], party_b__code__in=["FJI", "WSM"])
    assert told(found).told is Told.ONE_SIDED
    page = page_of(client.get(at("arrangement", found.pk)))
    assert "Only one side says so. Not heard yet: WSM." in page.main
    assert at("arrangement_side", found.pk) not in page_of(client.get(at("today"))).html


def test_the_silent_side_finds_the_question_on_its_first_page(world, sign_in):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    for name in ("connie", "ali"):
        page = page_of(sign_in(world.people[name]).get(at("today")))
        assert "for your word: say whether it is right" in page.main
        assert f'href="{at("arrangement_side", found.pk)}"' in page.html
    say(found, "FJI", world.people.ali)
    assert at("arrangement_side", found.pk) not in page_of(sign_in(world.people.ali).get(at("today"))).html


@pytest.mark.parametrize(
    ("says", "stands"),
    [
        ({"in_force": date(2020, 5, 1)}, Standing.IN_FORCE),
        ({"in_force": DAY}, Standing.IN_FORCE),
        ({"in_force": DAY + timedelta(days=1)}, Standing.SIGNED),
        ({}, Standing.SIGNED),
        ({"in_force": date(2020, 5, 1), "ended": DAY}, Standing.ENDED),
        ({"in_force": date(2020, 5, 1), "ended": DAY + timedelta(days=1)}, Standing.IN_FORCE),
    ],
)
def test_where_one_stands_on_a_day(world, says, stands):
    found = arrangement("FJI", "NZL", **says)
    version = arrangements().get(arrangement=found)
    assert standing(version, DAY) is stands
    Arrangement.objects.filter(pk=found.pk).update(contested=True)
    assert standing(arrangements().get(arrangement=found), DAY) is Standing.CONTESTED


def test_what_nobody_decided_on_and_what_is_contested_have_signs_of_their_own(world, sign_in):
    open_one = arrangement("FJI", "NZL", accept=False, in_force=date(2020, 5, 1))
    contested = arrangement("FJI", "WSM", accept=False, in_force=date(2020, 5, 1))
    say(contested, "FJI", world.people.ali, StatementKind.CONTESTED, "It ended.")
    stand = {each.arrangement_id: standing(each, DAY) for each in arrangements()}
    assert (stand[open_one.pk], stand[contested.pk]) == (Standing.UNDECIDED, Standing.CONTESTED)
    page = page_of(sign_in(world.people.connie).get(at("arrangement_matrix")))
    for found, sign, words in ((open_one, "?", "Not decided yet"), (contested, "!", "Contested")):
        assert f'href="{at("arrangement", found.pk)}"><abbr title="{words}">{sign}</abbr>' in page.html
    assert "! Contested; ? Not decided yet." in page.main


# ---------------------------------------------------------------- the list

LATER = NOW + timedelta(days=1)
SAME = {
    Told.AGREED: Telling.BOTH, Told.ONE_SIDED: Telling.ONE, Told.UNHEARD: Telling.NEITHER,
    Told.CONTRADICTORY: Telling.CONTRADICTION,
}  # fmt: skip
KINDS = (None, "old", "same moment", "new", "old contest", "new contest")
"""What a side said: nothing, or before or since the version was entered."""
DIFFERENT = {
    ("old", "new"): Telling.ONE, ("new", "new"): Telling.BOTH, ("same moment", "new"): Telling.BOTH,
    ("old", "old"): Telling.NEITHER, (None, None): Telling.NEITHER, ("old contest", "new"): Telling.CONTRADICTION,
    ("new contest", None): Telling.CONTRADICTION, (None, "same moment"): Telling.ONE,
}  # fmt: skip


def said_at(found: Arrangement, code: str, what: str | None, by) -> None:
    if what is None:
        return
    when = {"old": NOW - timedelta(days=1), "new": LATER}.get(what.split()[0], NOW)
    kind = StatementKind.CONTESTED if "contest" in what else StatementKind.CONFIRMED
    say(found, code, by, kind, "It ended." if "contest" in what else "", now=when)


def test_the_list_says_the_same_as_the_page_whatever_was_said_when(world):
    found, seen = arrangement("FJI", "NZL", in_force=date(2020, 5, 1)), {}
    for one, other in product(KINDS, KINDS):
        said_at(found, "FJI", one, world.people.ali)
        said_at(found, "NZL", other, world.people.ed)
        seen[one, other] = with_what_is_told(arrangements()).get(arrangement=found).told
        assert seen[one, other] == SAME[told(found).told], (one, other)
        SideStatement.objects.filter(arrangement=found).delete()
    assert set(seen.values()) == set(SAME.values())
    assert {key: seen[key] for key in DIFFERENT} == DIFFERENT


def test_the_list_names_what_the_secretariat_ruled_on_the_record_as_it_is(world):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    listed = with_what_is_told(arrangements()).filter(arrangement=found).values_list("told", flat=True)
    assert list(listed.all()) == [Telling.NEITHER]
    statement = say(found, "FJI", world.people.ali, StatementKind.CONTESTED, "It ended.")
    settle_side(statement=statement, settlement="No.", source="Gazette 12", by=world.people.ada, now=LATER)
    assert list(listed.all()) == [Telling.RULED]
    say(found, "NZL", world.people.ed, now=LATER)
    assert list(listed.all()) == [Telling.RULED]
    say(found, "FJI", world.people.ali, now=LATER)
    assert list(listed.all()) == [Telling.BOTH]
    say(found, "FJI", world.people.ali, StatementKind.CONTESTED, "And yet.", now=LATER)
    assert list(listed.all()) == [Telling.CONTRADICTION]
    SideStatement.objects.filter(arrangement=found, settled_at=None).delete()
    ArrangementVersion.objects.filter(arrangement=found).update(entered_at=LATER + timedelta(days=1))
    assert list(listed.all()) == [Telling.NEITHER]


def test_the_list_is_limited_by_what_is_told(world, sign_in):
    Arrangement.objects.exclude(pk=arrangement("FJI", "NZL").pk).update(contested=False)
    contested = arrangement("FJI", "WSM", in_force=date(2020, 5, 1))
    say(contested, "FJI", world.people.ali, StatementKind.CONTESTED, "It ended.")
    client = sign_in(world.people.ada)
    page = page_of(client.get(at("arrangements"), {"told": "contradiction"}))
    assert page.heading.startswith("1 of ")
    assert f'href="{at("arrangement", contested.pk)}"' in page.html
    [row] = [each for each in page.rows() if "Samoa" in each or "WSM" in each]
    assert "They contradict each other" in row
    neither = page_of(client.get(at("arrangements"), {"told": "neither"}))
    assert f'href="{at("arrangement", contested.pk)}"' not in neither.html
    assert "There is no word of the sides “x”" in page_of(client.get(at("arrangements"), {"told": "x"})).main
    file = client.get(at("arrangements"), {"told": "contradiction", "format": "csv"})
    assert "They contradict each other" in b"".join(file.streaming_content).decode("utf-8-sig")
    assert page_of(client.get(at("arrangements"), {"sort": "told"})).status == 200


def test_the_matrix_has_each_pair_twice_and_leads_to_its_page(world, sign_in):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    arrangement("AUS", "FJI")
    members = {row.code: row for row in rows(arrangements(), DAY)}
    assert members["FJI"].partners["NZL"] == (Standing.IN_FORCE, found.pk) == members["NZL"].partners["FJI"]
    assert "AUS" in [code for code, _ in members["FJI"].with_standing(Standing.SIGNED)]
    client = sign_in(world.people.connie)
    page = page_of(client.get(at("arrangement_matrix")))
    assert page.html.count(f'href="{at("arrangement", found.pk)}"') == 4
    assert f"{arrangements().count()} arrangements between Members" == page.heading
    assert queries_of(client, at("arrangement_matrix")) <= 12
    assert f'href="{at("arrangement_matrix")}"' in page_of(client.get(at("arrangements"))).html


def test_many_members_stand_on_several_pages_and_many_partners_behind_a_click(world, sign_in, monkeypatch):
    for code in ("AUS", "FJI", "TON"):
        arrangement(code, "NZL", in_force=date(2020, 5, 1))
    everybody = {row.code: row for row in rows(arrangements(), DAY)}
    partners = len(everybody["NZL"].with_standing(Standing.IN_FORCE))
    client = sign_in(world.people.connie)
    small = page_of(client.get(at("arrangement_matrix")))
    assert ("<details><summary>" in small.html, "Page 1 of" in small.main) == (False, False)
    for name, most in (("arrangements.MOST_IN_A_GRID", 2), ("arrangements.MOST_PARTNERS", 2), ("listing.PER_PAGE", 2)):
        monkeypatch.setattr(f"reporting.views.{name}", most)
    found: list[str] = []
    for number in range(1, -(-len(everybody) // 2) + 1):
        html = page_of(client.get(at("arrangement_matrix"), {"page": number})).html
        found += re.findall(r'<th class="c" scope="row">([A-Z]{3})</th>', html)
        assert (f"<details><summary>{partners} Members</summary>" in html) == ("NZL" in found[-2:])
    assert found == list(everybody)
    beyond = page_of(client.get(at("arrangement_matrix"), {"page": "999"}))
    assert (beyond.status, page_of(client.get(at("arrangement_matrix"), {"page": "x"})).status) == (200, 200)


def test_the_silent_side_is_asked_by_mail_once_for_what_the_other_says(world):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    before = OutgoingMail.objects.count()
    say(found, "NZL", world.people.ed)
    say(found, "NZL", world.people.ed)
    mails = OutgoingMail.objects.order_by("pk")[before:]
    assert sorted(each.to for each in mails) == ["ali@example.org", "connie@example.org"]
    text = mails[0].text
    assert "New Zealand says that the record is right." in text
    assert "in force from 01.05.20" in text
    assert at("arrangement_side", found.pk) in text
    say(found, "FJI", world.people.ali)
    assert OutgoingMail.objects.count() == before + 2


def test_a_side_gives_its_own_days_and_the_page_says_in_what_they_differ(world, sign_in):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    client = sign_in(world.people.ali)
    typed = {"organisation": "FJI", "kind": "contested", "reason": "We ended it."}
    days = {"in_force": "01.06.20", "ended": "31.12.25"}
    assert client.post(at("arrangement_side", found.pk), typed | days).status_code == 302
    page = page_of(client.get(at("arrangement", found.pk))).main
    assert "The sides contradict each other" in page
    assert "Fiji says in force from 01.06.20, the record from 01.05.20." in page
    assert "Fiji says that it ended on 31.12.25, the record not." in page
    said = SideStatement.objects.get(arrangement=found)
    assert (said.in_force, said.ended) == (date(2020, 6, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": "confirmed", "in_force": "01.06.20"}, "Other days are given where something is wrong."),
        ({"kind": "contested", "in_force": "01.06.20", "ended": "01.05.20"}, "It does not end before it is in force."),
        ({"kind": "contested", "in_force": "nonsense"}, "Write day, month and year"),
    ],
)
def test_days_of_a_side_that_cannot_be_are_refused(world, sign_in, typed, sentence):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    client = sign_in(world.people.ali)
    answer = client.post(at("arrangement_side", found.pk), {"organisation": "FJI", "reason": "Wrong."} | typed)
    assert (answer.status_code, SideStatement.objects.filter(arrangement=found).count()) == (422, 0)
    assert sentence in page_of(answer).main


def test_who_entered_an_arrangement_is_told_at_once_that_a_colleague_settles(world, sign_in):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    ArrangementVersion.objects.filter(arrangement=found).update(entered_by=world.people.ed)
    say(found, "FJI", world.people.ali, StatementKind.CONTESTED, "It ended.")
    client, path = sign_in(world.people.ed), at("arrangement_settle", found.pk)
    assert f'href="{path}"' not in page_of(client.get(at("arrangement", found.pk))).html
    page = page_of(client.get(path))
    assert (page.status, page.location) == (302, at("arrangement", found.pk))
    assert "You entered this record. A colleague settles it." in page_of(client.get(at("arrangement", found.pk))).html
    colleague = page_of(sign_in(world.people.ada).get(path))
    assert (colleague.status, "It ended." in colleague.main) == (200, True)


def test_the_secretariat_rules_with_a_source(world, sign_in):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    statement = say(found, "FJI", world.people.ali, StatementKind.CONTESTED, "It ended.")
    client = sign_in(world.people.ed)
    typed = {"statement": statement.pk, "settlement": "It did not end.", "ruling": "record"}
    page = client.post(at("arrangement_settle", found.pk), typed)
    assert (page.status_code, Arrangement.objects.get(pk=found.pk).contested) == (422, True)
    assert "It did not end." in page_of(page).main
    assert client.post(at("arrangement_settle", found.pk), typed | {"source": "Gazette 12/2026"}).status_code == 302
    statement.refresh_from_db()
    assert (statement.source, Arrangement.objects.get(pk=found.pk).contested) == ("Gazette 12/2026", False)
    assert "Source: Gazette 12/2026" in page_of(client.get(at("arrangement", found.pk))).main
    assert (told(found).told, told(found).silent) == (Told.RULED, ())
    assert not waiting_for(["FJI", "NZL"]).filter(arrangement=found).exists()


def test_a_ruling_for_a_party_records_its_days_and_a_colleague_decides(world, sign_in):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    days = {"in_force": date(2020, 6, 1)}
    statement = state_side(
        arrangement=found, organisation=org("FJI"), kind=StatementKind.CONTESTED, reason="A month later.",
        by=world.people.ali, now=NOW, **days,
    )  # fmt: skip
    typed = {"statement": statement.pk, "settlement": "Fiji is right.", "ruling": "side", "source": "The text."}
    assert sign_in(world.people.ed).post(at("arrangement_settle", found.pk), typed).status_code == 302
    newest = found.versions.latest("number")
    assert (newest.number, newest.in_force, newest.source, newest.decision) == (
        *(2, date(2020, 6, 1), "The text.", "undecided"),
    )
    assert (found.versions.get(accepted=True).in_force, told(found).told) == (date(2020, 5, 1), Told.RULED)
    assert not Arrangement.objects.get(pk=found.pk).contested


def test_a_ruling_for_a_party_that_gives_no_days_is_refused(world, sign_in):
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    statement = say(found, "FJI", world.people.ali, StatementKind.CONTESTED, "It ended.")
    typed = {"statement": statement.pk, "settlement": "Fiji is right.", "ruling": "side", "source": "The text."}
    answer = sign_in(world.people.ed).post(at("arrangement_settle", found.pk), typed)
    assert (answer.status_code, found.versions.count()) == (422, 1)
    assert "This party gives no other days." in page_of(answer).main


def test_a_ruling_holds_until_the_record_changes_or_somebody_contests_anew(world):
    by, later = world.people.ali, NOW + timedelta(days=1)
    found = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    one = say(found, "FJI", by, StatementKind.CONTESTED, "It ended.")
    settle_side(statement=one, settlement="No.", source="The text.", by=world.people.ed, now=NOW)
    assert told(found).told is Told.RULED
    say(found, "FJI", by, StatementKind.CONTESTED, "It did.", now=later)
    assert told(found).told is Told.CONTRADICTORY
    say(found, "FJI", by, now=later)
    version = ArrangementVersion(signed="2020-01", in_force=date(2021, 1, 1))
    record = ArrangementRecord((org("FJI"), org("NZL")), version)
    record_arrangements(records=[record], accept=False, by=None, now=later + timedelta(days=1))
    assert told(found).told is Told.UNHEARD
