"""The quality of the data: what is odd, missing or in doubt, and what each of it does to a figure."""

from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from members.numbers import counted
from members.permissions import exports_everything
from reporting.looking import BASIS_WORDS, Look, Missing, dates_form, provisional
from reporting.presentation import day_words
from reporting.quality.all import beside_of, findings
from reporting.quality.finding import MEANS, Finding, Kind
from reporting.quality.listing import FindingListing
from reporting.quality.listing import listed as listed_findings
from reporting.quality.scope import Scope
from reporting.wording import number

from .base import Content, drawn, listed, page

WELL = "All is well"


@page("quality.view", figures=False)
def quality(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """Of everybody, of the own focus areas, or of the own organisation; as at a day and on a basis."""
    if look.release_number is not None:
        raise Missing("A release is not looked through", "It is frozen. What is odd now is found in what counts now.")
    rows, mark = beside_of(look)
    if request.GET.get("format") and (
        file := filed(request, look, listing_of(request, look, findings(look, rows, mark)))
    ):
        return file

    def make() -> Content:
        found = findings(look, rows, mark)
        return quality_content(look, found, listing_of(request, look, found))

    basis = BASIS_WORDS[look.occasion.basis].lower()
    return drawn(request, look, "quality.html", make, mark, look.time_zone.key) | {
        "asat_form": dates_form(look),
        "figures_words": f"Data as at {day_words(look.occasion.as_of)}, {basis} answers",
        "provisional": provisional(look),
    }


def listing_of(request: HttpRequest, look: Look, found: tuple[Finding, ...]) -> FindingListing:
    """What is not released yet is carried away by those who may carry all of it."""
    text = look.plan_at(look.occasion.as_of)
    exports = exports_everything(look.user)
    return listed_findings(request.GET, look, text, look.organisations, found, exports=exports)


def filed(request: HttpRequest, look: Look, listing: FindingListing) -> HttpResponseBase | None:
    basis = BASIS_WORDS[look.occasion.basis].lower()
    as_at = f"as at {day_words(look.occasion.as_of)}, {basis} answers"
    return listed(request, look, listing, "Findings on the data", Figures=as_at)


def quality_content(look: Look, found: tuple[Finding, ...], listing: FindingListing) -> Content:
    moving = sum(each.moves_status for each in found)
    day = day_words(look.occasion.as_of)
    scope = Scope(look, look.plan_at(look.occasion.as_of), look.organisations)
    title = f"{counted(len(found), 'finding')} in the data as at {day}" if found else f"{WELL} as at {day}"
    return {
        "title": title,
        "moving": moving,
        "sees_status": bool(scope.whole),
        "whose": whose(look, scope),
        "listing": listing,
        "kinds": [kind_row(kind, found, listing) for kind in Kind],
        "groups": list(groups(listing)) if listing.count else [],
        "looked": timezone.localtime(look.occasion.now, look.time_zone),
        "zone": look.time_zone.key,
    }


def whose(look: Look, scope: Scope) -> str:
    """How much of the data the reader sees here."""
    names = {each.code: each.name for each in look.organisations.all}
    areas = sorted({scope.area_of[kpi.code] for kpi in scope.kpis if scope.sees_figure(kpi)})
    if scope.everything:
        return ""
    said = [f"Focus Area {code}" for code in areas] + sorted(names[code] for code in scope.own)
    return f"Shown is what concerns {' and '.join(said)}."


def kind_row(kind: Kind, found: tuple[Finding, ...], listing: FindingListing) -> dict[str, Any]:
    those = [each for each in found if each.kind is kind]
    return {
        "words": kind.words,
        "means": MEANS[kind].format(factor=number(settings.JUMP_FACTOR)),
        "count": len(those),
        "moving": sum(each.moves_status for each in those),
        "href": listing.address(kind=kind.code),
    }


def groups(listing: FindingListing) -> Any:
    """What stands on the page, by kind."""
    for kind, rows in groupby(listing.page.object_list, key=lambda each: each.kind):
        many = sum(each.kind is kind for each in listing.keys)
        yield {"kind": kind, "words": kind.words, "many": many, "rows": list(rows)}
