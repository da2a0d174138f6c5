"""A KPI's page: its figure, and all that the figure is made of, for each reader what they may see."""

from datetime import date

import pytest
from django.core.cache import caches

from members.models import Organisation, Role
from reporting.actions import move, publish_release
from reporting.choices import AnswerStatus
from reporting.inputs import Basis
from reporting.models import ActivityVersion, Answer, Job, Release
from reporting.report import build_report
from workplan.models import Reading

from .looks import address, look, queries_of, stored
from .region import (
    BASELINE,
    INTERIM,
    LIVE,
    NOW,
    OPEN,
    PLAN,
    ROLES,
    activity,
    answer,
    enter,
    kpi,
    leave_only,
    new_reading,
    on,
    standings,
)
from .world import CODES, STATUS, STATUS_4

RELEASED = ("connie", "ali", "olga", "percy")
ITEMS, YES, WOMEN, HEADS, RATING = "2.1.1(a).2", "2.2.2(a).1", "3.1.3(a)", "3.1.3(b)", "3.2.1(c)"
PAIRS, SUM, GROWING, GROWTH, SHARE = "1.1.2(c)", "4.2.1(a)", "4.2.1(f)", "2.1.1(b).1", "3.1.2(a)"
ONE_OF_EACH = (STATUS, YES, ITEMS, WOMEN, HEADS, RATING, PAIRS, SUM, GROWING, GROWTH, SHARE, "1.3.1(a)")


def names() -> dict[str, str]:
    return dict(Organisation.objects.values_list("code", "name"))


def test_before_the_plan_begins_nobody_is_told_to_have_answered(world, sign_in):
    page = look(sign_in(world.people.percy), "kpi", YES, release=1)
    assert (page.status, "Not begun" in page.main) == (200, True)
    assert "does not count" not in page.main
    assert 'class="sqg"' not in page.html


# ---------------------------------------------------------------- who sees what


def test_a_stranger_is_sent_to_sign_in(world, client):
    page = look(client, "kpi", STATUS)
    assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


def test_somebody_without_a_role_is_refused(world, sign_in):
    assert look(sign_in(world.people.nobody), "kpi", STATUS).status == 403


@pytest.mark.parametrize(
    ("name", "own", "day"),
    [
        ("ada", STATUS, "30.06.27"),
        ("ed", STATUS, "30.06.27"),
        ("cora", STATUS, "30.06.27"),
        ("cora", STATUS_4, "30.06.26, release 1"),
        ("vera", STATUS_4, "30.06.27"),
        ("vera", STATUS, "30.06.26, release 1"),
        *((name, STATUS, "30.06.26, release 1") for name in RELEASED),
    ],
)
def test_each_reader_sees_the_figures_that_are_theirs_and_is_told_which(world, sign_in, name, own, day):
    page = look(sign_in(world.people[name]), "kpi", own)
    assert page.status == 200
    assert page.heading.endswith(f"as at {day.partition(',')[0]}")
    assert page.foot.startswith(f"RSP Tracker · Figures as at {day}, accepted answers")


@pytest.mark.parametrize("name", ROLES)
def test_comments_are_read_by_those_alone_who_may_read_the_submission(world, sign_in, name):
    client = sign_in(world.people[name])
    found = "".join(look(client, "kpi", code).html for code in (STATUS, STATUS_4, SUM, YES))
    everything = name in LIVE
    assert ("CANARY-new-FJI" in found) is (everything or name == "cora")
    assert ("CANARY-old-AFG" in found) is (everything or name == "cora")
    assert ("CANARY-figure-FJI" in found) is False or everything
    assert ("CANARY-yes-AUS" in found) is everything
    assert "CANARY-draft" not in found
    if name in RELEASED:
        assert "CANARY" not in found
        assert "7777" not in found


def test_a_co_coordinator_reads_no_comment_of_another_focus_area(world, sign_in):
    cora, vera = sign_in(world.people.cora), sign_in(world.people.vera)
    assert "CANARY" not in look(cora, "kpi", STATUS_4).html
    assert "CANARY" not in look(vera, "kpi", STATUS).html
    assert "CANARY-new-NPL" in look(vera, "kpi", STATUS_4).html


def test_a_draft_is_seen_by_nobody_here(world, sign_in):
    for basis in ("accepted", "reported"):
        for day in (INTERIM, OPEN):
            page = look(sign_in(world.people.ada), "kpi", STATUS, as_at=day, basis=basis)
            assert "CANARY-draft" not in page.html
            assert "No answer" in page.row(names()["VUT"])


def test_somebody_with_two_roles_sees_what_either_shows(world, sign_in):

    Role.objects.create(
        user=world.people.percy, organisation=Organisation.objects.get(code="CHN"), role="co_coordinator"
    )
    assert "CANARY-new-FJI" in look(sign_in(world.people.percy), "kpi", STATUS).html


@pytest.mark.parametrize("name", RELEASED)
def test_before_the_first_release_a_plain_page_says_so(world, sign_in, name):
    Job.objects.all().delete()
    Release.objects.all().delete()
    page = look(sign_in(world.people[name]), "kpi", STATUS)
    assert (page.status, page.heading) == (200, "Nothing is released yet")


# ---------------------------------------------------------------- the figure


@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_it_says_wording_rule_and_figure(world, sign_in, code):
    report = build_report(on(INTERIM))
    text = next(each for each in report.plan.kpis if each.code == code)
    main = look(sign_in(world.people.ada), "kpi", code).main
    for words in (text.text, text.target, text.milestone, text.responsible, text.reading.question):
        assert " ".join(words.split()) in main
    if text.reading.note:
        assert text.reading.note in main


def test_every_kpi_has_a_page(world, sign_in):
    client = sign_in(world.people.ada)
    report = build_report(on(INTERIM))
    pages = {code: look(client, "kpi", code) for code in report.results}
    assert {page.status for page in pages.values()} == {200}
    assert [code for code, page in pages.items() if not page.heading.startswith(f"{code}: ")] == []


def test_it_says_up_to_how_many_with_the_pending_and_the_silent(world, sign_in):
    result = build_report(on(INTERIM)).results[STATUS]
    assert (result.value, result.pending, result.unanswered) == (25, ("TON",), ("TLS", "VUT"))
    main = look(sign_in(world.people.ada), "kpi", STATUS).main
    assert "Up to 28: 1 pending and 2 silent may still count" in main
    assert "25 of 35 Members count" in main
    assert "It applies to 34 of 35 Members" in main
    assert " Pending 1 " in main
    assert " Silent 2 " in main


def test_on_the_reported_basis_nobody_is_pending(world, sign_in):
    page = look(sign_in(world.people.ada), "kpi", STATUS, basis="reported")
    assert "Up to 28: 0 pending and 2 silent may still count" in page.main
    assert "26 of 35 Members count" in page.main


def test_every_member_has_its_line(world, sign_in):
    page = look(sign_in(world.people.ada), "kpi", STATUS)
    lines = {code: page.row(name) for code, name in names().items() if code in CODES}
    assert "Counts In place 30.06.26 not renewed CANARY-old-AFG" in lines["AFG"]
    assert "Counts In place 30.06.27 CANARY-new-AUS" in lines["AUS"]
    assert "not renewed" not in lines["AUS"]
    assert "Answered, does not count Planned A slip: it said in place as at 30.06.26. 30.06.27" in lines["FJI"]
    assert "Not decided yet In place" in lines["TON"]
    assert "Does not apply Not applicable 30.06.27" in lines["PLW"]
    assert "No answer" in lines["TLS"]
    decided = [code for code, line in lines.items() if "the secretariat, 30.06.2" in line]
    assert set(CODES) - set(decided) - {"TON"} == {"TLS", "VUT"}


def test_the_evidence_of_what_is_not_decided_yet_is_its_own(world, sign_in):
    """And nobody is said to have accepted it."""
    row = look(sign_in(world.people.ada), "kpi", STATUS).row("Tonga")
    assert "Not decided yet In place" in row
    assert "CANARY-sent-TON" in row
    assert "the secretariat, " not in row


def test_members_stand_by_group_with_how_many_count(world, sign_in):
    page = look(sign_in(world.people.ada), "kpi", STATUS)
    counted = set(build_report(on(INTERIM)).results[STATUS].counted)
    for group, label in (("sub_continent", "Sub-Continent"), ("far_east", "Far East"), ("asean", "ASEAN")):
        codes = set(Organisation.objects.filter(group=group).values_list("code", flat=True))
        assert f"{label}: {len(codes & counted)} of {len(codes)} count" in page.main


def test_who_accepted_it_and_when_stands_beside_the_answer(world, sign_in):
    [one] = enter(world.interim, standings(STATUS, {"TLS": "in_place"}), accept=False, by=world.people.ada)
    move(one, to=AnswerStatus.ACCEPTED, by=world.people.ed, now=NOW)
    assert "Counts In place 30.06.27 none Ed, 10.01.28" in look(sign_in(world.people.ada), "kpi", STATUS).main


def test_on_the_reported_basis_the_evidence_is_that_of_the_answer_that_counts(world, sign_in):
    """Every figure opens down to "answer, evidence, who accepted it and when": nobody accepted this one."""
    sent = [*standings(STATUS, {"AUS": "planned"}, comment="CANARY-newer")]
    enter(world.interim, sent, accept=False)
    row = look(sign_in(world.people.ada), "kpi", STATUS, basis="reported").row("Australia")
    assert "Planned" in row
    assert "CANARY-newer-AUS" in row
    assert "CANARY-new-AUS" not in row.replace("CANARY-newer-AUS", "")
    assert "the secretariat" not in row.replace("Entered by the secretariat on behalf of Australia", "")


def test_the_evidence_is_that_of_the_plan_year_that_counts(world, sign_in):
    code = "1.3.1(a)"  # over the whole plan
    answer(world.interim, "AUS", code, 2026, participated=True, comment="CANARY-it-did")
    answer(world.current, "AUS", code, 2027, participated=False, comment="CANARY-it-did-not")
    row = look(sign_in(world.people.ada), "kpi", code, as_at=OPEN).row("Australia")
    assert "2026/27: Yes" in row
    assert "CANARY-it-did " in f"{row} "
    assert "CANARY-it-did-not" not in row


def test_what_was_returned_is_being_corrected_and_not_silent(world, sign_in):
    sent = Answer.objects.get(kpi=kpi(STATUS), organisation__code="TON", state="submitted")
    Answer.objects.filter(kpi=kpi(STATUS), organisation__code="TON", state="accepted").delete()
    move(sent, to=AnswerStatus.RETURNED, by=None, now=NOW, reason="Evidence is missing")
    assert "Being corrected" in look(sign_in(world.people.ada), "kpi", STATUS).row("Tonga")


def test_it_shows_each_plan_year_and_how_many_were_met(world, sign_in):
    page = look(sign_in(world.people.ada), "kpi", ITEMS, as_at="2027-12-31")
    assert page.row("2026/27").startswith("2026/27 36 40 90.0")
    assert page.row("2026/27").endswith("Not met")
    assert page.row("2027/28").startswith("2027/28 20 40 50.0")
    assert page.row("2027/28").endswith("Open")
    assert "Years met: 0 of" in page.main


def test_years_met_counts_the_years_that_have_ended(world, sign_in):
    """ "At 30.06.27: off_track, years met 0 of 1 ended." """
    page = look(sign_in(world.people.ada), "kpi", ITEMS)
    assert page.heading.endswith("off track as at 30.06.27")
    assert "Years met: 0 of 1" in page.main


def test_a_standing_kpi_shows_baseline_expected_and_target(world, sign_in):
    main = look(sign_in(world.people.ada), "kpi", STATUS).main
    facts = main[: main.index("Members count")]
    assert " Target 30.06.28 28 " in facts
    assert " Expected by now 26 " in facts
    assert " Baseline 30.06.26 25 " in facts


def test_what_was_collected_stands_beside_a_stated_baseline(world, sign_in):
    Answer.objects.filter(kpi=kpi(STATUS_4), organisation__code="AFG").delete()
    main = look(sign_in(world.people.ada), "kpi", STATUS_4).main
    assert "Baseline, stated in the target text 9" in main
    assert "Collected for the baseline 8" in main


def test_the_line_over_the_rounds_has_its_table(world, sign_in):
    page = look(sign_in(world.people.ada), "kpi", STATUS)
    history = page.main[page.main.index("Over the rounds") :]
    assert "30.06.26 Baseline at 30.06.26 25 25 89.3" in history
    assert "30.06.27 Interim 1 25 26 89.3" in history
    assert "<polyline" in page.html or "<path" in page.html


def test_no_value_says_why(world, sign_in):
    client = sign_in(world.people.ada)
    assert "Nothing has been counted yet." in look(client, "kpi", "3.4.1(a)", as_at="2026-07-01").main
    assert "The plan has not begun." in look(client, "kpi", ITEMS, as_at="2026-06-30").main
    # Attested, so nothing recorded is a 0.
    assert "0 high-level dialogues (target 1)" in look(client, "kpi", "3.4.1(a)").heading
    ActivityVersion.objects.filter(title="ROCB-R1").update(rating=None, respondents=None)
    assert "No activity states both a rating and how many rated." in look(client, "kpi", RATING).main


def test_the_growth_of_a_finished_year_and_why_there_is_none(world, sign_in):
    client = sign_in(world.people.ada)
    assert "5.5 %" in look(client, "kpi", GROWTH).main
    Answer.objects.filter(kpi=kpi(GROWTH), plan_year=2025).delete()
    caches["pages"].clear()
    assert "the total of the year before is missing or zero" in look(client, "kpi", GROWTH).main


# ---------------------------------------------------------------- readings


def test_an_unconfirmed_reading_says_so(world, sign_in):
    client = sign_in(world.people.ada)
    waiting = Reading.objects.filter(decision_needed=True).first()
    page = look(client, "kpi", waiting.kpi.code)
    assert "Reading unconfirmed." in page.main
    Reading.objects.filter(pk=waiting.pk).update(confirmed_by=world.people.ada, confirmed_at=NOW)
    page = look(client, "kpi", waiting.kpi.code, basis="accepted")
    assert "Reading unconfirmed." not in page.main
    assert "Confirmed by Ada, 10.01.28." in page.main


def test_a_later_reading_says_from_when_it_is_valid(world, sign_in):
    new_reading(STATUS, date(2027, 1, 1), counts_from="planned", target_value=30)
    client = sign_in(world.people.ada)
    before, after = (look(client, "kpi", STATUS, as_at=day).main for day in ("2026-12-31", "2027-01-01"))
    assert "Counted by the reading valid from 01.01.27" in after
    assert "Counted by the reading valid from 01.07.25" in before
    assert ('"planned" or further' in after, '"planned" or further' in before) == (True, False)


def test_an_entered_baseline_says_why(world, sign_in):
    entered = {"baseline_value": 20, "baseline_origin": "entered", "baseline_reason": "Counted by hand."}
    Reading.objects.filter(kpi=kpi(STATUS)).update(**entered)
    main = look(sign_in(world.people.ada), "kpi", STATUS).main
    assert "Baseline, entered by the secretariat 20" in main
    assert "Counted by hand." in main


# ---------------------------------------------------------------- what the figure is made of


def section(page) -> list[str]:
    rows = page.rows()
    start = next(index for index, row in enumerate(rows) if row.startswith("Record What it says"))
    return rows[start + 1 :]


def test_activities_that_count_and_those_left_out_each_with_the_reason(world, sign_in):
    rows = section(look(sign_in(world.people.ada), "kpi", ITEMS))
    assert rows == [
        "RILO-ALERTS-1 RILO-ALERTS-1 (stands for 12) 30.09.26 Counts",
        "RILO-ALERTS-2 RILO-ALERTS-2 (stands for 15) 31.12.26 Counts",
        "RILO-ALERTS-3 RILO-ALERTS-3 (stands for 9) 31.03.27 Counts",
        "RILO-ALERTS-X RILO-ALERTS-X (stands for 7) 30.04.27 Not counted It is not confirmed yet.",
    ]


def test_delegations_that_count_and_those_left_out(world, sign_in):
    """The fourth worked example: 100 x 34/60, and the third is listed as not counted."""
    page = look(sign_in(world.people.ada), "kpi", WOMEN)
    assert "56.67" in page.heading
    first, second, third = section(page)
    assert ({"4", "10"} <= set(first.split()), first.endswith("Counts")) == (True, True)
    assert ({"30", "50"} <= set(second.split()), second.endswith("Counts")) == (True, True)
    assert "Not counted" in third
    assert "KOR" in third


def test_ratings_that_count_and_those_left_out(world, sign_in):
    rows = section(look(sign_in(world.people.ada), "kpi", RATING))
    assert [(row.split()[0], row.split(" Not counted ")[-1] if "Not counted" in row else "counts") for row in rows] == [
        ("ROCB-R1", "counts"),
        ("ROCB-R2", "It does not state both a rating and how many rated."),
        ("ROCB-PLANNED", "It was not held, or not yet."),
    ]


def test_arrangements_in_force_and_those_left_out(world, sign_in):
    rows = section(look(sign_in(world.people.ada), "kpi", PAIRS))
    assert {row.partition(" ")[0] + row[row.index(" - ") : row.index(" - ") + 6]: row for row in rows}.keys() == {
        "AUS - NZL", "CHN - SGP", "JPN - KOR", "JPN - NZL"
    }  # fmt: skip
    by_pair = {row[:9]: row for row in rows}
    assert by_pair["JPN - NZL"].endswith("Counts")
    assert by_pair["JPN - KOR"].endswith("It has no date in force.")
    assert by_pair["CHN - SGP"].endswith("It ended on 01.01.26.")
    assert by_pair["AUS - NZL"].endswith("It is not confirmed yet.")


def test_the_activities_behind_a_participation_figure_are_listed(world, sign_in):
    """ "Every figure can be opened down to what it is made of: ... the activities"."""
    page = look(sign_in(world.people.ada), "kpi", YES)
    rows = section(page)
    assert [(row.split()[0], " Counts" in row) for row in rows if row.split()[0] in ("OP-DRAGON", "OP-TIGER")] == [
        ("OP-DRAGON", True),
        ("OP-TIGER", False),
    ]
    assert "contributed to OP-DRAGON" in page.row(names()["FJI"])
    assert "took part in OP-DRAGON" in page.row(names()["KOR"])


def test_the_figures_behind_growing_members_are_listed(world, sign_in):
    """The base figure beside the later one: "the activities or figures behind it"."""
    page = look(sign_in(world.people.ada), "kpi", GROWING)
    assert "2026/27: 4" in page.main
    assert "2025/26: 3" in page.main
    assert "There is no base figure to compare with." in page.row("Samoa")
    assert "Without a base figure: Samoa." in page.main


def test_figures_stand_with_who_stated_them(world, sign_in):
    assert [row for row in section(look(sign_in(world.people.ada), "kpi", SUM)) if row.startswith("FJI")] == [
        "FJI 2026/27: 7777.5 “CANARY-figure-FJI” Decided by the secretariat, 30.06.27 30.06.27 Counts"
    ]
    assert "ROCB 2026/27: 3 of 8" in look(sign_in(world.people.ada), "kpi", SHARE).main


def test_who_attests_a_register_is_listed(world, sign_in):
    page = look(sign_in(world.people.ada), "kpi", "3.4.1(a)")
    assert "APVC The register is complete 30.06.27 Attested" in page.main


def test_an_observer_has_no_list_of_activities(world, sign_in):
    """``activity.list`` is not theirs; the released figure is."""
    publish_release(plan=world.plan, title="Interim", as_at=INTERIM, basis=Basis.ACCEPTED, by=None, now=NOW)
    observer, member = (look(sign_in(world.people[name]), "kpi", ITEMS) for name in ("percy", "connie"))
    assert "36" in observer.heading
    assert "RILO-ALERTS" not in observer.html
    assert "RILO-ALERTS-1" in member.html


# ---------------------------------------------------------------- the address


@pytest.mark.parametrize("name", ["ada", "percy"])
@pytest.mark.parametrize("code", ["9.9.9(z)", "1.1.1", "x", "1.1.1(b)'", "%00", "<b>"])
def test_a_kpi_that_does_not_exist_gets_a_plain_page(world, sign_in, name, code):
    page = look(sign_in(world.people[name]), "kpi", code)
    assert page.status == 404
    assert "You can go to" in page.main


@pytest.mark.parametrize(
    "asked", [{"as_at": "2027-13-01"}, {"basis": "x"}, {"release": "7"}, {"release": "1", "as_at": "x"}]
)
def test_an_address_with_what_does_not_exist_gets_a_plain_page(world, sign_in, asked):
    page = look(sign_in(world.people.ada), "kpi", STATUS, **asked)
    assert (page.status, "You can go to" in page.main) == (404, True)


def test_a_release_may_be_looked_at_by_its_number(world, sign_in):
    client = sign_in(world.people.ada)
    page = look(client, "kpi", STATUS, release=1)
    assert page.heading.endswith("as at 30.06.26")
    assert "CANARY" not in page.html
    assert f'href="{address("kpi", "1.1.1(c)")}?release=1"' in page.html


def test_a_provisional_date_says_so(world, sign_in):
    page = look(sign_in(world.people.ada), "kpi", STATUS, as_at=OPEN)
    assert page.main.startswith("Provisional.")
    assert "CANARY-late-JPN" in page.html


def test_a_co_coordinator_elsewhere_is_not_told_that_released_figures_are_provisional(world, sign_in):
    publish_release(plan=world.plan, title="Interim", as_at=INTERIM, basis=Basis.ACCEPTED, by=None, now=NOW)
    world.interim.__class__.objects.filter(code="interim-2027").update(closed_at=None, closes_at=None)
    page = look(sign_in(world.people.cora), "kpi", STATUS_4, as_at=INTERIM)
    assert page.status == 200
    assert "Provisional" not in page.main


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(world, sign_in, method):
    client = sign_in(world.people.ada)
    before = stored()
    response = getattr(client, method)(address("kpi", STATUS))
    assert response.status_code in (200, 403, 405)
    assert stored() == before


# ---------------------------------------------------------------- queries


@pytest.mark.parametrize("name", ROLES)
def test_it_takes_at_most_12_queries_however_many_members_there_are(world, sign_in, name):
    client = sign_in(world.people[name])
    paths = [address("kpi", code) for code in (STATUS, YES, PAIRS, STATUS_4)]
    counts = {35: [queries_of(client, path) for path in paths]}
    for number, codes in ((3, ("CHN", "FJI", "JPN")), (1, ("FJI",))):
        leave_only(*codes)
        counts[number] = [queries_of(client, path) for path in paths]
    assert counts[1] == counts[3] == counts[35]
    assert max(counts[35]) <= 12


@pytest.mark.parametrize("code", [STATUS, YES, PAIRS])
def test_a_provisional_page_takes_at_most_12_queries_too(world, sign_in, code):
    assert queries_of(sign_in(world.people.ada), address("kpi", code, as_at=OPEN)) <= 12


def test_the_plan_is_that_of_the_address(world, sign_in):
    assert sign_in(world.people.ada).get(f"/plans/other/kpis/{STATUS}/").status_code == 404
    assert address("kpi", STATUS) == f"/plans/{PLAN}/kpis/{STATUS}/"
    assert BASELINE < INTERIM < OPEN


def test_it_lists_an_activity_whatever_its_reference(world, sign_in):
    activity("Workshop in Suva", date(2026, 10, 10), [YES], participants=["FJI"])
    assert any(row.startswith("Workshop in Suva") for row in section(look(sign_in(world.people.ada), "kpi", YES)))
