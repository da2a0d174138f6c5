from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from members.models import User
from workplan.models import Plan
from workplan.queries import current_plan

from .demonstration import holds_demonstration_data
from .looking import entries


def site(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page needs. The database is asked only where a template uses the answer."""
    now = timezone.localtime()
    return {
        "icons": static("img/icons.svg"),
        "demonstration": holds_demonstration_data,
        "secretariat_email": settings.SECRETARIAT_EMAIL,
        "address": request.build_absolute_uri(),
        "printed": f"{now:%d.%m.%y, %H:%M} ({timezone.get_current_timezone_name()})",
    }


def main_ways(request: HttpRequest) -> dict[str, Any]:
    """The main ways of the current plan, on pages that are about none; a page about a plan says its own. Read where a
    template asks."""
    user = request.user
    if not isinstance(user, User):
        return {}

    @cache
    def current() -> Plan | None:
        try:
            return current_plan()
        except Plan.DoesNotExist:
            return None

    def named() -> dict[str, str]:
        plan = current()
        return {"name": plan.title, "code": plan.code} if plan else {}

    def ways() -> list[dict[str, Any]]:
        plan = current()
        return entries(user, plan.code) if plan else []

    return {"plan": SimpleLazyObject(named), "entries": SimpleLazyObject(ways)}
