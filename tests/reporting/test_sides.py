"""What both parties of an arrangement say of it; the silent side is asked; all arrangements at one glance."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from reporting.actions.registers import ArrangementRecord, record_arrangements
from reporting.actions.statements import state_side
from reporting.choices import StatementKind
from reporting.models import Arrangement, ArrangementVersion, SideStatement
from reporting.queries import arrangements
from reporting.sides import Standing, Told, rows, sides, standing

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
    assert "Only one side says so: nothing was said by WSM." in page.main
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
    assert standing(arrangements().get(arrangement=found), DAY) is Standing.DOUBTFUL


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
