"""The cast: organisations and people with fixed meanings, known by name in every test."""

from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.db.backends.base.operations import BaseDatabaseOperations

from members.choices import Group, OrganisationKind, RoleName
from members.models import Membership, Organisation, Role, User
from tests.history import lift_guards


@pytest.fixture(autouse=True)
def _empty_cache():
    """What one test was told, the next one does not know."""
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _emptied_with_its_history():
    """After a test that commits, every table is emptied. The history refuses; `migrate` puts its guards there again."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def lifted(self, sql_list):
        lift_guards()
        return empty(self, sql_list)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseDatabaseOperations, "execute_sql_flush", lifted)
        yield


def member(code: str, name: str, group: Group, position: int) -> Organisation:
    made = Organisation.objects.create(
        code=code, name=name, kind=OrganisationKind.MEMBER, group=group, position=position
    )
    Membership.objects.create(organisation=made)
    return made


def entity(code: str, *, secretariat: bool = False) -> Organisation:
    return Organisation.objects.create(
        code=code, name=code, kind=OrganisationKind.REGIONAL_ENTITY, secretariat=secretariat, position=100
    )


def person(name: str, role: RoleName, organisation: Organisation) -> User:
    made = User.objects.create_user(email=f"{name.lower()}@example.org", name=name)
    Role.objects.create(user=made, organisation=organisation, role=role)
    return made


@dataclass(frozen=True)
class Organisations:
    australia: Organisation
    fiji: Organisation
    secretariat: Organisation
    rocb: Organisation
    rpsg: Organisation


@dataclass(frozen=True)
class Cast:
    """Ada and Ed are the secretariat. Connie and Ali are Australia, and Cora co-coordinates for it.
    Olga is the ROCB, Percy observes, and Fay is Fiji: a stranger to what is Australia's.
    """

    ada: User
    ed: User
    connie: User
    ali: User
    cora: User
    olga: User
    percy: User
    fay: User


@pytest.fixture
def organisations(db) -> Organisations:
    return Organisations(
        australia=member("AUS", "Australia", Group.AUSTRALASIA_OCEANIA, 2),
        fiji=member("FJI", "Fiji", Group.AUSTRALASIA_OCEANIA, 3),
        secretariat=entity("APVC", secretariat=True),
        rocb=entity("ROCB"),
        rpsg=entity("RPSG"),
    )


@pytest.fixture
def cast(organisations) -> Cast:
    return Cast(
        ada=person("Ada", RoleName.SECRETARIAT_ADMINISTRATOR, organisations.secretariat),
        ed=person("Ed", RoleName.SECRETARIAT_EDITOR, organisations.secretariat),
        connie=person("Connie", RoleName.MEMBER_CONTRIBUTOR, organisations.australia),
        ali=person("Ali", RoleName.MEMBER_APPROVER, organisations.australia),
        cora=person("Cora", RoleName.CO_COORDINATOR, organisations.australia),
        olga=person("Olga", RoleName.REGIONAL_OFFICER, organisations.rocb),
        percy=person("Percy", RoleName.OBSERVER, organisations.rpsg),
        fay=person("Fay", RoleName.MEMBER_CONTRIBUTOR, organisations.fiji),
    )
