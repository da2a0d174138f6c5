"""Who invites, closes and gives roles to whom (permissions.csv), and that it acts with the next request."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import actions, refusals
from members.choices import AuditAction, RoleName
from members.models import AuditEntry, Invitation, Role, User
from tests.conftest import person

from .signing_in import browser_of, invited, signed_in, title, with_password

NOT_YOURS = "You close and open accounts of people who are contributors of your own organisation"


def asked(client: Client, page: str, /, *args: int, **typed) -> int:
    return client.post(reverse(page, args=args), typed).status_code


def is_open(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_active


def last_entry() -> tuple[str, str, str]:
    entry = AuditEntry.objects.first()
    return (entry.actor_email, entry.action, entry.object_label)


# ---------------------------------------------------------------- who sees whom

SEES = {
    "ada": {"Ada", "Ed", "Connie", "Ali", "Cora", "Olga", "Percy", "Fay"},
    "ed": {"Ada", "Ed", "Connie", "Ali", "Cora", "Olga", "Percy", "Fay"},
    "ali": {"Connie", "Ali", "Cora"},
    "connie": {"Connie", "Ali", "Cora"},
    "fay": {"Fay"},
    "olga": {"Olga"},
}


@pytest.mark.parametrize("name", SEES)
def test_the_list_has_whom_the_reader_may_list(client, cast, name):
    client.force_login(getattr(cast, name))
    assert {each.name for each in client.get(reverse("people")).context["listing"].page} == SEES[name]


def test_others_are_not_found_and_without_the_right_all_is_refused(client, cast):
    client.force_login(cast.ali)
    assert client.get(reverse("person", args=[cast.fay.pk])).status_code == 404
    assert client.get(reverse("person", args=[cast.connie.pk])).status_code == 200
    client.force_login(cast.percy)
    assert {client.get(reverse("people")).status_code, client.get(reverse("people_invite")).status_code} == {403}


def test_finding_takes_words_and_the_page_any_number(client, cast):
    client.force_login(cast.ed)
    found = client.get(reverse("people"), {"q": "EXAMPLE fay"}).context["listing"].page
    assert [each.name for each in found] == ["Fay"]
    for odd in ({"q": "\x00"}, {"q": "%" * 300}, {"page": "-1"}, {"page": "x"}, {"page": "9" * 30}):
        assert client.get(reverse("people"), odd).status_code == 200


@pytest.mark.parametrize("number", [0, 10**30])
def test_a_number_that_nobody_has_is_not_found(client, cast, number):
    client.force_login(cast.ed)
    assert client.get(f"/people/{number}/").status_code == 404


def test_the_list_takes_as_many_queries_for_many_as_for_few(client, cast, organisations, django_assert_max_num_queries):
    for n in range(105):
        person(f"P{n}", RoleName.MEMBER_CONTRIBUTOR, organisations.fiji)
    client.force_login(cast.ed)
    with django_assert_max_num_queries(12):
        assert len(client.get(reverse("people")).context["listing"].page) == 100


# ---------------------------------------------------------------- inviting

CONTRIBUTOR, APPROVER = RoleName.MEMBER_CONTRIBUTOR, RoleName.MEMBER_APPROVER


@pytest.mark.parametrize(
    ("name", "where", "role", "may"),
    [
        ("ali", "australia", CONTRIBUTOR, True),
        ("ali", "australia", APPROVER, False),
        ("ali", "australia", RoleName.OBSERVER, False),
        ("ali", "australia", RoleName.CO_COORDINATOR, False),
        ("ali", "fiji", CONTRIBUTOR, False),
        ("ada", "fiji", CONTRIBUTOR, True),
        ("ada", "australia", APPROVER, True),
        ("ada", "secretariat", RoleName.SECRETARIAT_ADMINISTRATOR, True),
    ],
)
def test_an_approver_invites_contributors_of_the_own_organisation_only(cast, organisations, name, where, role, may):
    by, organisation = getattr(cast, name), getattr(organisations, where)
    typed = {"email": "new@example.org", "name": "", "organisation": organisation.pk, "role": role.value}
    assert asked(browser_of(by), "people_invite", **typed) == (302 if may else 422)
    assert Invitation.objects.count() == may
    if not may:
        with pytest.raises(PermissionDenied):
            invited(by, organisation, timezone.now(), role=role)


@pytest.mark.parametrize("name", ["ed", "connie", "cora", "olga", "percy", "fay"])
def test_nobody_else_invites(cast, organisations, name):
    by = getattr(cast, name)
    typed = {"email": "new@example.org", "organisation": organisations.australia.pk, "role": CONTRIBUTOR.value}
    assert asked(browser_of(by), "people_invite", **typed) == 403
    with pytest.raises(PermissionDenied):
        invited(by, organisations.australia, timezone.now())
    assert Invitation.objects.count() == 0


def test_a_role_in_the_wrong_kind_of_organisation_is_not_offered(cast, organisations):
    typed = {"email": "new@example.org", "organisation": organisations.fiji.pk, "role": "secretariat_editor"}
    response = browser_of(cast.ada).post(reverse("people_invite"), typed)
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "role": ["Secretariat editor is a role in the secretariat, which FJI is not."]
    }


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"email": "no address"}, {"email": ["Enter an e-mail address such as name@customs.example."]}),
        ({"email": ""}, {"email": ["Enter the e-mail address."]}),
        ({"role": "king"}, {"role": ["Select a valid choice. king is not one of the available choices."]}),
        (
            {"organisation": "9" * 30},
            {"organisation": ["Select a valid choice. That choice is not one of the available choices."]},
        ),
        ({"email": "connie@example.org"}, {"__all__": ["This person holds that role already."]}),
    ],
    ids=["odd address", "no address", "odd role", "odd organisation", "has it"],
)
def test_bad_input_is_said_and_kept(cast, organisations, typed, errors):
    good = {
        "email": "new@example.org",
        "name": "Nia",
        "organisation": organisations.australia.pk,
        "role": CONTRIBUTOR.value,
    }
    response = browser_of(cast.ali).post(reverse("people_invite"), good | typed)
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert title(response).startswith("Error: ")
    assert 'value="Nia"' in response.content.decode()
    assert Invitation.objects.count() == 0


def test_an_invitation_of_others_cannot_be_withdrawn(cast, organisations):
    offer, _ = invited(cast.ada, organisations.fiji, timezone.now())
    assert asked(browser_of(cast.ali), "people_withdraw", offer.pk) == 404
    assert asked(browser_of(cast.fay), "people_withdraw", offer.pk) == 403
    offer.refresh_from_db()
    assert offer.withdrawn_at is None
    assert asked(browser_of(cast.ada), "people_withdraw", offer.pk) == 302
    assert last_entry() == ("ada@example.org", AuditAction.WITHDRAWN, str(offer))


# ---------------------------------------------------------------- closing and opening


def test_an_approver_closes_and_opens_a_contributor_of_the_own_organisation(cast):
    client, theirs = browser_of(cast.ali), browser_of(cast.connie)
    assert asked(client, "person_close", cast.connie.pk) == 302
    assert last_entry() == ("ali@example.org", AuditAction.DEACTIVATED, "Connie")
    assert (is_open(cast.connie), signed_in(theirs)) == (False, False)
    assert asked(client, "person_open", cast.connie.pk) == 302
    assert last_entry() == ("ali@example.org", AuditAction.REACTIVATED, "Connie")
    assert signed_in(browser_of(cast.connie))


@pytest.mark.parametrize(("name", "status"), [("fay", 404), ("ada", 404), ("olga", 404), ("cora", 422), ("ali", 422)])
def test_an_approver_closes_nobody_else(cast, name, status):
    shown = getattr(cast, name)
    assert asked(browser_of(cast.ali), "person_close", shown.pk) == status
    assert is_open(shown)
    with pytest.raises(ValidationError):
        actions.close_account(person=User.objects.get(pk=shown.pk), by=cast.ali)


def test_who_is_also_something_else_is_not_theirs_alone_to_send_away(cast, organisations):
    Role.objects.create(user=cast.connie, organisation=organisations.fiji, role=CONTRIBUTOR)
    client = browser_of(cast.ali)
    assert asked(client, "person_close", cast.connie.pk) == 422
    assert is_open(cast.connie)
    assert NOT_YOURS in client.get(reverse("person", args=[cast.connie.pk])).content.decode()


def test_a_person_without_any_role_is_no_contributor_of_theirs(cast):
    nobody = User.objects.create_user(email="nobody@example.org", name="Nobody")
    assert refusals.to_close(cast.ali, nobody).startswith(NOT_YOURS)
    assert refusals.to_close(cast.ada, nobody) == ""


@pytest.mark.parametrize("name", ["ed", "connie", "cora", "olga", "percy"])
def test_others_close_nobody(cast, name):
    by = getattr(cast, name)
    assert asked(browser_of(by), "person_close", cast.connie.pk) == 403
    assert refusals.to_close(by, User.objects.get(pk=cast.fay.pk)).startswith(NOT_YOURS)
    assert is_open(cast.connie)


def test_nobody_closes_their_own_account(cast, organisations):
    person("Una", RoleName.SECRETARIAT_ADMINISTRATOR, organisations.secretariat)
    assert asked(browser_of(cast.ada), "person_close", cast.ada.pk) == 422
    assert is_open(cast.ada)


# ---------------------------------------------------------------- the last administrator


def administrator_role(user: User) -> Role:
    return user.roles.get(role=RoleName.SECRETARIAT_ADMINISTRATOR)


def test_the_last_administrator_keeps_the_role(cast):
    role = administrator_role(cast.ada)
    response = browser_of(cast.ada).post(reverse("person_take_role", args=[cast.ada.pk, role.pk]))
    assert (response.status_code, response.context["form"].non_field_errors()) == (422, [refusals.LAST])
    assert Role.objects.filter(pk=role.pk).exists()


def test_an_administrator_whose_account_is_closed_does_not_count(cast, organisations):
    una = person("Una", RoleName.SECRETARIAT_ADMINISTRATOR, organisations.secretariat)
    assert refusals.to_take(administrator_role(cast.ada)) == ""
    actions.close_account(person=una, by=cast.ada)
    assert refusals.to_take(administrator_role(cast.ada)) == refusals.LAST
    assert refusals.to_close(una, cast.ada) == refusals.LAST


def test_of_two_who_close_each_other_one_stays(cast, organisations):
    una = person("Una", RoleName.SECRETARIAT_ADMINISTRATOR, organisations.secretariat)
    actions.close_account(person=una, by=cast.ada)
    with pytest.raises(ValidationError, match="last administrator"):
        actions.close_account(person=cast.ada, by=una)
    assert is_open(cast.ada)


def test_any_other_role_of_theirs_can_be_taken(cast, organisations):
    extra = Role.objects.create(user=cast.ada, organisation=organisations.rpsg, role=RoleName.OBSERVER)
    assert asked(browser_of(cast.ada), "person_take_role", cast.ada.pk, extra.pk) == 302
    assert not Role.objects.filter(pk=extra.pk).exists()


# ---------------------------------------------------------------- roles


def test_a_role_acts_with_the_next_request_and_so_does_its_end(cast, organisations):
    ada, percy = browser_of(cast.ada), browser_of(cast.percy)
    people = reverse("people")
    assert percy.get(people).status_code == 403
    typed = {"organisation": organisations.secretariat.pk, "role": RoleName.SECRETARIAT_EDITOR.value}
    assert asked(ada, "person_add_role", cast.percy.pk, **typed) == 302
    assert last_entry()[:2] == ("ada@example.org", AuditAction.GRANTED)
    assert percy.get(people).status_code == 200
    given = cast.percy.roles.get(role=RoleName.SECRETARIAT_EDITOR)
    assert asked(ada, "person_take_role", cast.percy.pk, given.pk) == 302
    assert last_entry()[:2] == ("ada@example.org", AuditAction.WITHDRAWN)
    assert percy.get(people).status_code == 403
    assert signed_in(percy)


def test_a_role_that_is_held_is_not_given_twice(cast, organisations):
    typed = {"organisation": organisations.australia.pk, "role": CONTRIBUTOR.value}
    response = browser_of(cast.ada).post(reverse("person_add_role", args=[cast.connie.pk]), typed)
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == ["This person holds that role already."]


def test_the_role_of_somebody_else_is_not_found_under_this_person(cast):
    role = cast.connie.roles.get()
    assert asked(browser_of(cast.ada), "person_take_role", cast.fay.pk, role.pk) == 404
    assert Role.objects.filter(pk=role.pk).exists()


@pytest.mark.parametrize("name", ["ed", "ali", "connie", "olga", "percy"])
def test_only_administrators_give_and_take_roles(cast, organisations, name):
    client, role = browser_of(getattr(cast, name)), cast.connie.roles.get()
    typed = {"organisation": organisations.australia.pk, "role": APPROVER.value}
    assert asked(client, "person_add_role", cast.connie.pk, **typed) == 403
    assert asked(client, "person_take_role", cast.connie.pk, role.pk) == 403
    assert list(cast.connie.roles.values_list("role", flat=True)) == [CONTRIBUTOR]


# ---------------------------------------------------------------- signing in again


def test_an_administrator_signs_in_again_first_and_nothing_is_done_before(cast):
    client = Client()
    client.force_login(with_password(cast.ada))
    assert client.get(reverse("people_invite")).url.startswith("/accounts/reauthenticate/")
    assert client.post(reverse("person_close", args=[cast.connie.pk])).status_code == 302
    assert is_open(cast.connie)


def test_opening_a_page_does_nothing(cast, organisations):
    client, role = browser_of(cast.ada), cast.connie.roles.get()
    pages = [
        reverse("person_close", args=[cast.connie.pk]),
        reverse("person_take_role", args=[cast.connie.pk, role.pk]),
        reverse("person_reset_second_factor", args=[cast.connie.pk]),
        reverse("people_withdraw", args=[invited(cast.ada, organisations.fiji, timezone.now())[0].pk]),
    ]
    entries = AuditEntry.objects.count()
    assert [client.get(page).status_code for page in pages] == [200] * 4
    assert AuditEntry.objects.count() == entries
    assert is_open(cast.connie)


@pytest.mark.parametrize("name", ["people", "account"])
def test_a_page_that_only_shows_takes_no_post(client, cast, name):
    client.force_login(cast.ed)
    assert client.post(reverse(name)).status_code == 405


def test_a_stranger_is_sent_to_sign_in(client, cast):
    for name, args in (
        ("people", []),
        ("people_invite", []),
        ("person", [cast.fay.pk]),
        ("person_close", [cast.fay.pk]),
    ):
        assert client.get(reverse(name, args=args)).url.startswith("/accounts/login/?next=/people/")
