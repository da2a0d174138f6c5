"""The region, put in once for all tests of a module, and what each of them changes is taken back."""

import logging
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import caches
from django.core.files.storage import InMemoryStorage, default_storage
from django.db import transaction
from django.test import Client

from reporting.pack import worker
from reporting.pack.making import steps_of
from workplan.models import Plan

from . import region as builders
from .world import World, make_world


@pytest.fixture(autouse=True)
def _no_kept_pages():
    """In a test's transaction PostgreSQL does not change the token, so no test may find what another kept."""
    caches["pages"].clear()


@pytest.fixture(autouse=True)
def _packs_of_data_alone(monkeypatch):
    """All documents of a release take some ten seconds; the test of the whole pack asks for them."""
    monkeypatch.setattr(worker, "steps_of", lambda release: list(steps_of(release))[:1])


def in_module(django_db_blocker, make: Callable[[], object]) -> Iterator[object]:
    """What is made once for a module: in a transaction that the tests' own ones stand in."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def stored_region(django_db_setup, django_db_blocker):
    yield from in_module(django_db_blocker, builders.load_region)


@pytest.fixture
def plan(stored_region, db) -> Plan:
    """The plan as it ships, with its 35 Members and regional entities; nothing is collected yet."""
    return Plan.objects.get(code=builders.PLAN)


@pytest.fixture(scope="module")
def stored_world(django_db_setup, django_db_blocker):
    yield from in_module(django_db_blocker, make_world)


@pytest.fixture
def world(stored_world, db, clock) -> World:
    """The region with two closed rounds, an open one, a release of the first, and people of every role."""
    return stored_world


@pytest.fixture
def clock(monkeypatch):
    """It is ``region.NOW``; the returned function moves on to another moment."""
    holder = {"now": builders.NOW}
    monkeypatch.setattr("django.utils.timezone.now", lambda: holder["now"])
    return lambda now: holder.update(now=now)


@pytest.fixture
def sign_in() -> Callable[[object], Client]:
    def signed_in(user: object) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def empty_storage(monkeypatch) -> InMemoryStorage:
    """Files are kept in an empty store for this test."""
    empty = InMemoryStorage()
    monkeypatch.setattr(default_storage, "_wrapped", empty)
    return empty


@pytest.fixture
def quiet(monkeypatch) -> None:
    """Refusals are what some tests are made of; to write of each where it came from takes as long as to refuse."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
