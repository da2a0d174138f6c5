"""``setup_site``: what it puts in, that a second run changes nothing, and when it refuses."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.choices import RoleName
from members.models import Organisation, User
from reporting.achievement import Status
from reporting.choices import AnswerStatus, Decision
from reporting.demonstration import ACCOUNTS, PASSWORD, holds_demonstration_data
from reporting.models import Activity, ActivityVersion, Answer, ArrangementVersion, Release, Round
from workplan.models import Kpi, Plan

FOLDER = Path(__file__).parent.parent / "fixtures" / "demonstration"
BASELINE, LATER = "2026-06-30", "2027-06-30"
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


@override_settings(DEBUG=True)
class TestDemonstration(TestCase):
    """On a site that is set up once for all of these tests, since that takes seconds."""

    @classmethod
    def setUpTestData(cls):
        cls.said = set_up("--demo", "--port", "8123")

    def test_says_the_address_and_every_account(self):
        assert "http://127.0.0.1:8123/" in self.said
        for account in ACCOUNTS:
            line = next(line for line in self.said.splitlines() if line.startswith(account.email))
            assert line.split() == [
                account.email,
                *account.role.label.split(),
                account.organisation,
                PASSWORD,
            ]

    def test_the_plan_and_the_organisations_are_there(self):
        assert Kpi.objects.count() == 87
        assert Organisation.objects.filter(kind="member").count() == 35

    def test_there_is_an_account_for_every_role_that_can_sign_in(self):
        assert {account.role for account in ACCOUNTS} == set(RoleName)
        for account in ACCOUNTS:
            user = User.objects.get(email=account.email)
            assert user.check_password(PASSWORD)
            validate_password(PASSWORD, user)
            assert [(role.role, role.organisation.code) for role in user.roles.all()] == [
                (account.role, account.organisation)
            ]

    def test_both_rounds_are_closed_and_released(self):
        now = timezone.now()
        rounds = {str(each.as_at): each for each in Round.objects.all()}
        assert {day: each.state(now) for day, each in rounds.items()} == {BASELINE: "closed", LATER: "closed"}
        assert {str(day) for day in Release.objects.values_list("as_at", flat=True)} == {BASELINE, LATER}
        assert all("demonstration" in each.title for each in (*rounds.values(), *Release.objects.all()))

    def test_every_row_of_the_files_was_taken(self):
        accepted, submitted = AnswerStatus.ACCEPTED, AnswerStatus.SUBMITTED
        assert Answer.objects.filter(state=accepted, as_at=BASELINE).count() == len(rows_in("baseline_answers"))
        assert Answer.objects.filter(state=accepted, as_at=LATER).count() == len(rows_in("interim_answers"))
        assert Answer.objects.filter(state=submitted).count() == len(rows_in("interim_answers_undecided"))
        for model, name in ((ActivityVersion, "activities"), (ArrangementVersion, "arrangements")):
            assert model.objects.filter(decision=Decision.CONFIRMED).count() == len(rows_in(name))
            assert model.objects.filter(decision=Decision.UNDECIDED).count() == len(rows_in(f"{name}_undecided"))

    def test_every_status_occurs_at_some_date(self):
        by_date = {day: statuses(day) for day in DATES}
        assert set().union(*by_date.values()) == {status.value for status in Status}
        assert by_date[LATER] == {"reached", "on_track", "at_risk", "off_track", "no_data"}

    def test_a_second_run_changes_nothing_and_says_the_same_accounts(self):
        before = everything()
        said = set_up("--demo", "--port", "8123")
        assert everything() == before
        assert said.split("\n", 1)[1] == self.said.split("\n", 1)[1]

    def test_an_amended_plan_stays_as_it_is(self):
        Plan.objects.update(title="As amended")
        set_up("--demo")
        assert Plan.objects.get().title == "As amended"

    def test_the_site_knows_in_one_query_that_its_data_are_invented(self):
        with CaptureQueriesContext(connection) as asked:
            assert holds_demonstration_data()
        assert len(asked) == 1

    def test_an_account_alone_marks_the_site(self):
        Round.objects.update(code=Concat(Value("was-"), "code"))
        assert holds_demonstration_data()


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


def test_the_files_are_what_the_story_gives(tmp_path):
    subprocess.run([sys.executable, "-B", FOLDER / "build.py", tmp_path], check=True)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert built == {path.name: path.read_bytes() for path in FOLDER.glob("*.csv")}
