"""The calendar of planned activities for other programs: its personal address, and what stands there."""

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reporting.actions.feeds import make_feed, revoke_feed
from reporting.feed import calendar_of, owner_of, planned_for
from reporting.looking import Look
from reporting.models import Feed

from .base import Content, crumb, href, page

NOTHING = "There is no calendar at this address."


@never_cache
@page("activity.list", "register/feed.html", figures=False)
def feed(request: HttpRequest, look: Look) -> Content | HttpResponse:
    """One's own address is made, shown once, and taken back."""
    by, now, address = look.user, look.occasion.now, ""
    if request.method == "POST" and "revoke" in request.POST:
        revoke_feed(by=by, now=now)
        messages.success(request, "The address does not work any more.")
        return redirect(href(look, "feed"))
    if request.method == "POST":
        token = make_feed(by=by, now=now)
        address = settings.SITE_ADDRESS + reverse("feed_ics", args=[token])
    return {
        "title": "Planned activities in your own calendar",
        "crumbs": [crumb(look, "register", "Register"), crumb(look, "calendar", "Calendar")],
        "address": address,
        "opens": f"webcal:{address.partition(':')[2]}" if address else "",
        "works": Feed.objects.filter(person=by, revoked_at=None).first(),
    }


@rate_limit(action="feed", limit_get=True)
@never_cache
@require_safe
def ics(request: HttpRequest, token: str) -> HttpResponse:
    """Programs that read calendars do not sign in: the address is the proof. What one may not read does not exist."""
    owner = owner_of(token)
    if owner is None:
        response = HttpResponse(NOTHING, content_type="text/plain; charset=utf-8", status=404)
    else:
        content = calendar_of(planned_for(owner))
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="planned.ics"'
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
