"""The plan as it ships, put in once for all tests of a module."""

import pytest
from django.db import transaction

from tests.reporting.region import PLAN, load_region
from workplan.models import Plan


@pytest.fixture(scope="module")
def stored_plan(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_region()
        transaction.set_rollback(True)


@pytest.fixture
def plan(stored_plan, db) -> Plan:
    return Plan.objects.get(code=PLAN)
