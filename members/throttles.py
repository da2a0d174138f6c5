"""How often something may be tried, so that nobody can guess a password and nobody can lock another person out.

A browser in which somebody has signed in keeps a signed mark. Wrong passwords for an account are counted for each
marked browser by itself, and for all others together: whoever tries from elsewhere uses up the tries of strangers,
never those of the person at their own browser (docs/adr/0014). The tries of a network address are shared by all
browsers behind it but those that are marked for the account.
"""

from collections.abc import Callable

from allauth.core import context, ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from members.models import User

COOKIE = "known"
SALT = "members.throttles"
LASTS = 180 * 24 * 60 * 60
MOST = 5
"""So many accounts are known in one browser; the one that was not used for longest is forgotten."""


def devices(request: HttpRequest) -> dict[str, str]:
    """The accounts that this browser is known for, by number, each with a name that the browser has for it alone."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return {}
    return dict(found)


def device_for(request: HttpRequest, address: str) -> str:
    """The name of this browser for the account with this address; empty where nobody signed in to that one here. A
    stranger learns nothing of it: the mark says only what its browser did itself."""
    known = devices(request)
    emails = dict(User.objects.filter(pk__in=known).values_list("email", "pk")) if known else {}
    return known.get(str(emails.get(address.strip().lower())), "")


def counted_for(request: HttpRequest, address: str) -> str:
    """Whose tries these are."""
    return " ".join(filter(None, [address.lower(), device_for(request, address)]))


def counted_from(request: HttpRequest, network_address: str) -> str:
    """From where these tries come. A browser that is known for the account stands for itself where a password is asked
    for: somebody else behind its network address, as in an office, uses up nothing of its tries."""
    page = getattr(request.resolver_match, "url_name", "")
    if page == "account_login":
        typed = request.POST.get("login", "")
    elif page == "account_reauthenticate" and isinstance(request.user, User):
        typed = request.user.email
    else:
        return network_address
    return device_for(request, typed) or network_address


def remember_device(user: User) -> None:
    """The answer to this request marks the browser."""
    context.request.known_now = user.pk


class KnownDevicesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if number := getattr(request, "known_now", None):
            known = devices(request)
            device = known.pop(str(number), get_random_string(22))
            known = dict([*known.items(), (str(number), device)][-MOST:])
            response.set_cookie(
                COOKIE,
                signing.dumps(known, salt=SALT),
                max_age=LASTS,
                path=settings.SESSION_COOKIE_PATH,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def may_mail_a_reset(request: HttpRequest, address: str) -> bool:
    return bool(ratelimit.consume(request, action="reset_mail", key=address.lower()))
