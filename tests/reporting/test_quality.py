"""What is odd in the data, in a sentence, with whom to ask; and what it says of a figure is what the figure becomes
once it is really settled so."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import RequestFactory

from members.models import Organisation
from reporting.actions import decide
from reporting.actions.behalf import Said, contest_on_behalf, enter_on_behalf, keep_original
from reporting.actions.deciding import accept_answers, return_answer
from reporting.actions.duplicates import merge, tell_apart
from reporting.actions.entry import tokens
from reporting.actions.evidence import Beside, add_link
from reporting.actions.statements import settle_part, settle_side, state_part, state_side
from reporting.answer_evidence import lacking
from reporting.choices import Decision, StatementKind
from reporting.explanation import plain
from reporting.facts.rows import load_arrangements
from reporting.inputs import Basis
from reporting.looking import looking
from reporting.models import (
    UNSAID,
    Activity,
    ActivityVersion,
    Answer,
    Arrangement,
    ArrangementVersion,
    PartStatement,
    Plurilateral,
    Submission,
    Suspicion,
)
from reporting.presentation import WORDS
from reporting.quality.all import search
from reporting.quality.beside import read_beside, told
from reporting.quality.finding import Kind
from reporting.quality.ground import arrangement_of
from reporting.questions import questions_of
from reporting.report import build_report
from reporting.sides import Told, of_version

from .looks import stored as stored_rows
from .region import INTERIM, NOW, PLAN, activity, answer, arrangement, on, org
from .world import STATUS

YES, PAIRS, ITEMS, WOMEN, GROWING, SUM = "2.2.2(a).1", "1.1.2(c)", "2.1.1(a).2", "3.1.3(a)", "4.2.1(f)", "4.2.1(a)"


def findings(person, basis=Basis.ACCEPTED, as_at=INTERIM):
    request = RequestFactory().get("/", {"as-at": as_at.isoformat(), "basis": basis.value})
    request.user = person
    look = looking(request, PLAN)
    return search(look, read_beside(person, look.occasion.plan))


def of(person, kind, code="", organisation="", **asked):
    found = [each for each in findings(person, **asked) if each.kind is kind]
    found = [each for each in found if not code or code in each.kpis]
    return [each for each in found if not organisation or organisation in each.organisations]


def the(person, kind, code="", organisation="", **asked):
    [found] = of(person, kind, code, organisation, **asked)
    return found


def between(*codes):
    return Arrangement.objects.get(party_a__code__in=codes, party_b__code__in=codes)


def change(finding, code):
    [found] = [each for each in finding.changes if each.kpi == code]
    return found


def result(code, basis=Basis.ACCEPTED, as_at=INTERIM):
    return build_report(on(as_at, basis)).results[code]


def shown(code, **asked):
    """The value as it is written: 37.5, and not 37.50."""
    return plain(result(code, **asked).value)


def sent_back(one, by):
    one.refresh_from_db()
    told = {"reason": "Is this so?", "correct_by": None, "by": by, "now": NOW}
    return_answer(answer=one, seen=tokens([one])[one.pk], **told)


def stored(member, code, collection, year=None):
    where = {"organisation__code": member, "kpi__code": code, "round": collection, "plan_year": year}
    return Answer.objects.filter(**where).latest("version")


# ---------------------------------------------------------------- slips and jumps


def test_a_slip_says_what_was_said_and_what_the_figure_is_without_it(world):
    ada = world.people.ada
    found = the(ada, Kind.SLIP, STATUS, "FJI")
    assert found.what == "Fiji says “Planned” as at 30.06.27, after “In place” as at 30.06.26."
    assert found.ask == "Fiji: its approver."
    assert found.way.endswith(f"/review/FJI/return/{STATUS}/")
    said = change(found, STATUS)
    assert said.words == "counts 25; 26 without this slip"
    before = result(STATUS)
    sent_back(stored("FJI", STATUS, world.interim), ada)
    after = result(STATUS)
    assert (before.value, after.value) == (25, 26)
    assert said.moves == f"Now: {WORDS[before.status]}. It would be: {WORDS[after.status]}."
    assert before.status is not after.status
    assert not of(ada, Kind.SLIP, STATUS, "FJI")


def test_what_did_not_count_before_changes_nothing(world):
    found = the(world.people.ada, Kind.SLIP, STATUS, "PLW")
    assert found.what.startswith("Palau says “Not applicable” as at 30.06.27, after “Planned”")
    assert change(found, STATUS).words == "the figure stays 25"
    assert change(found, STATUS).moves == ""


def test_a_yes_that_became_a_no_is_a_slip_of_its_plan_year(world):
    one = answer(world.current, "AUS", YES, 2026, participated=False)
    at = {"as_at": date(2027, 12, 31)}
    found = the(world.people.ada, Kind.SLIP, YES, **at)
    assert "2026/27: No" in found.what
    assert found.what.endswith("after “Yes” as at 30.06.27.")
    value = result(YES, **at).value
    sent_back(one, world.people.ada)
    assert result(YES, **at).value == value
    assert change(found, YES).words == f"the figure stays {value}"


def test_the_first_answer_and_a_better_one_are_no_slips(world):
    assert {each.organisations for each in of(world.people.ada, Kind.SLIP)} == {("FJI",), ("PLW",)}


def test_on_the_reported_basis_what_was_sent_slips_too(world):
    answer(world.interim, "AUS", STATUS, standing="not_started", accept=False)
    ada = world.people.ada
    assert not of(ada, Kind.SLIP, STATUS, "AUS")
    found = the(ada, Kind.SLIP, STATUS, "AUS", basis=Basis.REPORTED)
    value = result(STATUS, Basis.REPORTED).value
    assert change(found, STATUS).words == f"counts {value}; {value + 1} without this slip"


@pytest.mark.parametrize(
    ("base", "now", "words"),
    [
        ("100", "250", "Fiji states 2026/27: 250; for 2025/26 it stated 100."),
        ("100", "40", "Fiji states 2026/27: 40; for 2025/26 it stated 100."),
        ("100", "60", "Fiji states 2026/27: 60, less than its base: 2025/26: 100."),
    ],
)
def test_a_jump_says_what_the_sum_is_with_the_earlier_number(world, base, now, words):
    answer(world.baseline, "FJI", SUM, 2025, value=Decimal(base))
    one = answer(world.interim, "FJI", SUM, 2026, value=Decimal(now))
    found = the(world.people.ada, Kind.JUMP, SUM, "FJI")
    assert found.what == words
    value = result(SUM).value
    Answer.objects.filter(pk=one.pk).update(value=Decimal(base))
    assert change(found, SUM).words == f"counts {value}; {result(SUM).value} with the earlier number"


def test_a_jump_of_a_share_and_of_growth_is_counted_again_too(world):
    code, growth = "3.1.2(a)", "2.1.1(b).1"
    one = answer(world.current, "ROCB", code, 2026, numerator=Decimal(8), denominator=Decimal(8))
    at = {"as_at": date(2027, 12, 31)}
    found = the(world.people.ada, Kind.JUMP, code, **at)
    value = shown(code, **at)
    sent_back(one, world.people.ada)
    assert change(found, code).words == f"counts {value} %; {shown(code, **at)} % with the earlier number"
    other = answer(world.current, "RILO", growth, 2026, value=Decimal(900))
    found = the(world.people.ada, Kind.JUMP, growth, **at)
    value = shown(growth, **at)
    sent_back(other, world.people.ada)
    said = change(found, growth).words.replace(" %", "")
    assert said == f"counts {value}; {shown(growth, **at)} with 211 as before; 0 with 200 as for 2025/26"


def test_a_figure_is_compared_with_its_own_year_and_with_the_year_before(world):
    Answer.objects.filter(kpi__code=SUM).delete()
    answer(world.baseline, "FJI", SUM, 2025, value=Decimal(1))
    answer(world.interim, "FJI", SUM, 2026, value=Decimal(2))
    one, at = answer(world.current, "FJI", SUM, 2026, value=Decimal(3)), {"as_at": date(2027, 12, 31)}
    found = the(world.people.ada, Kind.JUMP, SUM, "FJI", **at)
    assert found.what == "Fiji states 2026/27: 3; for 2025/26 it stated 1."
    Answer.objects.filter(pk=one.pk).update(value=Decimal(9))
    found = the(world.people.ada, Kind.JUMP, SUM, "FJI", **at)
    assert found.what == "Fiji states 2026/27: 9; before it stated 2 and for 2025/26 it stated 1."
    assert change(found, SUM).words == f"the figure stays {result(SUM, **at).value}"


def test_twice_as_much_is_no_jump(world):
    answer(world.baseline, "FJI", SUM, 2025, value=Decimal(100))
    answer(world.interim, "FJI", SUM, 2026, value=Decimal(200))
    assert not of(world.people.ada, Kind.JUMP, SUM, "FJI")


# ---------------------------------------------------------------- contradictions


def test_a_contested_part_counts_again_when_it_is_settled(world):
    dragon = Activity.objects.get(reference="OP-DRAGON")
    told = {"kind": StatementKind.CONTESTED, "reason": "We were not there.", "by": world.people.connie, "now": NOW}
    state_part(activity=dragon, organisation=org("KOR"), **told)
    found = the(world.people.ada, Kind.CONTRADICTION, YES, "KOR")
    assert found.what == "Korea contests its part in “OP-DRAGON”, which does not count meanwhile."
    assert found.ask == f"Korea; {org('RILO').name}, who organised it. The secretariat settles it."
    assert found.way.endswith(f"/activities/{dragon.pk}/settle/")
    value = result(YES).value
    statement = PartStatement.objects.get(organisation__code="KOR")
    settle_part(statement=statement, settlement="It was.", by=world.people.ada, now=NOW)
    assert change(found, YES).words == f"counts {value}; {result(YES).value} if its part is confirmed"
    assert result(YES).value == value + 1
    assert not of(world.people.ada, Kind.CONTRADICTION, YES, "KOR")


def test_a_contested_delegation_changes_the_share_of_women(world):
    meeting = Activity.objects.get(reference="ROCB-W2")
    told = {"kind": StatementKind.CONTESTED, "reason": "Fewer.", "by": world.people.connie, "now": NOW}
    state_part(activity=meeting, organisation=org("JPN"), **told)
    found = the(world.people.ada, Kind.CONTRADICTION, WOMEN, "JPN")
    value = shown(WOMEN)
    statement = PartStatement.objects.get(organisation__code="JPN")
    settle_part(statement=statement, settlement="It was.", by=world.people.ada, now=NOW)
    then = shown(WOMEN)
    assert value != then
    assert change(found, WOMEN).words == f"counts {value} %; {then} % if its part is confirmed"


def test_what_was_entered_on_behalf_and_is_not_what_was_said(world):
    by, ali = world.people.ed, world.people.ali
    submission = Submission.objects.select_related("round__plan", "organisation").get(
        round=world.current, organisation__code="FJI"
    )
    came = {"name": "a.txt", "content": b"In place.", "received_on": date(2028, 1, 9), "received_from": "J. Rabuka"}
    original = keep_original(submission=submission, **came, by=by, now=NOW)
    said = [Said(None, UNSAID | {"standing": "in_place", "comment": "", "evidence_url": ""}, "0")]
    question = questions_of(world.current)[STATUS]
    enter_on_behalf(original=original, question=question, said=said, by=by, now=NOW)
    one = stored("FJI", STATUS, world.current)
    accept_answers(seen=tokens([one]), by=world.people.vera, now=NOW)
    at = {"as_at": date(2027, 12, 31)}
    assert not of(world.people.ada, Kind.CONTRADICTION, STATUS, "FJI", **at)
    one.refresh_from_db()
    contest_on_behalf(submission=submission, seen=tokens([one]), reason="No.", by=ali, now=NOW)
    found = the(world.people.ada, Kind.CONTRADICTION, STATUS, "FJI", **at)
    assert found.what == "The secretariat entered “In place” for Fiji, which says that it did not say so."
    value = result(STATUS, **at).value
    sent_back(one, world.people.ada)
    assert change(found, STATUS).words == f"counts {value}; {result(STATUS, **at).value} if it is returned"
    assert result(STATUS, **at).value == value - 1


def test_a_no_beside_an_activity_that_counts(world):
    answer(world.interim, "KOR", YES, 2026, participated=False)
    found = the(world.people.ada, Kind.CONTRADICTION, YES, "KOR")
    assert found.what == (
        "Korea says “2026/27: No”, and the register names it in an activity of 2026/27 that counts here."
    )
    value = result(YES).value
    told = {"kind": StatementKind.CONTESTED, "reason": "No.", "by": world.people.connie, "now": NOW}
    state_part(activity=Activity.objects.get(reference="OP-DRAGON"), organisation=org("KOR"), **told)
    assert change(found, YES).words == f"counts {value}; {result(YES).value} if it took no part"
    assert result(YES).value == value - 1
    assert not of(world.people.ada, Kind.CONTRADICTION, YES, "NPL")


def test_noes_beside_activities_are_one_finding_for_each_kpi(world):
    """With all that say so by name; the figure as it is if all of them are right."""
    ada = world.people.ada
    for code in ("CHN", "KOR", "FJI"):
        answer(world.interim, code, YES, 2026, participated=False)
    found = the(ada, Kind.CONTRADICTION, YES)
    assert found.organisations == ("CHN", "FJI", "KOR")
    assert found.what == (
        "3 Members say “No” or “Not applicable” of a plan year, and the register names them in an activity of that "
        "year that counts here: China (2026/27); Fiji (2026/27); Korea (2026/27)."
    )
    assert found.way.endswith(f"/answers/?q=2.2.2%28a%29.1&round={world.interim.code}")
    own = the(world.people.connie, Kind.CONTRADICTION, YES)
    assert own.organisations == ("FJI",)
    assert own.what.startswith("Fiji says “2026/27: No”, and the register names it in an activity of 2026/27")
    assert change(own, YES).words == "1 fewer if it took no part"
    value = result(YES).value
    told = {"kind": StatementKind.CONTESTED, "reason": "No.", "by": world.people.connie, "now": NOW}
    for code in found.organisations:
        state_part(activity=Activity.objects.get(reference="OP-DRAGON"), organisation=org(code), **told)
    assert change(found, YES).words == f"counts {value}; {result(YES).value} if they took no part"
    assert result(YES).value == value - 3


def test_sides_that_contradict_each_other(world):
    pair = between("JPN", "NZL")
    told = {"kind": StatementKind.CONTESTED, "reason": "It ended.", "by": world.people.connie, "now": NOW}
    state_side(arrangement=pair, organisation=org("NZL"), **told)
    found = the(world.people.ada, Kind.CONTRADICTION, PAIRS)
    assert found.what.startswith("On the arrangement between Japan and New Zealand the sides contradict each other")
    value = result(PAIRS).value
    settle_side(
        statement=pair.statements.get(), settlement="The text.", source="The text.", by=world.people.ada, now=NOW
    )
    assert change(found, PAIRS).words == f"counts {value}; {result(PAIRS).value} if it is right as recorded"


# ---------------------------------------------------------------- records that a party has not confirmed


def test_a_silent_side_may_disagree(world):
    pair = between("JPN", "NZL")
    told = {"by": world.people.connie, "now": NOW}
    state_side(arrangement=pair, organisation=org("JPN"), kind=StatementKind.CONFIRMED, reason="", **told)
    [found] = [each for each in of(world.people.ada, Kind.ONE_SIDED, PAIRS) if len(each.organisations) == 2]
    assert found.what == "Japan has an arrangement with New Zealand, and New Zealand has not said so."
    assert found.ask == "New Zealand: its contributor or approver."
    value = result(PAIRS).value
    state_side(arrangement=pair, organisation=org("NZL"), kind=StatementKind.CONTESTED, reason="No.", **told)
    assert change(found, PAIRS).words == f"counts {value}; {result(PAIRS).value} if the silent side disagrees"


def test_parts_that_nobody_confirmed_are_told_by_kpi(world):
    found = the(world.people.ada, Kind.ONE_SIDED, YES)
    assert found.what == "3 Members have not confirmed their part in activities that count here."
    assert found.organisations == ("CHN", "FJI", "KOR")
    value = result(YES).value
    told = {"kind": StatementKind.CONTESTED, "reason": "No.", "by": world.people.connie, "now": NOW}
    dragon = Activity.objects.get(reference="OP-DRAGON")
    for code in ("CHN", "KOR", "FJI"):
        state_part(activity=dragon, organisation=org(code), **told)
    assert change(found, YES).words == f"counts {value}; {result(YES).value} if they took no part"


def test_who_confirmed_its_part_is_not_asked(world):
    dragon = Activity.objects.get(reference="OP-DRAGON")
    told = {"kind": StatementKind.CONFIRMED, "reason": "", "by": world.people.connie, "now": NOW}
    state_part(activity=dragon, organisation=org("FJI"), **told)
    assert "FJI" not in the(world.people.ada, Kind.ONE_SIDED, YES).organisations


# ---------------------------------------------------------------- duplicates


def twins(*, accept=False):
    day = date(2026, 9, 9)
    one = activity("A", day, {ITEMS: 4, YES: 1}, title="Alerts on gems", organisers=["RILO"], participants=["THA"])
    other = activity(
        "B", day, {ITEMS: 6, YES: 1}, title="Alerts on gems", organisers=["RILO"], participants=["SGP"], accept=accept
    )
    assert Suspicion.objects.filter(first=one, second=other).exists()
    return one, other


def test_two_records_count_once_until_somebody_rules(world):
    one, other = twins()
    found = the(world.people.ada, Kind.DUPLICATE)
    assert found.what == "“Alerts on gems” and “Alerts on gems” may be one event, recorded twice."
    assert found.ask == f"The secretariat rules; {org('RILO').name}, who organised them."
    assert found.way.endswith(f"/activities/{one.pk}/same/{other.pk}/")
    items, yes = result(ITEMS).value, result(YES).value
    suspicion = Suspicion.objects.get(first=one, second=other)
    tell_apart(suspicion=suspicion, reason="Two.", by=world.people.ada, now=NOW)
    decide(other.versions.get(), to=Decision.CONFIRMED, by=world.people.ada, now=NOW)
    two = (result(ITEMS).value, result(YES).value)
    assert two == (items + 6, yes + 1)
    said = change(found, ITEMS).words
    assert said == f"counts one of them: {items}; {two[0]} if they are two events; {items + 2} if they are one"
    assert f"; {two[1]} if they are two events" in change(found, YES).words


@pytest.mark.parametrize("kept", [0, 1])
def test_what_merging_makes_of_the_figures(world, kept):
    pair = twins(accept=False)
    other = pair[1]
    ActivityVersion.objects.filter(activity=other).update(accepted=True, decision=Decision.CONFIRMED, decided_at=NOW)
    found = the(world.people.ada, Kind.DUPLICATE)
    before = {code: result(code).value for code in (ITEMS, YES)}
    merge(kept=pair[kept], gone=pair[1 - kept], reason="One.", by=world.people.ada, now=NOW)
    decide(pair[kept].versions.latest("number"), to=Decision.CONFIRMED, by=world.people.ed, now=NOW)
    for code in (ITEMS, YES):
        words = change(found, code).words
        two, one = before[code], result(code).value
        kept_words = f"counts both: {two}; {two} if they are two events; {one} if they are one"
        assert words == (kept_words if one != two else f"the figure stays {two}")
    assert result(ITEMS).value == before[ITEMS] - 4


# ---------------------------------------------------------------- evidence, silence, base


def test_missing_evidence_changes_nothing_and_says_of_how_many(world):
    ada = world.people.ada
    found = the(ada, Kind.EVIDENCE, STATUS)
    assert found.what == "25 of the 25 answers that count have neither a link nor evidence."
    assert [(each.words, each.moves) for each in found.changes] == [("no figure changes", "")]
    one = stored("WSM", STATUS, world.interim)
    Answer.objects.filter(pk=one.pk).update(evidence_url="https://example.org/law")
    two = stored("AUS", STATUS, world.interim)
    add_link(beside=Beside(submission=two.submission, kpi=two.kpi), url="https://example.org/a", title="Law",
             by=ada, now=NOW)  # fmt: skip
    found = the(ada, Kind.EVIDENCE, STATUS)
    assert found.what == "23 of the 25 answers that count have neither a link nor evidence."
    assert not {"WSM", "AUS"} & set(found.organisations)


def test_evidence_of_an_earlier_round_shows_a_later_answer_too(world):
    """As in the list of answers: it need not be given again."""
    ada, before = world.people.ada, stored("FJI", STATUS, world.baseline)
    link = {"url": "https://example.org/a", "title": "Law", "by": ada, "now": NOW}
    later = answer(world.interim, "FJI", STATUS, standing="in_place")
    assert "FJI" in the(ada, Kind.EVIDENCE, STATUS).organisations
    add_link(beside=Beside(submission=before.submission, kpi=before.kpi), **link)
    assert "FJI" not in the(ada, Kind.EVIDENCE, STATUS).organisations
    assert not Answer.objects.filter(lacking(), pk=later.pk).exists()


def test_a_figure_that_nothing_shows_lacks_evidence_too(world):
    """Also where its guidance does not speak of evidence; each year's figure by itself, and that of the base year."""
    Answer.objects.filter(kpi__code=SUM).delete()
    answer(world.baseline, "FJI", SUM, 2025, value=Decimal(100))
    found = the(world.people.ada, Kind.EVIDENCE, SUM)
    assert found.what == "The only figure that is stated has neither a link nor evidence."
    answer(world.interim, "FJI", SUM, 2026, value=Decimal(150), evidence_url="https://example.org/a")
    found = the(world.people.ada, Kind.EVIDENCE, SUM)
    assert found.what == "1 of the 2 figures that are stated has neither a link nor evidence."
    Answer.objects.filter(kpi__code=SUM).update(evidence_url="https://example.org/a")
    assert not of(world.people.ada, Kind.EVIDENCE, SUM)


def test_the_way_to_missing_evidence_leads_to_where_it_is_added(world):
    people = world.people
    for name in ("ada", "ed", "cora"):
        way = the(getattr(people, name), Kind.EVIDENCE, STATUS).way
        assert way.endswith("/answers/?q=1.1.1%28b%29&round=all&evidence=without"), name
    answer(world.interim, "FJI", "1.1.1(c)", standing="in_place")
    for name in ("connie", "ali"):
        found = the(getattr(people, name), Kind.EVIDENCE, "1.1.1(c)")
        assert found.way.endswith("/returns/FJI/kpis/1.1.1(c)/"), name


def test_activities_and_arrangements_without_evidence(world):
    ada = world.people.ada
    assert the(ada, Kind.EVIDENCE, ITEMS).what == "3 of the 3 activities that count have no evidence."
    alerts = Activity.objects.get(reference="RILO-ALERTS-1")
    told = {"url": "https://example.org/a", "title": "Alert", "by": ada, "now": NOW}
    add_link(beside=Beside(activity=alerts), **told)
    assert the(ada, Kind.EVIDENCE, ITEMS).what == "2 of the 3 activities that count have no evidence."
    assert the(ada, Kind.EVIDENCE, PAIRS).what.startswith("3 of the 3 confirmed arrangements")
    add_link(beside=Beside(arrangement=between("JPN", "NZL")), **told)
    assert the(ada, Kind.EVIDENCE, PAIRS).what.startswith("2 of the 3 confirmed arrangements")


def test_the_silent_are_named_with_what_they_said_last(world):
    found = the(world.people.ada, Kind.SILENT, STATUS)
    assert found.organisations == ("TLS", "VUT")
    assert found.what == "2 Members say nothing on this. None of them ever did."
    before = result(STATUS)
    said = change(found, STATUS)
    assert said.words == f"counts {before.value}, up to {before.up_to}, 1 of them not decided yet"
    for code in ("TLS", "VUT", "TON"):
        answer(world.interim, code, STATUS, standing="in_place")
    after = result(STATUS)
    assert after.value == before.up_to
    assert said.moves == f"Now: {WORDS[before.status]}. It would be: {WORDS[after.status]}."


def test_who_answered_for_another_year_is_silent_since(world):
    found = the(world.people.ada, Kind.SILENT, "4.1.2(b)")
    assert "Fiji answered last as at 30.06.26." in found.what


def test_figures_without_base(world):
    found = the(world.people.ada, Kind.NO_BASE, GROWING)
    assert found.organisations == ("WSM",)
    assert found.what == "Samoa states a figure, and none for 2025/26, the year before the plan."
    value = result(GROWING).value
    assert change(found, GROWING).words == f"{value} Members growing; up to {value + 1}"
    answer(world.baseline, "WSM", GROWING, 2025, value=Decimal(0))
    assert result(GROWING).value == value + 1
    assert not of(world.people.ada, Kind.NO_BASE, GROWING)


# ---------------------------------------------------------------- the whole


def test_what_changes_a_status_comes_first_within_its_kind(world):
    found = findings(world.people.ada)
    for kind in Kind:
        moving = [each.moves_status for each in found if each.kind is kind]
        assert moving == sorted(moving, reverse=True)
    kinds = [list(Kind).index(each.kind) for each in found]
    assert kinds == sorted(kinds)


def test_a_reader_without_the_figures_is_told_what_their_own_does(world):
    found = the(world.people.connie, Kind.SLIP)
    assert found.organisations == ("FJI",)
    assert [(each.words, each.moves) for each in found.changes] == [("1 more without this slip", "")]
    answer(world.baseline, "FJI", SUM, 2025, value=Decimal(100))
    answer(world.interim, "FJI", SUM, 2026, value=Decimal(250))
    assert change(the(world.people.connie, Kind.JUMP), SUM).words == "150 fewer with the earlier number"


def test_neither_side_was_heard_is_told_once(world):
    [found] = [each for each in of(world.people.ada, Kind.ONE_SIDED, PAIRS) if len(each.organisations) > 2]
    assert found.what == "Of 4 arrangements neither side has said that it is so."


def test_the_way_to_an_unconfirmed_arrangement(world):
    """To the own side for a party, else to the list: of the two parties, where it is one arrangement."""
    people, pair = world.people, between("JPN", "NZL")
    told = {"kind": StatementKind.CONFIRMED, "reason": "", "by": people.connie, "now": NOW}
    state_side(arrangement=pair, organisation=org("JPN"), **told)
    one, several = sorted(of(people.ada, Kind.ONE_SIDED, PAIRS), key=lambda each: len(each.organisations))
    assert one.way.endswith("/arrangements/?q=Japan+New+Zealand")
    assert several.way.endswith("/arrangements/")
    own = arrangement("FJI", "TON")
    [found] = of(people.connie, Kind.ONE_SIDED, PAIRS)
    assert found.what == "Of 1 arrangement neither side has said that it is so."
    assert found.way.endswith(f"/arrangements/{own.pk}/side/")


def test_looking_writes_nothing(world):
    before = stored_rows()
    findings(world.people.ada)
    assert stored_rows() == before


def test_an_arrangement_is_the_same_fact_as_for_every_figure(world):
    """The reading says from when it counts and as what; both hang on all that is known of it."""
    pacific = Plurilateral.objects.create(name="Pacific")
    found = arrangement("FJI", "TON", signed="2026-02", in_force=None)
    found.versions.update(plurilateral=pacific)
    version = ArrangementVersion.objects.select_related("arrangement", "plurilateral").get(arrangement=found)
    code_of = dict(Organisation.objects.values_list("pk", "code"))
    assert arrangement_of(version) in load_arrangements(code_of)
    assert (arrangement_of(version).signed, arrangement_of(version).plurilateral) == (date(2026, 2, 28), "Pacific")


def test_what_the_secretariat_ruled_on_is_asked_of_nobody(world):
    pair = arrangement("FJI", "NZL", in_force=date(2020, 5, 1))
    asked = {"arrangement": pair, "organisation": org("FJI"), "by": world.people.ali, "now": NOW}
    before = read_beside(world.people.ada, world.plan)
    said = state_side(**asked, kind=StatementKind.CONTESTED, reason="It ended.")
    settle_side(statement=said, settlement="No.", source="The text.", by=world.people.ed, now=NOW)
    after = told(read_beside(world.people.ada, world.plan))
    assert told(before).ruled == {}
    assert after.ruled == {pair.pk: NOW}
    version = ArrangementVersion.objects.select_related("arrangement__party_a", "arrangement__party_b").get(
        arrangement=pair
    )
    assert of_version(version, after.statements[pair.pk], after.ruled[pair.pk]).told is Told.RULED
