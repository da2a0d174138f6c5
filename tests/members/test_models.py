from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from members.choices import AttributeName, Group, OrganisationKind, RoleName
from members.models import Attribute, Membership, Organisation, Role, User

DAY = date(2026, 7, 1)
LATER = date(2027, 7, 1)


def refusal(obj) -> str:
    """What a person reads, once it is sure that the database refuses the row as well."""
    with pytest.raises(IntegrityError), transaction.atomic():
        type(obj).objects.bulk_create([obj])
    obj.pk = None
    with pytest.raises(ValidationError) as refused:
        obj.validate_constraints()
    return " ".join(refused.value.messages)


def organisation(**differently) -> Organisation:
    usual = {"code": "JPN", "name": "Japan", "kind": OrganisationKind.MEMBER, "group": Group.FAR_EAST}
    return Organisation(**usual | differently)


@pytest.mark.parametrize(
    ("differently", "sentence"),
    [
        ({"code": "jpn"}, "A code is three or four capital letters, such as AUS or ROCB."),
        ({"code": "JP"}, "A code is three or four capital letters, such as AUS or ROCB."),
        ({"group": ""}, "A Member belongs to one of the groups; a regional entity to none."),
        ({"secretariat": True}, "The secretariat is a regional entity."),
    ],
)
def test_an_odd_organisation_is_refused(db, differently, sentence):
    assert refusal(organisation(**differently)) == sentence


def test_there_is_one_secretariat(organisations):
    second = Organisation(code="RILO", name="RILO", kind=OrganisationKind.REGIONAL_ENTITY, secretariat=True)
    assert refusal(second) == "There is one secretariat. Take the mark from the other one first."


@pytest.mark.parametrize(
    ("joined", "left", "sentence"),
    [
        (LATER, DAY, "It must end after it starts."),
        (DAY, DAY, "It must end after it starts."),
        (None, DAY, "One membership of it has no first day already."),
        (DAY, None, "It is a Member already."),
    ],
)
def test_an_odd_membership_is_refused(organisations, joined, left, sentence):
    assert refusal(Membership(organisation=organisations.fiji, joined=joined, left=left)) == sentence


def test_one_membership_starts_on_a_day(organisations):
    Membership.objects.create(organisation=organisations.rocb, joined=DAY, left=LATER)
    again = Membership(organisation=organisations.rocb, joined=DAY)
    assert refusal(again) == "It joined on that day already."


def test_a_regional_entity_is_no_member(organisations):
    with pytest.raises(ValidationError, match="not a Member administration"):
        Membership(organisation=organisations.rocb).full_clean()


def attribute(organisation, since=None, until=None, name=AttributeName.DEVELOPED) -> Attribute:
    return Attribute(organisation=organisation, name=name, since=since, until=until)


@pytest.mark.parametrize(
    ("since", "until", "name", "sentence"),
    [
        (LATER, DAY, AttributeName.RTC, "It must end after it starts."),
        (DAY, LATER, "rich", "There is no such attribute."),
        (DAY, LATER, AttributeName.DEVELOPED, "It has this from that day already."),
        (LATER, None, AttributeName.DEVELOPED, "It has this already."),
    ],
)
def test_an_odd_attribute_is_refused(organisations, since, until, name, sentence):
    attribute(organisations.australia, since=DAY).save()
    assert refusal(attribute(organisations.australia, since, until, name)) == sentence


def test_an_attribute_without_a_first_day_stands_once(organisations):
    attribute(organisations.australia, until=DAY).save()
    again = attribute(organisations.australia, until=LATER)
    assert refusal(again) == "It has this without a first day already."


def test_an_address_is_kept_in_small_letters(db):
    assert User.objects.create_user(email="Ann@Example.ORG", name="Ann").email == "ann@example.org"
    assert refusal(User(email="Bob@example.org", name="Bob")) == "An e-mail address is kept in small letters."


def test_an_address_is_taken_once(cast):
    with pytest.raises(ValidationError, match="already exists"):
        User.objects.create_user(email="ADA@example.org", name="Another Ada")


def test_without_a_password_nobody_signs_in(db):
    assert not User.objects.create_user(email="ann@example.org", name="Ann").has_usable_password()


def test_a_role_is_held_once(cast, organisations):
    again = Role(user=cast.percy, organisation=organisations.rpsg, role=RoleName.OBSERVER)
    assert refusal(again) == "This person holds that role already."
    king = Role(user=cast.percy, organisation=organisations.rpsg, role="king")
    assert refusal(king) == "There is no such role."


@pytest.mark.parametrize("model", [Organisation, Membership, User, Role])
def test_natural_keys_find_their_row(cast, model):
    for row in model.objects.all():
        assert model.objects.get_by_natural_key(*row.natural_key()) == row


def test_the_natural_key_of_an_attribute_finds_it(organisations):
    stored = attribute(organisations.australia, since=DAY)
    stored.save()
    assert Attribute.objects.get_by_natural_key(*stored.natural_key()) == stored


def test_everything_can_be_named(cast, organisations):
    membership = Membership.objects.get(organisation=organisations.fiji)
    assert [
        str(organisations.fiji),
        str(membership),
        str(attribute(organisations.fiji)),
        str(cast.connie),
        str(cast.connie.roles.get()),
    ] == [
        "Fiji",
        "Fiji, from the beginning to now",
        "Fiji: Developed",
        "Connie",
        "Member contributor, Australia",
    ]
