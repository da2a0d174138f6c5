"""The register as a calendar: one month, day by day."""

import re
from datetime import date

from django.http import HttpRequest
from django.urls import reverse

from members.numbers import counted
from reporting.audience import shown_to
from reporting.calendar_month import Month, sheet_of
from reporting.choices import ActivityStatus
from reporting.looking import Look, Missing
from reporting.queries import registered_activities
from reporting.validators import FIRST_YEAR, LAST_YEAR

from .base import Content, crumb, href, page
from .year import today_of

MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@page("activity.list", "register/month.html", figures=False)
def month(request: HttpRequest, look: Look) -> Content:
    """What was held and what is planned in a month, as far as the reader may know of it. Each stands on every day that
    it lasts."""
    today = today_of(look)
    shown = month_asked(request.GET.get("month", ""), today)
    rows = registered_activities(look.occasion.plan).filter(shown_to(look.user))
    rows = rows.filter(start__lte=shown.last, day__gte=shown.first).exclude(status=ActivityStatus.CANCELLED)
    found = list(rows.order_by("start", "title", "pk"))
    held = sum(each.status == ActivityStatus.HELD for each in found)
    said = f"{counted(held, 'activity held', 'activities held', zero='no')}, {len(found) - held:,} planned"
    sheet = sheet_of(shown, found)
    return {
        "title": f"{shown.first:%B %Y}: {said}",
        "crumbs": [crumb(look, "register", "Register")],
        "weeks": sheet.weeks,
        "long": sheet.long,
        "names": DAYS,
        "today": today,
        "found": found,
        "feed": href(look, "feed"),
        "previous": way(look, shown.before),
        "next": way(look, shown.after),
    }


def month_asked(asked: str, today: date) -> Month:
    """The one in the address, else that of today. Raises Missing."""
    if not asked:
        return Month.of(today)
    found = MONTH.fullmatch(asked)
    if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR and 1 <= int(found[2]) <= 12:
        return Month(int(found[1]), int(found[2]))
    raise Missing(f"{asked} is not a month", "Write the year and the month, such as 2027-03.")


def way(look: Look, month: Month) -> dict[str, str] | None:
    if not FIRST_YEAR <= month.year <= LAST_YEAR:
        return None
    address = reverse("calendar", args=[look.occasion.plan.code])
    return {"href": f"{address}?month={month}", "text": f"{month.first:%B %Y}"}
