from datetime import date, timedelta

import pytest

from members.choices import AttributeName
from members.models import Attribute, Membership, User
from members.queries import acting_user, members_at, members_with

DAY = date(2027, 1, 1)
EVE = DAY - timedelta(days=1)


def codes(rows) -> list[str]:
    return [row.code for row in rows]


def test_a_membership_without_dates_is_of_all_times(organisations):
    assert codes(members_at(date(1900, 1, 1))) == codes(members_at(date(2100, 1, 1))) == ["AUS", "FJI"]


def test_a_member_counts_from_its_first_day_until_the_day_before_it_left(organisations):
    Membership.objects.filter(organisation=organisations.australia).update(left=DAY)
    Membership.objects.filter(organisation=organisations.fiji).update(joined=DAY)
    assert (codes(members_at(EVE)), codes(members_at(DAY))) == (["AUS"], ["FJI"])


def test_whoever_comes_back_stands_once_in_the_list(organisations):
    Membership.objects.filter(organisation=organisations.fiji).update(left=EVE)
    Membership.objects.create(organisation=organisations.fiji, joined=DAY)
    assert codes(members_at(EVE)) == ["AUS"]
    assert codes(members_at(DAY)) == ["AUS", "FJI"]


def test_an_attribute_holds_in_its_time_and_of_members_alone(organisations):
    for organisation in (organisations.australia, organisations.rocb):
        Attribute.objects.create(organisation=organisation, name=AttributeName.DEVELOPED, since=DAY)
    assert codes(members_with(AttributeName.DEVELOPED, EVE)) == []
    assert codes(members_with(AttributeName.DEVELOPED, DAY)) == ["AUS"]


def test_the_acting_person_is_an_active_one(cast):
    assert acting_user("ADA@example.org") == cast.ada
    User.objects.filter(pk=cast.ada.pk).update(is_active=False)
    with pytest.raises(User.DoesNotExist):
        acting_user("ada@example.org")
