"""What a rollback does to the token; apart from other tests, because it needs transactions that end."""

import pytest
from django.db import transaction

from members.models import Organisation
from reporting.models import Revision


def token() -> str | None:
    return Revision.objects.values_list("token", flat=True).first()


@pytest.mark.django_db(transaction=True)
def test_a_token_never_comes_back_and_goes_with_what_was_rolled_back():
    Organisation.objects.create(code="AAA", name="A", kind="regional_entity", position=1)
    seen = [token()]
    with transaction.atomic():
        Organisation.objects.update(name="B")
        transaction.set_rollback(True)
    assert token() == seen[0]
    for number in range(3):
        with transaction.atomic():
            Organisation.objects.update(name=str(number))
            Organisation.objects.update(position=number)
        seen.append(token())
    assert len(set(seen)) == 4
