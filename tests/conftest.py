"""The cast: people with fixed meanings, whom every test file knows by name."""

import pytest
from django.core.cache import cache

from members.choices import Group, OrganisationKind, RoleName
from members.models import Membership, Organisation, Role, User


@pytest.fixture(autouse=True)
def _empty_cache():
    """What one test was told, the next one does not know."""
    cache.clear()


@pytest.fixture
def members(db) -> dict[str, Organisation]:
    """Two Members since before our records, and the four regional entities."""
    made = {
        code: Organisation.objects.create(
            code=code,
            name=name,
            kind=OrganisationKind.MEMBER if group else OrganisationKind.REGIONAL_ENTITY,
            group=group,
            secretariat=code == "APVC",
            position=position,
        )
        for position, (code, name, group) in enumerate(CAST_ORGANISATIONS)
    }
    Membership.objects.bulk_create(Membership(organisation=made[code]) for code in ("AUS", "FJI"))
    return made
