"""Two at once: nothing acknowledged is lost, nothing doubled, nobody accepts what they did not see. Twenty runs of
each; ``make bench`` does five hundred."""

import pytest
from django.db import connection

from members.choices import RoleName
from tests.conftest import person
from workplan.models import Milestone

from . import races
from .builders import STATUS, make_everything, make_kpi

RUNS = 20 if connection.vendor == "postgresql" else 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scenario", races.SCENARIOS, ids=lambda each: each.__name__)
def test_whoever_acts_at_the_same_moment(cast, organisations, scenario):
    plan = make_everything(organisations)
    make_kpi(Milestone.objects.get(), "1.1.1(e)", group="members", **STATUS)
    other = person("Eve", RoleName.SECRETARIAT_EDITOR, organisations.secretariat)
    cast.connie.roles.all().delete()
    wrong = []
    for number in range(RUNS):
        stage = races.set_up(plan, cast.ali, (cast.ed, other), ("1.1.1(a)", "1.1.1(e)"))
        wrong += [f"run {number}: {sentence}" for sentence in scenario(stage, number)]
    assert wrong == []
