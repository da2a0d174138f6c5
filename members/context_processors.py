from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from members.permissions import may


def signed_in(request: HttpRequest) -> dict[str, Any]:
    """Who is signed in, and for which organisations; stands in the bar of every page."""
    if not request.user.is_authenticated:
        return {"person": None}
    organisations = dict.fromkeys(role.organisation.name for role in request.user.held_roles)
    return {
        "person": {
            "name": request.user.name,
            "organisation": ", ".join(organisations),
            "href": reverse("account"),
            "people": reverse("people") if may(request.user, "user.list") else None,
            "history": reverse("history") if may(request.user, "audit.view") else None,
        },
        "sign_out": reverse("account_logout"),
    }
