"""When a session ends, and what happens to a form that was sent when signing in again was asked for."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

BEGAN, SEEN = "began", "seen"
EXACT = 60
"""So many seconds pass before a session is stored again only to say that it is in use."""


def begin(sender: type, request: HttpRequest, **kwargs: Any) -> None:
    """Notes when somebody signed in, by whatever way (Django's ``user_logged_in``)."""
    request.session[BEGAN] = request.session[SEEN] = time.time()


class SessionLimitsMiddleware:
    """Signed out after SESSION_IDLE seconds without a click, and SESSION_LONGEST after signing in (docs/adr/0014)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self.limit(request, time.time())
        return self.get_response(request)

    def limit(self, request: HttpRequest, now: float) -> None:
        began, seen = request.session.get(BEGAN, 0), request.session.get(SEEN, 0)
        if now - seen > settings.SESSION_IDLE or now - began > settings.SESSION_LONGEST:
            logout(request)
            messages.info(request, "You were signed out, because some time has passed. Sign in again to go on.")
        elif now - seen > EXACT:
            request.session[SEEN] = now


class SignInAgainMiddleware:
    """Two things that allauth leaves open where somebody has to sign in again.

    A form that was sent is carried out afterwards, also where its address has a query. And one that was left lying,
    since the person did not sign in again then, is not carried out later, when they only open a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ReauthenticationRequired) or not request.user.is_authenticated:
            return None
        request.session.pop(STATE_SESSION_KEY, None)
        if request.method != "POST":
            return None
        way = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
        suspend_request(request, way)
        return HttpResponseRedirect(f"{way}?{urlencode({'next': request.path})}")
