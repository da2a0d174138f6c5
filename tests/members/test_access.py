import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.views import View

from members.access import requires, resolve
from members.models import Membership, Organisation
from members.permissions import UnknownAction


@requires("plan.view_draft")
def draft(request):
    return HttpResponse("the draft")


class Mine(View):
    def get(self, request):
        return HttpResponse("mine")


def ask(view, user):
    request = RequestFactory().get("/plan/?as_at=2027-06-30")
    request.user = user
    return view(request)


def test_a_view_states_its_action():
    assert draft.action == "plan.view_draft"
    assert requires("account.own")(Mine.as_view()).action == "account.own"


def test_a_view_cannot_state_an_action_that_does_not_exist():
    with pytest.raises(UnknownAction):
        requires("plan.burn")


def test_whoever_has_the_right_gets_through(cast):
    assert ask(draft, cast.ed).content == b"the draft"


def test_a_class_is_guarded_alike(cast):
    assert ask(requires("account.own")(Mine.as_view()), cast.percy).content == b"mine"


def test_a_stranger_is_sent_to_sign_in_and_back():
    response = ask(draft, AnonymousUser())
    assert (response.status_code, response.url) == (
        302,
        "/accounts/login/?next=/plan/%3Fas_at%3D2027-06-30",
    )


def test_somebody_without_the_right_is_refused(cast):
    with pytest.raises(PermissionDenied):
        ask(draft, cast.connie)


@pytest.mark.urls("tests.members.urls_with_publish")
def test_what_asks_for_a_fresh_sign_in_sends_there_first(client, cast):
    cast.ada.set_password("a long old word")
    cast.ada.save(update_fields=["password"])
    client.force_login(cast.ada)
    response = client.get("/publish/")
    assert (response.status_code, response.url) == (302, "/accounts/reauthenticate/?next=%2Fpublish%2F")

    again = client.post(response.url, {"password": "a long old word"})

    assert again.url == "/publish/"
    assert client.get("/publish/").content == b"published"


def own(user):
    return Organisation.objects.filter(roles__user=user)


def test_invisible_is_not_found_even_without_the_right(cast):
    with pytest.raises(Http404):
        resolve(own(cast.fay), cast.fay, "organisation.edit", code="AUS")


def test_visible_but_not_allowed_is_refused(cast):
    with pytest.raises(PermissionDenied):
        resolve(own(cast.fay), cast.fay, "organisation.edit", code="FJI")


def test_visible_and_allowed_is_handed_over(cast, organisations):
    assert resolve(own(cast.fay), cast.fay, "dashboard.member", code="FJI") == organisations.fiji


def test_own_means_own(cast):
    with pytest.raises(PermissionDenied):
        resolve(Organisation.objects.all(), cast.fay, "dashboard.member", code="AUS")


def test_a_thing_that_says_nothing_of_itself_belongs_to_nobody(cast):
    membership = Membership.objects.get(organisation__code="FJI")
    with pytest.raises(PermissionDenied):
        resolve(Membership.objects.all(), cast.fay, "dashboard.member", pk=membership.pk)
    assert resolve(Membership.objects.all(), cast.ed, "dashboard.member", pk=membership.pk) == membership
