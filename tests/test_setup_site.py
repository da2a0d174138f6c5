"""``setup_site``: what it puts in, that a second run changes nothing, and when it refuses."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.choices import RoleName
from members.models import Organisation, User
from members.permissions import Target, may
from reporting.achievement import Status
from reporting.choices import AnswerStatus, Decision
from reporting.demonstration import ACCOUNTS, PASSWORD, holds_demonstration_data
from reporting.management.commands.setup_site import deadline
from reporting.models import Activity, ActivityVersion, Answer, ArrangementVersion, Narrative, Release, Round
from reporting.report import from_json
from workplan.models import Kpi, Plan

FOLDER = Path(__file__).parent.parent / "fixtures" / "demonstration"
BASELINE, LATER, OPEN = "2026-06-30", "2027-06-30", "2027-12-31"
DATES = (BASELINE, "2026-12-31", LATER, "2028-06-30")


def set_up(*args: str) -> str:
    out = io.StringIO()
    call_command("setup_site", *args, stdout=out)
    return out.getvalue()


def rows_in(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def statuses(day: str) -> set[str]:
    out = io.StringIO()
    call_command("achievement", as_of=day, format="json", stdout=out)
    return {kpi["status"] for kpi in json.loads(out.getvalue())["kpis"]}


def everything() -> dict[str, object]:
    """How many rows there are of all that is ours, audit entries too; and what else could have changed."""
    ours = [model for app in ("members", "workplan", "reporting") for model in apps.get_app_config(app).get_models()]
    counts = {model.__name__: model._default_manager.count() for model in ours}
    return {
        **counts,
        "accounts": list(User.objects.order_by("pk").values_list("email", "password", "is_active")),
        "rounds": list(Round.objects.values_list("code", "opened_at", "closed_at")),
        "releases": list(Release.objects.values_list("number", "checksum")),
    }


CHECKS: list[Callable[[str], None]] = []
"""What is looked at on one demonstration site, which takes seconds to set up; each gets what the set-up said."""


def check(function: Callable[[str], None]) -> Callable[[str], None]:
    CHECKS.append(function)
    return function


@check
def says_the_address_and_every_account(said):
    assert "http://127.0.0.1:8123/" in said
    for account in ACCOUNTS:
        line = next(line for line in said.splitlines() if line.startswith(account.email))
        assert line.split() == [
            account.email,
            *account.role.label.split(),
            account.organisation,
            PASSWORD,
        ]


@check
def the_plan_and_the_organisations_are_there(said):
    assert Kpi.objects.count() == 87
    assert Organisation.objects.filter(kind="member").count() == 35


@check
def there_is_an_account_for_every_role_that_can_sign_in(said):
    assert {account.role for account in ACCOUNTS} == set(RoleName)
    for account in ACCOUNTS:
        user = User.objects.get(email=account.email)
        assert user.check_password(PASSWORD)
        validate_password(PASSWORD, user)
        assert [(role.role, role.organisation.code) for role in user.roles.all()] == [
            (account.role, account.organisation)
        ]


@check
def two_rounds_are_closed_and_released_and_one_is_open(said):
    now = timezone.now()
    rounds = {str(each.as_at): each for each in Round.objects.all()}
    states = {day: each.state(now) for day, each in rounds.items()}
    assert states == {BASELINE: "closed", LATER: "closed", OPEN: "open"}
    assert {str(day) for day in Release.objects.values_list("as_at", flat=True)} == {BASELINE, LATER}
    assert all("demonstration" in each.title for each in (*rounds.values(), *Release.objects.all()))


@check
def the_round_that_is_open_stays_so_for_long_and_a_member_has_begun(said):
    collection = Round.objects.get(as_at=OPEN)
    assert collection.closes_at is not None
    assert timezone.localdate(collection.closes_at) == deadline(timezone.localdate(collection.opened_at))
    drafts = Answer.objects.filter(round=collection)
    written = [(each.kpi.code, each.standing, each.comment) for each in drafts.order_by("pk").select_related("kpi")]
    assert written == [tuple(row.values()) for row in rows_in("drafts")]
    assert set(drafts.values_list("state", "organisation__code")) == {(AnswerStatus.DRAFT, "FJI")}


@check
def narratives_and_comments_are_released_with_the_later_figures(said):
    by_date = {str(each.as_at): from_json(each.content) for each in Release.objects.all()}
    assert by_date[BASELINE].narratives == by_date[BASELINE].comments == {}
    assert by_date[LATER].narratives == {row["focus_area"]: row["text"] for row in rows_in("narratives")}
    assert sorted(by_date[LATER].narratives) == ["1", "2", "3", "4"]
    assert all("Invented for the demonstration" in text for text in by_date[LATER].narratives.values())
    assert by_date[LATER].comments == {row["kpi"]: row["text"] for row in rows_in("kpi_comments")}


@check
def narratives_are_written_by_who_may_and_approved_by_somebody_else(said):
    for each in Narrative.objects.select_related("changed_by", "approved_by", "focus_area"):
        owners = each.focus_area.co_coordinators.values_list("code", flat=True)
        area = Target(focus_area_organisations=frozenset(owners), submitted=True)
        assert may(each.changed_by, "narrative.edit", area)
        assert may(each.approved_by, "narrative.approve")
        assert each.changed_by != each.approved_by


@check
def every_row_of_the_files_was_taken(said):
    accepted, submitted = AnswerStatus.ACCEPTED, AnswerStatus.SUBMITTED
    assert Answer.objects.filter(state=accepted, as_at=BASELINE).count() == len(rows_in("baseline_answers"))
    assert Answer.objects.filter(state=accepted, as_at=LATER).count() == len(rows_in("interim_answers"))
    assert Answer.objects.filter(state=submitted).count() == len(rows_in("interim_answers_undecided"))
    for model, name in ((ActivityVersion, "activities"), (ArrangementVersion, "arrangements")):
        assert model.objects.filter(decision=Decision.CONFIRMED).count() == len(rows_in(name))
        assert model.objects.filter(decision=Decision.UNDECIDED).count() == len(rows_in(f"{name}_undecided"))


@check
def nobody_decided_on_what_they_entered(said):
    for model in (Answer, ActivityVersion, ArrangementVersion):
        decided = model.objects.exclude(decided_by=None)
        people = set(decided.values_list("entered_by__email", "decided_by__email"))
        assert people == {("administrator@demo.example", "editor@demo.example")}


@check
def every_status_occurs_at_some_date(said):
    by_date = {day: statuses(day) for day in DATES}
    assert set().union(*by_date.values()) == {status.value for status in Status}
    assert by_date[LATER] == {"reached", "on_track", "at_risk", "off_track", "no_data"}


@check
def a_second_run_changes_nothing_and_says_the_same_accounts(said):
    before = everything()
    again = set_up("--demo", "--port", "8123")
    assert everything() == before
    assert again.split("\n", 1)[1] == said.split("\n", 1)[1]


@check
def an_amended_plan_stays_as_it_is(said):
    Plan.objects.update(title="As amended")
    set_up("--demo")
    assert Plan.objects.get().title == "As amended"


@check
def the_site_knows_in_one_query_that_its_data_are_invented(said):
    with CaptureQueriesContext(connection) as asked:
        assert holds_demonstration_data()
    assert len(asked) == 1


@check
def an_account_alone_marks_the_site(said):
    Round.objects.update(code=Concat(Value("was-"), "code"))
    assert holds_demonstration_data()


@pytest.mark.django_db
def test_demonstration(settings, subtests):
    settings.DEBUG = True
    said = set_up("--demo", "--port", "8123")
    for function in CHECKS:
        with subtests.test(function.__name__), transaction.atomic():
            function(said)
            transaction.set_rollback(True)


@pytest.mark.django_db
class TestRealSite:
    def test_demonstration_data_are_refused_where_debug_is_off(self, settings):
        settings.DEBUG = False
        with pytest.raises(CommandError, match="only for a site where DEBUG is on"):
            set_up("--demo")
        assert everything()["Plan"] == everything()["User"] == 0

    def test_without_demo_there_is_the_plan_and_nobody(self, settings):
        settings.DEBUG = False
        said = set_up()
        found = everything()
        assert (found["Kpi"], found["User"], found["Round"], found["Answer"]) == (87, 0, 0, 0)
        assert PASSWORD not in said
        assert not holds_demonstration_data()

    def test_demonstration_data_are_not_mixed_into_what_is_real(self, settings):
        settings.DEBUG = True
        Activity.objects.create(reference="ROCB-2026-1")
        with pytest.raises(CommandError, match="of its own"):
            set_up("--demo")
        assert not holds_demonstration_data()
        assert not Plan.objects.exists()

    def test_nothing_is_half_set_up(self, settings, monkeypatch):
        settings.DEBUG = True
        monkeypatch.setattr("reporting.management.commands.setup_site.FIXTURES", ("organisations",))
        with pytest.raises(CommandError, match="There is no plan"):
            set_up("--demo")
        assert everything()["Organisation"] == everything()["User"] == everything()["AuditEntry"] == 0


@pytest.mark.parametrize(
    ("set_up_on", "closes"), [("2026-11-22", "2028-01-31"), ("2027-12-31", "2028-12-30"), ("2031-03-01", "2032-02-29")]
)
def test_the_open_round_closes_long_after_the_site_is_set_up(set_up_on, closes):
    assert deadline(date.fromisoformat(set_up_on)) == date.fromisoformat(closes)


def test_the_files_are_what_the_story_gives(tmp_path):
    subprocess.run([sys.executable, "-B", FOLDER / "build.py", tmp_path], check=True)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert built == {path.name: path.read_bytes() for path in FOLDER.glob("*.csv")}
