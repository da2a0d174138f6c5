"""Arrangements of more than two Members: recorded as pairs, counted as the reading says."""

from datetime import date

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from members.models import AuditEntry, Organisation
from reporting.actions.plurilateral import TOO_MANY, record_plurilateral
from reporting.actions.versions import decide
from reporting.choices import Decision
from reporting.explanation import Explanation
from reporting.models import ArrangementVersion, Plurilateral, SideStatement
from reporting.report import explained_report
from reporting.views.arrangements import MOST_NAMED, some_of
from workplan.models import Reading

from .looks import page_of
from .region import NOW, PLAN, arrangement, on, org

PAIRS = "1.1.2(c)"
SAYS = {"signed": "2026-05", "in_force": date(2026, 10, 1), "ended": None, "source": "The text.", "comment": ""}
TYPED = {"name": "Pacific", "parties": ["FJI", "TON", "WSM"], "signed": "2026-05", "in_force": "01.10.26"}


def at(name: str, *args: object) -> str:
    return reverse(name, args=[PLAN, *args])


def post(client, path: str, /, *args: object, **typed):
    return page_of(client.post(at(path, *args), typed))


def record(by, *codes: str, name: str = "Pacific", **says):
    parties = [org(code) for code in codes]
    return record_plurilateral(name=name, parties=parties, says=SAYS | says, by=by, now=NOW)


def pairs_of(name: str) -> set[str]:
    versions = ArrangementVersion.objects.filter(plurilateral__name=name).select_related(
        "arrangement__party_a", "arrangement__party_b"
    )
    return {"-".join(sorted((each.arrangement.party_a.code, each.arrangement.party_b.code))) for each in versions}


def test_every_pair_is_recorded_and_waits_for_a_decision(world):
    made = record(world.people.ed, "FJI", "TON", "WSM")
    assert (made.recorded, made.kept) == (3, ())
    assert pairs_of("Pacific") == {"FJI-TON", "FJI-WSM", "TON-WSM"}
    states = set(ArrangementVersion.objects.filter(plurilateral=made.plurilateral).values_list("decision", "in_force"))
    assert states == {(Decision.UNDECIDED, date(2026, 10, 1))}
    created = AuditEntry.objects.filter(action="created", object_type__startswith="reporting.")
    kinds = list(created.order_by("-pk").values_list("object_type", flat=True)[:4])
    assert sorted(kinds) == ["reporting.arrangement"] * 3 + ["reporting.plurilateral"]


def test_a_pair_that_is_recorded_keeps_its_record(world):
    found = arrangement("FJI", "TON", in_force=date(2019, 1, 1))
    made = record(world.people.ed, "FJI", "TON", "WSM")
    assert (made.recorded, made.kept) == (2, ("Fiji and Tonga",))
    version = found.versions.get()
    assert (version.in_force, version.plurilateral) == (date(2019, 1, 1), None)


def test_a_member_that_joins_later_comes_with_its_pairs_alone(world):
    record(world.people.ed, "FJI", "TON", "WSM")
    made = record(world.people.ada, "FJI", "TON", "WSM", "PNG", name="PACIFIC", in_force=date(2027, 1, 1))
    assert (made.recorded, len(made.kept), Plurilateral.objects.count()) == (3, 3, 1)
    days = ArrangementVersion.objects.filter(plurilateral__name="Pacific").values_list("in_force", flat=True)
    assert sorted(days) == [date(2026, 10, 1)] * 3 + [date(2027, 1, 1)] * 3


def test_who_comes_later_has_a_pair_with_everybody_in_it(world, sign_in):
    record(world.people.ed, "FJI", "TON", "WSM")
    made = record(world.people.ed, "PNG", "VUT")
    assert (made.recorded, pairs_of("Pacific") >= {"FJI-VUT", "TON-VUT", "VUT-WSM", "PNG-VUT", "PNG-TON"}) == (7, True)
    shown = page_of(sign_in(world.people.ed).get(at("plurilateral_add"))).main
    assert "Pacific : Fiji; Papua New Guinea; Samoa; Tonga; Vanuatu" in shown


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [(("FJI", "TON"), "Choose at least 3 Members."), (("FJI", "TON", "ROCB"), "not a Member")],
)
def test_what_is_none_is_refused_and_leaves_nothing(world, codes, sentence):
    with pytest.raises(ValidationError, match=sentence):
        record(world.people.ed, *codes)
    assert not Plurilateral.objects.exists()


def test_the_same_once_more_is_refused(world):
    record(world.people.ed, "FJI", "TON", "WSM")
    with pytest.raises(ValidationError, match="recorded already"):
        record(world.people.ed, "FJI", "TON", "WSM")
    assert ArrangementVersion.objects.filter(plurilateral__name="Pacific").count() == 3


def test_the_figure_counts_pairs_or_one_as_the_reading_says(world):
    before = figure()[0]
    record(world.people.ed, "FJI", "TON", "WSM")
    waiting = ArrangementVersion.objects.filter(plurilateral__name="Pacific")
    decide(*waiting, to=Decision.CONFIRMED, by=world.people.ada, now=NOW)
    assert figure()[0] == before + 3
    Reading.objects.filter(kpi__code=PAIRS).update(plurilateral="one")
    number, explained = figure()
    assert number == before + 1
    assert "An arrangement of more than two Members counts as one." in explained.rule
    assert [line.why for line in explained.lines].count("It is counted already, as Pacific.") == 2


def figure() -> tuple[int, Explanation]:
    report = explained_report(on())
    return int(report.results[PAIRS].value or 0), report.explanations[PAIRS]


def test_the_secretariat_records_one_in_the_browser(world, sign_in):
    client = sign_in(world.people.ed)
    page = post(client, "plurilateral_add", **TYPED)
    assert (page.status, page.location) == (302, at("arrangements"))
    shown = page_of(client.get(at("arrangements")))
    assert "3 pairs recorded. A colleague decides whether they count." in shown.main
    assert "Pacific" in shown.row("Fiji - Tonga")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"parties": []}, "Choose at least 3 Members."),
        ({"parties": ["FJI", "TON"]}, "Choose at least 3 Members."),
        ({"parties": ["FJI", "TON", "XXX"]}, "Choose Members of the list."),
        ({"name": " "}, "Give its name."),
        ({"signed": "", "in_force": ""}, "Say when it was signed, or from when it is in force."),
        ({"in_force": "30.02.26"}, "Write day, month and year"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_typed(world, sign_in, changes, sentence):
    page = post(sign_in(world.people.ed), "plurilateral_add", **TYPED | changes)
    assert (page.status, Plurilateral.objects.count()) == (422, 0)
    assert sentence in page.main


def test_a_pair_says_of_which_it_is_and_the_secretariat_may_change_that(world, sign_in):
    record(world.people.ed, "FJI", "TON", "WSM")
    version = ArrangementVersion.objects.get(arrangement__party_a__code="FJI", arrangement__party_b__code="TON")
    pair, client = version.arrangement, sign_in(world.people.ed)
    assert "A pair of Pacific" in page_of(client.get(at("arrangement", pair.pk))).main
    typed = {"token": version.pk, "signed": "2026-05", "in_force": "01.10.26", "plurilateral": ""}
    assert post(client, "arrangement_edit", pair.pk, **typed).status == 302
    assert pair.versions.latest("number").plurilateral is None


def test_a_member_changes_its_pair_and_it_stays_one_of_the_same(world, sign_in):
    record(world.people.ed, "FJI", "TON", "WSM")
    version = ArrangementVersion.objects.get(arrangement__party_a__code="FJI", arrangement__party_b__code="TON")
    client = sign_in(world.people.ali)
    assert "plurilateral" not in page_of(client.get(at("arrangement_edit", version.arrangement_id))).html
    typed = {"token": version.pk, "signed": "2026-05", "in_force": "01.11.26"}
    assert post(client, "arrangement_edit", version.arrangement_id, **typed).status == 302
    newest = version.arrangement.versions.latest("number")
    assert (newest.number, newest.plurilateral.name) == (2, "Pacific")


def test_nobody_is_asked_by_mail_before_a_side_speaks(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        record(world.people.ed, "FJI", "TON", "WSM")
    assert mail.outbox == []
    assert Organisation.objects.filter(code="TON").exists()


# ---------------------------------------------------------------- one decision, one word, for all pairs alike


def pacific(by) -> dict[str, ArrangementVersion]:
    record(by, "FJI", "TON", "WSM")
    versions = ArrangementVersion.objects.filter(plurilateral__name="Pacific")
    versions = versions.select_related("arrangement__party_a", "arrangement__party_b")
    return {f"{each.arrangement.party_a.code}-{each.arrangement.party_b.code}": each for each in versions}


def decisions() -> list[str]:
    rows = ArrangementVersion.objects.filter(plurilateral__name="Pacific")
    return sorted(rows.values_list("decision", flat=True))


def test_all_pairs_that_say_the_same_are_confirmed_at_once(world, sign_in):
    found = pacific(world.people.ed)
    pair, client = found["FJI-TON"], sign_in(world.people.ada)
    html = client.get(at("arrangement_decide", pair.arrangement_id)).content.decode()
    assert "The same for the 2 other pairs of Pacific that wait and say the same" in html
    others = ",".join(str(each.pk) for each in sorted(found.values(), key=lambda each: each.pk) if each != pair)
    typed = {"token": pair.pk, "decision": "confirm", "all": "on", "others": others}
    assert post(client, "arrangement_decide", pair.arrangement_id, **typed).status == 302
    assert decisions() == ["confirmed"] * 3


def test_one_alone_is_confirmed_where_nobody_asked_for_all(world, sign_in):
    pair, client = pacific(world.people.ed)["FJI-TON"], sign_in(world.people.ada)
    post(client, "arrangement_decide", pair.arrangement_id, token=pair.pk, decision="confirm")
    assert decisions() == ["confirmed", "undecided", "undecided"]


def test_other_pairs_than_those_that_were_seen_are_not_decided(world, sign_in):
    pair, client = pacific(world.people.ed)["FJI-TON"], sign_in(world.people.ada)
    typed = {"token": pair.pk, "decision": "confirm", "all": "on", "others": "1"}
    page = post(client, "arrangement_decide", pair.arrangement_id, **typed)
    assert (page.status, decisions()) == (409, ["undecided"] * 3)
    assert "Other pairs changed after you opened this page." in page.main


def test_nobody_confirms_all_pairs_that_they_entered(world, sign_in):
    found = pacific(world.people.ed)
    pair, client = found["FJI-TON"], sign_in(world.people.ed)
    others = ",".join(str(each.pk) for each in sorted(found.values(), key=lambda each: each.pk) if each != pair)
    typed = {"token": pair.pk, "decision": "confirm", "all": "on", "others": others}
    page = post(client, "arrangement_decide", pair.arrangement_id, **typed)
    assert (page.status, decisions()) == (422, ["undecided"] * 3)


def test_a_member_says_of_all_its_pairs_that_they_are_right(world, sign_in):
    pair, client = pacific(world.people.ed)["FJI-TON"], sign_in(world.people.ali)
    typed = {"organisation": "FJI", "kind": "confirmed", "all": "on"}
    assert post(client, "arrangement_side", pair.arrangement_id, **typed).status == 302
    said = SideStatement.objects.filter(organisation__code="FJI", kind="confirmed")
    assert said.count() == 2
    assert not SideStatement.objects.exclude(organisation__code="FJI").exists()


def test_what_is_wrong_is_said_of_each_pair_by_itself(world, sign_in):
    pair, client = pacific(world.people.ed)["FJI-TON"], sign_in(world.people.ali)
    typed = {"organisation": "FJI", "kind": "contested", "reason": "Not yet.", "all": "on"}
    page = post(client, "arrangement_side", pair.arrangement_id, **typed)
    assert (page.status, SideStatement.objects.count()) == (422, 0)
    assert "What is wrong is said of each pair by itself." in page.main


def test_more_members_than_can_be_written_while_one_waits_are_refused(world, sign_in, monkeypatch):
    monkeypatch.setattr("reporting.actions.plurilateral.MOST", 3)
    client = sign_in(world.people.ed)
    assert post(client, "plurilateral_add", **TYPED).status == 302
    page = post(client, "plurilateral_add", **TYPED | {"parties": ["AUS"]})
    assert (page.status, TOO_MANY in page.main) == (422, True)
    assert pairs_of("Pacific") == {"FJI-TON", "FJI-WSM", "TON-WSM"}


def test_a_sentence_names_only_the_first_of_many():
    names = [str(number) for number in range(MOST_NAMED + 2)]
    assert some_of(names[:-2], ", ") == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"
    assert some_of(names, ", ") == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more"
