"""What shows an answer: the files and links that stand with it, and those that stood with the same answer in the rounds
before, as far as somebody may see them (docs/adr/0030)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from members.choices import Scope
from members.permissions import grants

from .inputs import Shows
from .looking import Look
from .models import Answer, Evidence, Round
from .places import co_ordinated
from .threads import UNSENT

Place = tuple[str, int, int | None]
"""Code of the organisation, KPI, plan year: what one answer is, in whichever round."""
DOWNLOAD = "evidence.download"


@dataclass(frozen=True)
class Piece:
    """A file or a link as a page shows it. ``what``: its kind and size; ``round``: the round that it is from, where
    that is not said by the page; ``path``: a file is opened there, and its removal is below."""

    pk: int
    title: str
    href: str
    what: str
    added: str
    round: str
    path: str

    @property
    def is_link(self) -> bool:
        return self.href != self.path


Pieces = Mapping[Place, tuple[Piece, ...]]


def was_sent() -> Exists | Q:
    """Was anything sent of the answer that a piece stands with; what stands with a draft is as private as the draft."""
    same = Answer.objects.filter(submission=OuterRef("submission"), kpi=OuterRef("kpi")).exclude(state__in=UNSENT)
    no_year = Q(plan_year__isnull=True)
    return Q(Exists(same.filter(plan_year=OuterRef("plan_year")))) | no_year & Q(Exists(same.filter(no_year)))


def readable(look: Look) -> QuerySet[Evidence]:
    """permissions.csv, evidence.download: the pieces with answers of this plan that the reader may open."""
    rows = Evidence.objects.filter(submission__round__plan=look.occasion.plan, removed_at=None)
    reach = grants(look.user, DOWNLOAD)
    own = Q(submission__organisation__code__in=[code for scope, code in reach if scope is Scope.OWN])
    if any(scope is Scope.SUBMITTED for scope, _ in reach):
        return rows.filter(own | was_sent())
    if any(scope is Scope.FOCUS_AREA for scope, _ in reach):
        own |= was_sent() & co_ordinated(look, "submission__round")
    return rows.filter(own)


SHOWN = {
    "by_name": "added_by__name",
    "kpi_code": "kpi__code",
    "whose": "submission__organisation__code",
    "round_code": "submission__round__code",
    "round_title": "submission__round__title",
    "kind": "file__kind",
    "size": "file__size",
}


def pieces(look: Look, *, here: Round, **about: Any) -> Pieces:
    """What shows some answers, the latest round first. ``here``: the round that the page is about, which needs no name;
    those before it come with theirs. One query."""
    rows = readable(look).filter(Q(submission__round=here) | Q(submission__round__as_at__lte=here.as_at), **about)
    rows = rows.annotate(**{name: F(path) for name, path in SHOWN.items()}, of_here=Q(submission__round=here))
    found: dict[Place, list[Piece]] = defaultdict(list)
    row: Any
    for row in rows.order_by("-of_here", "-submission__round__as_at", "pk"):
        found[row.whose, row.kpi_id, row.plan_year].append(piece_of(look, row, named=not row.of_here))
    return {place: tuple(several) for place, several in found.items()}


def piece_of(look: Look, row: Any, *, named: bool) -> Piece:
    fact = Shows(
        row.pk, row.title, row.url, row.kind, row.size, row.by_name, row.added_at, (row.round_code, row.round_title)
    )
    return piece_of_fact(look, row.whose, row.kpi_code, fact, named=named)


def piece_of_fact(look: Look, organisation: str, kpi: str, shows: Shows, *, named: bool = True) -> Piece:
    code, title = shows.round
    path = reverse("return_evidence_file", args=[look.occasion.plan.code, code, organisation, kpi, shows.pk])
    return Piece(
        pk=shows.pk,
        title=shows.title,
        href=shows.url or path,
        what="Link" if shows.url else f"{shows.kind.upper()}, {filesizeformat(shows.size)}",
        added=f"Added by {shows.by} on {shows.at.astimezone(look.time_zone):%d.%m.%y}",
        round=title if named else "",
        path=path,
    )


def lacking() -> Q:
    """The answers that claim something, and nothing shows it: neither a link of their own, nor a file or a link of this
    round or of one before. "No", "Not started" and what does not apply claim nothing; what a register holds is shown
    there."""
    claims = Q(standing__in=("planned", "in_progress", "in_place")) | Q(participated=True)
    claims |= Q(value__isnull=False) | Q(numerator__isnull=False)
    stands = Evidence.objects.filter(
        Q(submission=OuterRef("submission")) | Q(submission__round__as_at__lte=OuterRef("as_at")) & was_sent(),
        submission__organisation=OuterRef("organisation"),
        kpi=OuterRef("kpi"),
        removed_at=None,
    )
    no_year = Q(plan_year__isnull=True)
    shown = Q(Exists(stands.filter(plan_year=OuterRef("plan_year")))) | no_year & Q(Exists(stands.filter(no_year)))
    return claims & Q(evidence_url="") & ~shown
