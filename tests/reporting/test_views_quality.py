"""The page of the data's quality: who sees what of it, how it is limited, and that it tells of nothing else."""

from datetime import date

import pytest
from django.core.cache import caches
from django.urls import reverse

from reporting.actions import close_round
from reporting.actions.evidence import Beside, add_link, remove
from reporting.actions.statements import state_part
from reporting.choices import Audience, StatementKind
from reporting.models import Activity, Answer, Suspicion
from reporting.quality import listing as shown_as

from .looks import page_of, queries_of
from .region import INTERIM, NOW, PLAN, activity, answer, org
from .world import STATUS, STATUS_4, store_draft

YES, ITEMS = "2.2.2(a).1", "2.1.1(a).2"
CONTEST = {"kind": StatementKind.CONTESTED, "reason": "No.", "now": NOW}


def path(**asked):
    said = "&".join(f"{name.replace('_', '-')}={value}" for name, value in asked.items())
    return reverse("quality", args=[PLAN]) + (f"?{said}" if said else "")


@pytest.fixture
def look(world, sign_in):
    def looked(name, **asked):
        caches["pages"].clear()
        return page_of(sign_in(world.people[name]).get(path(**asked)))

    return looked


def shown_by_links(code):
    """Of what an organisation answered nothing lacks evidence."""
    Answer.objects.filter(organisation__code=code).update(evidence_url="https://example.org/a")


# ---------------------------------------------------------------- who sees what


def test_the_secretariat_sees_all_and_is_told_what_changes_a_status(look):
    page = look("ed")
    assert page.status == 200
    assert page.heading.endswith("findings in the data as at 30.06.27")
    assert "1.1.1(b) Fiji says “Planned”" in page.main
    assert "Counts 25; 26 without this slip. Now: at risk. It would be: on track." in page.main
    assert f"/review/FJI/return/{STATUS}/" in page.html


def test_a_member_sees_its_own_and_no_figure_that_is_not_released(look):
    for name in ("connie", "ali"):
        page = look(name)
        assert "Fiji says “Planned”" in page.main
        assert "1 more without this slip" in page.main
        assert "Palau" not in page.main
        assert "Counts 25" not in page.main
        assert "It would be" not in page.main
        assert "change a status" not in page.main
        assert "the status of a target" not in page.main
        assert f"/returns/FJI/kpis/{STATUS}/" in page.html
        assert "Shown is what concerns Fiji." in page.main


def test_a_co_coordinator_sees_the_own_focus_area_alone(look):
    page, other = look("cora"), look("vera")
    assert "1.1.1(b) Fiji says" in page.main
    assert "Counts 25; 26 without this slip" in page.main
    assert f"/returns/FJI/comments/{STATUS}/" in page.html
    assert STATUS not in other.main
    assert STATUS_4 not in page.main
    assert STATUS_4 in look("vera", kpi=STATUS_4).main


def test_a_regional_officer_sees_what_concerns_the_own_entity(look, world):
    assert "The only figure that is stated has neither a link nor evidence." in look("olga").main
    shown_by_links("ROCB")
    assert look("olga").heading == "All is well as at 30.06.27"
    held = activity("ROCB-W9", date(2026, 12, 5), [YES], organisers=["ROCB"], participants=["FJI"])
    state_part(activity=held, organisation=org("FJI"), by=world.people.connie, **CONTEST)
    page = look("olga")
    assert "Fiji contests its part in “ROCB-W9”" in page.main
    assert f"/activities/{held.pk}/" in page.html


def test_observers_and_those_without_a_role_have_none(look):
    assert (look("percy").status, look("nobody").status) == (403, 403)


def test_it_is_a_main_way_for_those_who_may(look, world, sign_in):
    for name, there in (("ada", True), ("connie", True), ("cora", True), ("olga", True), ("percy", False)):
        html = sign_in(world.people[name]).get(reverse("overview", args=[PLAN])).content.decode()
        assert (f'href="{path()}"' in html) is there, name


def test_all_is_well_says_when_it_was_looked(look):
    shown_by_links("ROCB")
    page = look("olga")
    assert "Nothing in the data is odd, missing or in doubt." in page.main
    assert "Looked through on 10.01.28," in page.main


# ---------------------------------------------------------------- nothing that is not theirs


def test_no_draft_is_told_to_anybody_else(world, look):
    answer(world.current, "VUT", STATUS_4, standing="in_place")
    store_draft(world.current, "VUT", STATUS, standing="planned", comment="CANARY-draft")
    for name in ("ada", "cora", "connie", "olga"):
        before = look(name, as_at="2027-12-31").main
        assert "CANARY" not in before, name
        assert "Vanuatu says" not in before, name


def test_of_what_one_may_not_know_nothing_is_told_not_even_in_a_count(world, look):
    """A no beside a hidden activity, a contested part in one, two of them that may be one, none with evidence."""
    before = look("vera", as_at=INTERIM, area="4").main
    at_night = {"title": "CANARY at night", "participants": ["FJI", "KOR"]}
    hidden = [activity(name, date(2026, 9, 9), ["4.1.2(b)"], **at_night) for name in ("CANARY-1", "CANARY-2")]
    Activity.objects.filter(pk__in=[each.pk for each in hidden]).update(audience=Audience.INVOLVED)
    answer(world.interim, "KOR", "4.1.2(b)", 2026, participated=False)
    state_part(activity=hidden[0], organisation=org("FJI"), by=world.people.connie, **CONTEST)
    assert Suspicion.objects.filter(first=hidden[0]).exists()
    for name, sees in (("ada", True), ("connie", True), ("vera", False), ("cora", False), ("olga", False)):
        page = look(name, as_at=INTERIM)
        assert ("CANARY at night" in page.main) is sees, name
        assert f"/activities/{hidden[0].pk}/" not in page.html or sees
    page = look("vera", as_at=INTERIM, area="4")
    for words in (
        "may be one event",
        "contests its part",
        "the register names it",
        "have not confirmed",
        "activities that",
    ):
        assert page.main.count(words) == before.count(words), words
    assert "the register names it in an activity" in look("ada", as_at=INTERIM, kind="contradictions").main
    assert "Korea says" not in look("connie", as_at=INTERIM, kind="contradictions").main


def test_evidence_is_noticed_although_no_token_tells_of_it(world, sign_in):
    client, address = sign_in(world.people.ada), path(kind="evidence", kpi=ITEMS)

    def says():
        return page_of(client.get(address)).main

    assert "3 of the 3 activities" in says()
    told = {"url": "https://example.org/a", "title": "Alert", "by": world.people.ada, "now": NOW}
    piece = add_link(beside=Beside(activity=Activity.objects.get(reference="RILO-ALERTS-1")), **told)
    assert "2 of the 3 activities" in says()
    remove(piece=piece, reason="Wrong.", by=world.people.ada, now=NOW)
    assert "3 of the 3 activities" in says()


# ---------------------------------------------------------------- limits, pages, files


def test_it_is_limited_by_kind_area_kpi_organisation_and_what_changes_a_status(look):
    assert "Fiji says" in look("ada", kind="slips", area="1", kpi=STATUS, organisation="FJI", moves="yes").main
    page = look("ada", kind="slips", moves="yes")
    assert "1–1 of 1" in page.main
    assert "Palau says" not in page.main
    assert "Palau says" in look("ada", kind="slips").main
    assert "Nothing is found like this" in look("ada", kind="slips", area="4").main


@pytest.mark.parametrize("name", ["kind", "area", "kpi", "organisation"])
def test_a_limit_that_does_not_exist_is_said_and_left(look, name):
    page = look("ada", **{name: "nothing"})
    assert page.status == 200
    assert "There is no" in page.main
    assert "so the list is not limited by it" in page.main


@pytest.mark.parametrize("asked", [{"as_at": "nonsense"}, {"basis": "guess"}, {"release": "1"}, {"release": "x"}])
def test_what_cannot_be_looked_at_is_said(look, asked):
    assert look("ada", **asked).status == 404


def test_a_co_coordinator_cannot_ask_for_what_others_are_told(look):
    page = look("cora", kpi=STATUS_4)
    assert "There is no kpi" in page.main
    assert "4.1.1(a) " not in page.main.replace("“4.1.1(a)”", "")


def test_fifty_stand_on_a_page(look):
    page = look("ada")
    assert f"1–{shown_as.ON_A_PAGE} of" in page.main
    assert len([row for row in page.rows() if "Ask:" in row]) == shown_as.ON_A_PAGE
    assert "There is no page “99”" in look("ada", page="99").main


def test_the_secretariat_takes_all_of_it_away_and_nobody_else(world, sign_in):
    for name, may in (("ada", True), ("ed", True), ("cora", False), ("connie", False)):
        response = sign_in(world.people[name]).get(path(format="csv", kind="slips"))
        if may:
            text = b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()
            assert "counts 25; 26 without this slip" in text
            assert len(text.splitlines()) == 3
        else:
            assert response.status_code == 403, name


def test_the_queries_are_few_and_the_same_with_more(world, sign_in):
    client = sign_in(world.people.ada)
    few = queries_of(client, path())
    for number in range(3):
        activity(f"P{number}", date(2026, 9, 9), [ITEMS, YES], title="Alerts on gems", participants=["THA", "SGP"])
    answer(world.interim, "AUS", STATUS, standing="planned")
    state_part(activity=Activity.objects.get(reference="P1"), organisation=org("THA"), by=None, **CONTEST)
    assert queries_of(client, path()) == few <= 12
    for name in ("connie", "cora", "olga"):
        assert queries_of(sign_in(world.people[name]), path()) <= 12


def test_in_a_closed_round_the_way_leads_to_what_is_open(world, look):
    assert "/reminders/" in look("ada", kind="silent", kpi=STATUS).html
    close_round(collection=world.current, by=None, now=NOW)
    page = look("ada", kind="silent", kpi=STATUS, as_at=INTERIM)
    assert "/reminders/" not in page.main
    assert f"/kpis/{STATUS}/" in page.html
