"""What is marked X in permissions.csv is done only after signing in again a moment ago, at every address of it."""

import pytest
from django.urls import reverse

from members.models import Role
from tests.members.signing_in import with_password
from tests.test_urls import all_patterns

from .addresses import DOORS
from .conftest import in_module
from .forms_stage import FORMS, make_stage
from .region import org
from .rights import ROLE_OF, TABLE, letter
from .trying import ended

pytestmark = pytest.mark.usefixtures("quiet")

AGAIN = tuple(each for each in (*DOORS, *FORMS) if letter("ada", each.action) == "X")
OTHER_ROLES = [name for name in ROLE_OF if name != "ada"]


@pytest.fixture(scope="module")
def stored_stage(django_db_setup, django_db_blocker):
    yield from in_module(django_db_blocker, make_stage)


@pytest.fixture
def stage(stored_stage, db, clock):
    with_password(stored_stage.people.ada)
    return stored_stage


@pytest.mark.parametrize("also", ["", *OTHER_ROLES])
def test_what_matters_most_asks_to_sign_in_again(stage, sign_in, also):
    """Whatever other role the administrator holds besides, which may give the same action without that."""
    if also:
        role, code = ROLE_OF[also]
        Role.objects.create(user=stage.people.ada, role=role, organisation=org(code))
    client = sign_in(stage.people.ada)
    paths = {reverse(door.name, args=door.args(stage)) for door in AGAIN}
    found = {(method, path): ended(client, method, path) for path in paths for method in ("get", "post")}
    assert {each: how for each, how in found.items() if how != "sign in again"} == {}


def test_every_address_that_asks_to_sign_in_again_is_tried():
    marked = {action for action in TABLE if letter("ada", action) == "X"}
    asks = {pattern.name for pattern in all_patterns() if getattr(pattern.callback, "action", "") in marked}
    assert {door.name for door in AGAIN} == asks
