"""The pages of an AEO mutual recognition arrangement between two Members."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.models import Organisation
from members.numbers import counted
from members.permissions import Target, may
from reporting.actions.refusals import Stale
from reporting.actions.statements import record_own_arrangement, settle_side, state_side
from reporting.choices import StatementKind
from reporting.forms.register import ArrangementForm, StatementForm
from reporting.looking import Look
from reporting.models import Arrangement, ArrangementVersion
from reporting.queries import arrangements
from reporting.returns import name_of, nothing_here
from reporting.sides import Standing, Told, rows, sides

from .base import Content, acted, crumb, page
from .records import STATED, Opened, decision, of, possible, records_for, settlement, show_stored, statement


class OpenedArrangement(Opened[Arrangement, ArrangementVersion]):
    kind = "arrangement"
    says = "arrangement.confirm_own_side"

    @classmethod
    def versions(cls) -> QuerySet[ArrangementVersion]:
        parties = ("arrangement__party_a", "arrangement__party_b")
        return ArrangementVersion.objects.select_related(*parties, "entered_by", "decided_by")

    @property
    def name(self) -> str:
        return f"The arrangement between {name_of(self.record)}"

    @property
    def named(self) -> list[Organisation]:
        return [self.record.party_a, self.record.party_b]

    @property
    def own(self) -> Target:
        return of(*(party.code for party in self.named))

    def state(self, organisation: Organisation, kind: StatementKind, form: StatementForm) -> str:
        reason, by, now = form.cleaned_data["reason"], self.look.user, self.look.occasion.now
        state_side(arrangement=self.record, organisation=organisation, kind=kind, reason=reason, by=by, now=now)
        return STATED[kind]

    def settle(self, statement: Any, settlement: str) -> None:
        settle_side(statement=statement, settlement=settlement, by=self.look.user, now=self.look.occasion.now)


def opened(look: Look, pk: int) -> OpenedArrangement:
    """Raises Missing."""
    possible(pk)
    found = OpenedArrangement.versions().filter(arrangement=pk).order_by("-number").first()
    if found is None:
        raise nothing_here()
    return OpenedArrangement(look, found.arrangement, found)


@page("arrangement.list", "register/arrangement.html", figures=False)
def arrangement(request: HttpRequest, look: Look, pk: int) -> Content:
    """What is known of it, and what its parties say."""
    found = opened(look, pk)
    told = sides([found.version])[found.record.pk]
    about = {"title": found.name, "arrangement": found.record, "told": told, "past": found.past(request)}
    return about | found.content


MOST_IN_A_GRID = 40
"""Members; of more, who has what stands by Member alone."""


@page("arrangement.list", "register/matrix.html", figures=False)
def matrix(request: HttpRequest, look: Look) -> Content:
    """Every Member with every other."""
    day = look.occasion.now.astimezone(look.time_zone).date()
    found = list(arrangements())
    members, told = rows(found, day), Counter(each.told for each in sides(found).values())
    small = members if len(members) <= MOST_IN_A_GRID else []
    return {
        "title": f"{counted(len(found), 'arrangement', zero='No')} between Members",
        "day": day,
        "all": len(found),
        **{kind.name.lower(): told[kind] for kind in Told},
        "rows": members,
        "grid": [{"row": row, "cells": [row.partners.get(other.code) for other in small]} for row in small],
        "members": [
            {"row": row, "partners": [(each.words, row.with_standing(each)) for each in Standing]} for row in members
        ],
        "signs": list(Standing),
        "crumbs": [crumb(look, "register", "Register"), crumb(look, "arrangements", "Arrangements")],
    }


@page("arrangement.add", "register/arrangement_form.html", figures=False)
def add(request: HttpRequest, look: Look) -> Content | HttpResponse:
    """A new arrangement; one party is the reader's own."""
    initial = {"token": "0", "party_a": records_for(look, "arrangement.add")[0]}
    return form_page(request, look, None, initial, "Add an arrangement")


@page("arrangement.edit", "register/arrangement_form.html", figures=False)
def edit(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """A changed arrangement is a new version that waits for a decision."""
    found = opened(look, pk)
    if not found.may("edit"):
        raise PermissionDenied
    names = ("signed", "in_force", "ended", "source", "comment")
    initial = {name: getattr(found.version, name) for name in names}
    initial |= {"token": str(found.version.pk)}
    initial |= {"party_a": found.record.party_a.code, "party_b": found.record.party_b.code}
    return form_page(request, look, found, initial, f"Change the arrangement between {name_of(found.record)}")


def form_page(
    request: HttpRequest, look: Look, found: OpenedArrangement | None, initial: dict[str, Any], title: str
) -> Content | HttpResponse:
    members = {each.code: each for each in Organisation.objects.all() if each.is_member}
    choices = [(each.code, each.name) for each in members.values()]
    data = request.POST.dict() if request.method == "POST" else None
    form = ArrangementForm(data, initial=initial, members=choices, locked=found is not None)
    crumbs = found.crumbs if found else [crumb(look, "register", "Register")]
    content = {"title": title, "form": form, "cancel": crumbs[-1]["href"], "crumbs": crumbs}
    if data is None:
        return content

    def act() -> HttpResponse:
        record = form.record(members)
        if not may(look.user, "arrangement.add", of(*(party.code for party in record.parties))):
            raise ValidationError({"party_b": "One of the two parties must be your own administration."})
        seen = form.cleaned_data["token"] or "0"
        try:
            own = [party for party in record.parties if may(look.user, OpenedArrangement.says, of(party.code))]
            made = record_own_arrangement(record=record, seen=seen, own=own, by=look.user, now=look.occasion.now)
        except Stale as stale:
            a, b = record.pair
            known = Arrangement.objects.get(party_a=a, party_b=b)
            show_stored(content, data, opened(look, known.pk).version)
            there = Stale("There is a record of these two Members already. Look at it first.")
            raise (stale if found else there) from stale
        messages.success(request, "Recorded. The secretariat decides whether it counts.")
        return redirect("arrangement", look.occasion.plan.code, made.pk)

    return acted(form, content, act)


@page("arrangement.confirm", "register/confirm.html", figures=False)
def decide(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """The secretariat confirms it or not."""
    return decision(request, opened(look, pk))


@page("arrangement.confirm_own_side", "register/statement.html", figures=False)
def side(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """A party says whether it is right."""
    found = opened(look, pk)
    return statement(request, found, f"Your side of the arrangement between {name_of(found.record)}")


@page("arrangement.confirm", "register/settle.html", figures=False)
def settle(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """The secretariat settles what a party contests."""
    return settlement(request, opened(look, pk))
