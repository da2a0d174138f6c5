"""``setup_site``: what it puts in, that a second run changes nothing, and that it is refused on a real site."""

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
from django.utils import timezone

from members.choices import RoleName
from members.models import Organisation, Role, User
from reporting.achievement import Status
from reporting.choices import AnswerStatus, Decision
from reporting.demonstration import ACCOUNTS, PASSWORD, holds_demonstration_data
from reporting.models import ActivityVersion, Answer, ArrangementVersion, Release, Round
from workplan.models import Kpi, Plan

FOLDER = Path(__file__).parent.parent / "fixtures" / "demonstration"
DATES = ("2026-06-30", "2026-12-31", "2027-06-30", "2028-06-30")


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("setup_site", *args, stdout=out)
    return out.getvalue()


def rows(*names: str) -> list[dict[str, str]]:
    found = []
    for name in names:
        with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found += csv.DictReader(file)
    return found


def everything() -> dict[str, object]:
    """How many rows there are of everything ours, the audit entries too, and the plan as it reads."""
    ours = [model for app in ("members", "workplan", "reporting") for model in apps.get_app_config(app).get_models()]
    counts = {model.__name__: model._default_manager.count() for model in ours}
    return {**counts, "plan": list(Plan.objects.values()), "passwords": list(User.objects.values("email", "password"))}


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """A site that was set up once, for all tests of this file; gone after them."""
    from django.db import transaction
    from pytest_django.plugin import _blocking_manager  # noqa: F401

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        settings_debug(True)
        try:
            yield run("--demo", "--port", "8123")
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)
