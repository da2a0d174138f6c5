"""The pages of an AEO mutual recognition arrangement between two Members."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.models import Organisation
from members.numbers import counted
from members.permissions import Target, may
from reporting.actions.plurilateral import Made, parties_of, record_plurilateral
from reporting.actions.refusals import Stale
from reporting.actions.statements import record_own_arrangement, settle_side, state_side
from reporting.actions.versions import newest_versions
from reporting.choices import Decision, StatementKind
from reporting.forms.register import ArrangementForm, PlurilateralForm
from reporting.forms.statements import SettlementForm, SideSettlementForm, SideStatementForm, StatementForm
from reporting.listed import name_of
from reporting.looking import Look
from reporting.models import Arrangement, ArrangementVersion, Plurilateral
from reporting.queries import arrangements
from reporting.returns import nothing_here
from reporting.sides import Standing, Told, differences, rows, sides

from .base import Content, acted, crumb, page
from .listing import cut, page_asked
from .records import STATED, Opened, decision, of, possible, records_for, settlement, show_stored, statement


class OpenedArrangement(Opened[Arrangement, ArrangementVersion]):
    kind = "arrangement"
    says = "arrangement.confirm_own_side"

    @classmethod
    def versions(cls) -> QuerySet[ArrangementVersion]:
        about = ("arrangement__party_a", "arrangement__party_b", "plurilateral")
        return ArrangementVersion.objects.select_related(*about, "entered_by", "decided_by")

    @property
    def name(self) -> str:
        return f"The arrangement between {name_of(self.record)}"

    @property
    def named(self) -> list[Organisation]:
        return [self.record.party_a, self.record.party_b]

    @property
    def own(self) -> Target:
        return of(*(party.code for party in self.named))

    def statement_form(self, data: dict[str, Any] | None, organisations: list[tuple[str, str]]) -> StatementForm:
        name = self.version.plurilateral.name if self.version.plurilateral else ""
        initial = {"organisation": organisations[0][0]}
        return SideStatementForm(data, plurilateral=name, organisations=organisations, initial=initial)

    def pairs(self) -> QuerySet[ArrangementVersion]:
        """The newest versions of the other pairs of the same arrangement of more than two that say the same."""
        says = {name: getattr(self.version, name) for name in ("signed", "in_force", "ended", "source", "comment")}
        rows = newest_versions(ArrangementVersion.objects.all()).filter(plurilateral=self.version.plurilateral, **says)
        return rows.exclude(pk=self.version.pk).select_related("arrangement__party_a", "arrangement__party_b")

    @property
    def alike(self) -> list[ArrangementVersion]:
        if not self.version.plurilateral:
            return []
        return list(self.pairs().filter(decision=Decision.UNDECIDED).order_by("pk"))

    def alike_words(self, alike: Sequence[ArrangementVersion]) -> str:
        if not (alike and self.version.plurilateral):
            return ""
        many = counted(len(alike), "other pair")
        return f"The same for the {many} of {self.version.plurilateral.name} that wait and say the same"

    def state(self, organisation: Organisation, kind: StatementKind, form: StatementForm) -> str:
        says = {name: form.cleaned_data[name] for name in ("reason", "in_force", "ended")}
        others = self.pairs() if form.cleaned_data.get("all") else ArrangementVersion.objects.none()
        own = others.filter(arrangement__party_a=organisation) | others.filter(arrangement__party_b=organisation)
        told: dict[str, Any] = {"kind": kind, "by": self.look.user, "now": self.look.occasion.now}
        with transaction.atomic():
            state_side(arrangement=self.record, organisation=organisation, **says, **told)
            for each in own:
                state_side(arrangement=each.arrangement, organisation=organisation, **says, **told)
        return STATED[kind]

    def settlement_form(self, *args: Any, **kwargs: Any) -> SettlementForm:
        return SideSettlementForm(*args, **kwargs)

    def settle(self, statement: Any, form: SettlementForm) -> None:
        ruled = {name: form.cleaned_data[name] for name in ("settlement", "source")}
        adopt = form.cleaned_data["ruling"] == "side"
        settle_side(statement=statement, **ruled, adopt=adopt, by=self.look.user, now=self.look.occasion.now)


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
    told, content = sides([found.version])[found.record.pk], found.content
    about = {"title": found.name, "arrangement": found.record, "told": told, "past": found.past(request)}
    return about | {"differ": differences(found.version, content["statements"])} | content


MOST_IN_A_GRID = 40
"""Members; of more, who has what stands by Member alone."""
MOST_PARTNERS = 40
"""Codes in one cell; more are opened with a click, so that one Member does not fill a page."""


@page("arrangement.list", "register/matrix.html", figures=False)
def matrix(request: HttpRequest, look: Look) -> Content:
    """Every Member with every other."""
    day = look.occasion.now.astimezone(look.time_zone).date()
    found = list(arrangements())
    members, told = rows(found, day), Counter(each.told for each in sides(found).values())
    small = members if len(members) <= MOST_IN_A_GRID else []
    number, pages, here = cut(members, page_asked(request))
    return {
        "title": f"{counted(len(found), 'arrangement', zero='No')} between Members",
        "day": day,
        "all": len(found),
        **{kind.name.lower(): told[kind] for kind in Told},
        "rows": members,
        "grid": [{"row": row, "cells": [row.partners.get(other.code) for other in small]} for row in small],
        "members": [
            {"row": row, "partners": [(each.words, row.with_standing(each)) for each in Standing]} for row in here
        ],
        "most": MOST_PARTNERS,
        "number": number,
        "pages": pages,
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
    initial |= {"plurilateral": found.version.plurilateral.name if found.version.plurilateral else ""}
    return form_page(request, look, found, initial, f"Change the arrangement between {name_of(found.record)}")


def form_page(
    request: HttpRequest, look: Look, found: OpenedArrangement | None, initial: dict[str, Any], title: str
) -> Content | HttpResponse:
    members = {each.code: each for each in Organisation.objects.all() if each.is_member}
    choices = [(each.code, each.name) for each in members.values()]
    data = request.POST.dict() if request.method == "POST" else None
    named = Plurilateral.objects.all() if may(look.user, "arrangement.confirm") else ()
    plurilaterals = {each.name: each for each in named}
    locked = found is not None
    form = ArrangementForm(data, initial=initial, members=choices, plurilaterals=plurilaterals, locked=locked)
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


MOST_KNOWN = 5
"""Arrangements of more than two Members that are named with their Members; the world has hardly more."""
MOST_NAMED = 12
"""Members, or pairs, in one sentence."""


@page("arrangement.add", "register/plurilateral.html", figures=False)
def plurilateral(request: HttpRequest, look: Look) -> Content | HttpResponse:
    """One of more than two Members. A Member records its own pairs alone, so the secretariat records all of them."""
    members = {each.code: each for each in Organisation.objects.all() if each.is_member}
    if not may(look.user, "arrangement.confirm"):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = PlurilateralForm(data, members=[(each.code, each.name) for each in members.values()])
    crumbs = [crumb(look, "register", "Register"), crumb(look, "arrangements", "Arrangements")]
    content = {
        "title": "Add an arrangement of more than two Members",
        "form": form,
        "known": [
            (each.name, some_of([party.name for party in parties_of(each)], "; "))
            for each in Plurilateral.objects.all()[:MOST_KNOWN]
        ],
        "cancel": crumbs[-1]["href"],
        "crumbs": crumbs,
    }
    if data is None:
        return content

    def act() -> HttpResponse:
        parties = [members[code] for code in form.cleaned_data["parties"]]
        name, by, now = form.cleaned_data["name"], look.user, look.occasion.now
        made = record_plurilateral(name=name, parties=parties, says=form.says, by=by, now=now)
        messages.success(request, recorded_words(made))
        return redirect("arrangements", look.occasion.plan.code)

    return acted(form, content, act)


def recorded_words(made: Made) -> str:
    words = f"{counted(made.recorded, 'pair')} recorded. A colleague decides whether they count."
    if made.kept:
        words += f" Recorded before, and left as they are: {some_of(made.kept, '; ')}."
    return words


def some_of(names: Sequence[str], between: str) -> str:
    more = len(names) - MOST_NAMED
    return between.join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


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
