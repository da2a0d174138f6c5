"""Who reaches a view, and who reaches a thing in it."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from members.choices import RoleName
from members.models import User
from members.permissions import Target, known, may, must_sign_in_again
from members.queries import has_second_factor

View = Callable[..., HttpResponseBase]
M = TypeVar("M", bound=Model)


OWN = {"account.own", "mfa.own"}
"""What somebody does with their own account, so also on the way to a second factor."""


def lacks_second_factor(request: HttpRequest) -> bool:
    """An administrator of the secretariat who must have a second factor and has none (issue 3, 7)."""
    return isinstance(request.user, User) and without_second_factor(request.user)


def without_second_factor(user: User) -> bool:
    if not settings.MFA_REQUIRED:
        return False
    if all(held.role != RoleName.SECRETARIAT_ADMINISTRATOR for held in user.held_roles):
        return False
    return not has_second_factor(user)


def signed_in_a_moment_ago(request: HttpRequest) -> bool:
    """What allauth itself looks at last, after it has asked the database in which ways the person could sign in."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def requires(action: str, *, refuses: bool = True) -> Callable[[View], View]:
    """The view states the action that it needs, as `view.action`; works on functions and on `as_view()`.

    A stranger goes to the sign-in page. Without the right to the action on anything at all the answer is 403;
    whether a particular object is within reach is for `resolve` to say. `refuses` off: the view itself refuses, as it
    must first find out whether the person may see the object at all (404 wins).
    """
    known(action)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if action not in OWN and lacks_second_factor(request):
                messages.info(request, "Administrators of the secretariat need a second factor. Set one up to go on.")
                return redirect("mfa_index")
            if not may(request.user, action):
                if refuses:
                    raise PermissionDenied
                return view(request, *args, **kwargs)
            again = must_sign_in_again(request.user, action) and not signed_in_a_moment_ago(request)
            return (reauthentication_required(view) if again else view)(request, *args, **kwargs)

        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def target_of(obj: Model) -> Target:
    """What a thing says of itself by `permission_target()`; one that says nothing belongs to nobody."""
    describe = getattr(obj, "permission_target", Target)
    return describe()


def resolve(visible: QuerySet[M], user: User, action: str, **lookup: Any) -> M:
    """Object and access together: 404 where the user may not see it, 403 where they may not do this to it.

    `visible` is what the user may see, such as `Submission.objects.visible_to(user)`.
    """
    obj = get_object_or_404(visible, **lookup)
    if not may(user, action, target_of(obj)):
        raise PermissionDenied
    return obj
