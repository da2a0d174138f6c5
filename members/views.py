"""One's own account, invitations, and the pages about people."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from members import actions, refusals
from members.access import requires, resolve, target_of
from members.choices import RoleName
from members.exports import file_of
from members.forms import InvitationForm, JoinForm, RoleForm
from members.history import past
from members.invitations import invitation_of, refusal
from members.lists import Filter, Listing, find, pick
from members.models import Organisation, Role, User
from members.permissions import exports_everything, may
from members.queries import has_second_factor, invitations_visible_to, people_visible_to, roles_in_list
from members.secretariat import secretariat
from members.tables import PeopleTable

TOKEN = "invitation_token"  # noqa: S105 -- the name of its place in the session
CLOSED = "There is an account with this address, and it is closed. Ask the {} to open it again."


def me(request: HttpRequest) -> User:
    """The person of this request; `requires` has let in nobody else."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def typed(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also where that is nothing but the click."""
    return request.POST if request.method == "POST" else None


def confirmed(
    request: HttpRequest, form: Form, act: Callable[[], object], page: dict[str, Any], done: str, then: str
) -> HttpResponse:
    """A page with one form: does it, says so and goes on; a refusal stands on top of the form."""
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            messages.success(request, done)
            return redirect(then)
    return render(request, "form.html", {"form": form, "cancel": then} | page, status=422 if form.errors else 200)


# ---------------------------------------------------------------- one's own account


@requires("account.own")
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return render(
        request, "account/account.html", {"roles": me(request).held_roles, "factor": has_second_factor(me(request))}
    )


@requires("account.own")
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    page = {
        "title": "Sign out everywhere",
        "intro": "You are signed out here and in every other browser. Nobody else can go on with your account.",
        "action": "Sign out everywhere",
    }

    def act() -> None:
        actions.sign_out_everywhere(person=me(request))
        logout(request)

    form = Form(typed(request))
    then = reverse("account_login") if request.method == "POST" else reverse("account")
    return confirmed(request, form, act, page, "You are signed out everywhere.", then)


# ---------------------------------------------------------------- accepting an invitation


@rate_limit(action="invitation", limit_get=True)
@never_cache
@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail. What it opens stands in the session from here on, so that no page, no script and no link to
    elsewhere gets to know it. Nothing else happens: programs that look at mail open links too."""
    request.session[TOKEN] = token
    return redirect("invitation")


@rate_limit(action="invitation")
@never_cache
@sensitive_post_parameters("password1", "password2")
def invitation(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    token = request.session.get(TOKEN, "")
    offer = invitation_of(token)
    if refused := refusal(offer, now):
        return render(request, "account/invitation_refused.html", {"refused": refused}, status=410)
    assert offer is not None  # noqa: S101 -- else refused
    owner = User.objects.filter(email=offer.email).first()
    if owner and not owner.is_active:
        return render(request, "account/invitation_refused.html", {"refused": CLOSED.format(secretariat())}, status=410)
    content = {"offer": offer, "owner": owner}
    if request.user.is_authenticated and request.user != owner:
        return render(request, "account/invitation_other.html", content)
    if request.user.is_authenticated:
        return accept_as(request, token, content, by=me(request))
    if owner:
        return render(request, "account/invitation_sign_in.html", content)
    return accept_as(request, token, content, by=None)


def accept_as(request: HttpRequest, token: str, content: dict[str, Any], by: User | None) -> HttpResponse:
    """Who has an account says yes; who has none says who they are, too."""
    offer = content["offer"]
    sent = typed(request)
    form = Form(sent) if by else JoinForm(sent, initial={"name": offer.name}, email=offer.email)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        name, password = said.get("name", ""), said.get("password1")
        try:
            person = actions.accept(token=token, now=timezone.now(), by=by, name=name, password=password)
        except ValidationError as error:
            return render(request, "account/invitation_refused.html", {"refused": error.messages[0]}, status=410)
        del request.session[TOKEN]
        if by is None:
            return perform_login(request, Login(user=person))
        messages.success(request, f"You now have the role {offer.get_role_display()} in {offer.organisation}.")
        return redirect("account")
    return render(request, "account/invitation.html", content | {"form": form}, status=422 if form.errors else 200)


# ---------------------------------------------------------------- people


@requires("user.list")
@require_safe
def people(request: HttpRequest) -> HttpResponseBase:
    by, now = me(request), timezone.now()
    listing = people_listed(request, by)
    if file := file_of(request, listing, by=by, what="Accounts", now=now):
        return file
    pending = invitations_visible_to(by).filter(used_at=None, withdrawn_at=None)
    content = {
        "title": f"People: {listing.title}",
        "listing": listing,
        "empty": ("No accounts yet", "Whoever accepts an invitation stands here."),
        "pending": pending,
        "now": now,
        "may_invite": may(by, "user.invite"),
    }
    return render(request, "people/list.html", content)


def people_listed(request: HttpRequest, by: User) -> Listing:
    """Whom the reader may list. It takes rights over the whole region to carry addresses of people away."""
    seen = roles_in_list(by)
    organisations = dict(Organisation.objects.filter(roles__in=seen).distinct().values_list("code", "name"))

    def holding(path: str) -> Callable[[QuerySet[User], str], QuerySet[User]]:
        return lambda rows, value: rows.filter(Exists(seen.filter(**{"user": OuterRef("pk"), path: value})))

    filters = (
        find("Find by name or address", "name", "email"),
        Filter("organisation", "Organisation", holding("organisation__code"), organisations),
        Filter("role", "Role", holding("role"), dict(RoleName.choices)),
        pick("account", "Account", {"True": "Open", "False": "Closed"}, "is_active"),
    )
    return Listing(
        request.GET,
        PeopleTable(zone=by.time_zone),
        people_visible_to(by),
        nouns=("account", "accounts"),
        filters=filters,
        filename="people",
        exports=exports_everything(by),
    )


@requires("user.list")
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    by = me(request)
    shown = resolve(people_visible_to(by), by, "user.list", pk=pk)
    closing = refusals.to_close(by, shown) if shown.is_active else refusals.to_open(by, shown)
    content = {
        "title": shown.name,
        "shown": shown,
        "may_close": may(by, "user.deactivate", target_of(shown)),
        "closing": closing,
        "may_set_role": may(by, "user.set_role"),
        "may_reset": may(by, "user.reset_mfa"),
        "past": past(by, Q(about=f"members.user/{shown.email}"), everything=request.GET.get("history") == "all")
        if may(by, "audit.view")
        else None,
        "crumbs": [{"href": reverse("people"), "text": "People"}],
    }
    return render(request, "people/person.html", content)


@requires("user.invite")
def invite(request: HttpRequest) -> HttpResponse:
    by = me(request)
    form = InvitationForm(typed(request), by=by)
    page = {
        "title": "Invite somebody",
        "intro": "They get a mail with a link. It works once, for seven days.",
        "action": "Send the invitation",
        "crumbs": [{"href": reverse("people"), "text": "People"}],
    }

    def act() -> None:
        said = form.cleaned_data
        actions.invite(
            email=said["email"],
            name=said["name"],
            role=RoleName(said["role"]),
            organisation=said["organisation"],
            by=by,
            now=timezone.now(),
            address=lambda token: settings.SITE_ADDRESS + reverse("open_invitation", args=[token]),
        )

    done = f"The invitation to {request.POST.get('email', '')} is on its way."
    return confirmed(request, form, act, page, done, reverse("people"))


@requires("user.invite")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    by = me(request)
    offer = resolve(invitations_visible_to(by).filter(used_at=None, withdrawn_at=None), by, "user.invite", pk=pk)
    page = {
        "title": "Withdraw the invitation",
        "intro": f"{offer.email}: {offer.get_role_display()} in {offer.organisation}. The link stops working.",
        "action": "Withdraw it",
        "danger": True,
    }

    def act() -> None:
        actions.withdraw(invitation=offer, by=by, now=timezone.now())

    return confirmed(request, Form(typed(request)), act, page, "The invitation is withdrawn.", reverse("people"))


def somebody(request: HttpRequest, action: str, pk: int) -> User:
    return resolve(people_visible_to(me(request)), me(request), action, pk=pk)


@requires("user.deactivate")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    shown = somebody(request, "user.deactivate", pk)
    page = {
        "title": f"Close the account of {shown.name}",
        "intro": "They are signed out at once and cannot sign in. What they entered stays.",
        "action": "Close the account",
        "danger": True,
    }
    done = f"The account of {shown.name} is closed."

    def act() -> None:
        actions.close_account(person=shown, by=me(request))

    return confirmed(request, Form(typed(request)), act, page, done, reverse("person", args=[pk]))


@requires("user.deactivate")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    shown = somebody(request, "user.deactivate", pk)
    page = {
        "title": f"Open the account of {shown.name} again",
        "intro": "They can sign in again, with the roles that they have.",
        "action": "Open the account",
    }
    done = f"The account of {shown.name} is open again."

    def act() -> None:
        actions.open_account(person=shown, by=me(request))

    return confirmed(request, Form(typed(request)), act, page, done, reverse("person", args=[pk]))


@requires("user.set_role")
def add_role(request: HttpRequest, pk: int) -> HttpResponse:
    by, shown = me(request), somebody(request, "user.set_role", pk)
    form = RoleForm(typed(request), by=by)
    page = {"title": f"Give {shown.name} a role", "action": "Give the role"}

    def act() -> None:
        said = form.cleaned_data
        actions.grant_role(user=shown, role=RoleName(said["role"]), organisation=said["organisation"], by=by)

    done = f"{shown.name} has the role from now on."
    return confirmed(request, form, act, page, done, reverse("person", args=[pk]))


@requires("user.set_role")
def take_role(request: HttpRequest, pk: int, role: int) -> HttpResponse:
    shown = somebody(request, "user.set_role", pk)
    held = get_object_or_404(Role.objects.select_related("organisation", "user"), user=shown, pk=role)
    page = {
        "title": f"Take a role from {shown.name}",
        "intro": f"{held}. What the role allows ends with their next click.",
        "action": "Take the role",
        "danger": True,
    }

    def act() -> None:
        actions.take_role(role=held, by=me(request))

    done = f"{shown.name} does not have the role any more."
    return confirmed(request, Form(typed(request)), act, page, done, reverse("person", args=[pk]))


@requires("user.reset_mfa")
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    shown = somebody(request, "user.reset_mfa", pk)
    page = {
        "title": f"Reset the second factor of {shown.name}",
        "intro": "Make sure that it is they who ask, by telephone for instance. Their app, passkeys and recovery "
        "codes stop working, they are signed out everywhere, and they get a mail that names you.",
        "action": "Reset the second factor",
        "danger": True,
    }
    done = f"{shown.name} signs in with the password alone until they set up a second factor."

    def act() -> None:
        actions.reset_second_factor(person=shown, by=me(request), now=timezone.now())

    return confirmed(request, Form(typed(request)), act, page, done, reverse("person", args=[pk]))
