"""What the pages of activities and of arrangements share: whose a record is, decisions on it, what organisations say
of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.audit import called
from members.models import Organisation
from members.numbers import counted
from members.permissions import Target, grants, may
from reporting.actions import decide
from reporting.actions.activities import stop_counting
from reporting.actions.refusals import Stale
from reporting.actions.versions import CHANGED, DECISIONS, writers_of
from reporting.choices import ActivityStatus, Decision, StatementKind
from reporting.forms.statements import DecisionForm, SettlementForm, StatementForm
from reporting.looking import Look
from reporting.models import (
    Activity,
    ActivityVersion,
    Arrangement,
    ArrangementVersion,
    Evidence,
    PartStatement,
    SideStatement,
)
from reporting.returns import nothing_here

from .base import Content, acted, crumb, past_of

CHOICES = {
    "confirm": (Decision.CONFIRMED, "Confirm"),
    "refuse": (Decision.REFUSED, "Do not confirm"),
    "withdraw": (Decision.WITHDRAWN, "Take the confirmation back"),
}
"""What the buttons of a decision say, and what they come to."""
STATED = {
    StatementKind.CONFIRMED: "Thank you. It is confirmed.",
    StatementKind.CONTESTED: "It does not count until settled.",
}
R = TypeVar("R", Activity, Arrangement)
V = TypeVar("V", ActivityVersion, ArrangementVersion)


@dataclass(frozen=True)
class Opened(ABC, Generic[R, V]):
    """A record of a register, its newest version, and who looks at it."""

    look: Look
    record: R
    version: V

    kind: ClassVar[str]
    """The name of its page, and the first word of the rights to it."""
    says: ClassVar[str]
    """The right to confirm or contest what it says of one's own organisation."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What its pages call it."""

    @property
    @abstractmethod
    def named(self) -> list[Organisation]:
        """Whom it names, so who confirms or contests it."""

    @property
    @abstractmethod
    def own(self) -> Target:
        """Whose it is (domain.md, "Who may do what"): who may change it."""

    def statement_form(self, data: dict[str, Any] | None, organisations: list[tuple[str, str]]) -> StatementForm:
        return StatementForm(data, organisations=organisations, initial={"organisation": organisations[0][0]})

    @abstractmethod
    def state(self, organisation: Organisation, kind: StatementKind, form: StatementForm) -> str:
        """Keeps what it says, and thanks in a sentence."""

    def settlement_form(self, *args: Any, **kwargs: Any) -> SettlementForm:
        return SettlementForm(*args, **kwargs)

    @abstractmethod
    def settle(self, statement: Any, form: SettlementForm) -> None:
        """Ends a contest with what was decided on it."""

    @property
    def alike(self) -> list[V]:
        """Other records that wait, say the same, and may be decided on with it."""
        return []

    def alike_words(self, alike: Sequence[V]) -> str:
        return ""

    @property
    def speaking(self) -> V | None:
        """The version that counts, where the newest one does not."""
        found: V | None = type(self).versions().filter(**{self.kind: self.record, "accepted": True}).first()
        return None if found == self.version else found

    @property
    def counts_instead(self) -> V | None:
        """The same without what is shown of it: the page of a record says its number alone."""
        if self.version.accepted:
            return None
        versions: QuerySet[V] = type(self.version)._default_manager.all()
        return versions.filter(**{self.kind: self.record, "accepted": True}).first()

    @property
    def newest(self) -> V:
        """The newest version as it is stored by now."""
        return type(self).versions().filter(**{self.kind: self.record}).latest("number")

    @classmethod
    @abstractmethod
    def versions(cls) -> QuerySet[V]:
        """Versions with all that is shown of them."""

    @property
    def address(self) -> str:
        return reverse(self.kind, args=[self.look.occasion.plan.code, self.record.pk])

    def may(self, verb: str) -> bool:
        return may(self.look.user, f"{self.kind}.{verb}", self.own)

    def may_with_evidence(self, verb: str) -> bool:
        """Who may change a record adds and removes what shows it, at any time: a record is never closed."""
        return may(self.look.user, f"evidence.{verb}", replace(self.own, open_for_entry=True))

    @property
    def pieces(self) -> QuerySet[Evidence]:
        """The evidence that stands with it, as far as nobody removed it."""
        beside = Evidence.objects.filter(**{self.kind: self.record}, removed_at=None)
        return beside.select_related("file", "added_by")

    def past(self, request: HttpRequest) -> Content | None:
        """Its history, for those who may change it."""
        about = f"{self.record._meta.label_lower}/{called(self.record).key}"
        return past_of(request, self.look, about, own=self.may("edit"))

    @property
    def own_named(self) -> dict[str, Organisation]:
        """Of those that it names the ones that the reader speaks for."""
        return {each.code: each for each in self.named if may(self.look.user, self.says, of(each.code))}

    @property
    def crumbs(self) -> list[dict[str, str]]:
        return [crumb(self.look, "register", "Register"), {"href": self.address, "text": self.name}]

    @property
    def content(self) -> Content:
        """What its own page shows, whichever register it is of."""
        return {
            "version": self.version,
            "speaking": self.counts_instead,
            "statements": list(self.record.statements.select_related("organisation", "made_by", "settled_by")),
            "edits": self.may("edit"),
            "decides": self.may("confirm") and self.version.decision == Decision.UNDECIDED,
            "decides_again": self.may("confirm") and self.version.decision != Decision.UNDECIDED,
            "own_work": self.look.user.pk in writers_of(self.version),
            "settles": self.may("confirm"),
            "states": bool(self.own_named),
            "record": self.record,
            "pieces": list(self.pieces),
            "adds_evidence": self.may_with_evidence("upload"),
            "removes_evidence": self.may_with_evidence("delete"),
            "downloads": may(self.look.user, "evidence.download"),
            "of_evidence": f"{self.kind}_evidence",
            "of_file": f"{self.kind}_evidence_file",
            "of_removal": f"{self.kind}_evidence_remove",
            "crumbs": [crumb(self.look, "register", "Register")],
        }


def of(*codes: str) -> Target:
    return Target(organisations=frozenset(codes))


def records_for(look: Look, action: str) -> list[str]:
    """The organisations for which the reader records: those of the roles that let them."""
    return list(dict.fromkeys(code for _, code in grants(look.user, action)))


def possible(pk: int) -> None:
    """A number that no database can hold is nobody's."""
    if pk >= 2**63:
        raise nothing_here()


def show_stored(content: Content, data: dict[str, Any], version: ActivityVersion | ArrangementVersion) -> None:
    """What is stored stands beside what was typed; who goes on has seen both."""
    content |= {"stored": version}
    data["token"] = str(version.pk)


# ---------------------------------------------------------------- the secretariat decides


def decision(request: HttpRequest, opened: Opened[Any, Any]) -> Content | HttpResponse:
    """The newest version is confirmed or not."""
    version = opened.version
    cancelled = getattr(version, "status", "") == ActivityStatus.CANCELLED
    data = request.POST.dict() if request.method == "POST" else None
    alike = opened.alike if version.decision == Decision.UNDECIDED else []
    others = ",".join(str(each.pk) for each in alike)
    form = DecisionForm(data, alike=opened.alike_words(alike), initial={"token": str(version.pk), "others": others})
    offered = {name: words for name, (to, words) in CHOICES.items() if to in DECISIONS[Decision(version.decision)]}
    content = {
        "title": f"Decide: {opened.name}",
        "own_work": data is None and opened.look.user.pk in writers_of(version),
        "form": form,
        "offered": offered,
        "says": "What is confirmed counts. What is not confirmed does not count; its page stays, with your reason.",
        "cancelled": cancelled,
        "stored": version,
        "speaking": opened.speaking,
        "cancel": opened.address,
        "crumbs": opened.crumbs,
    }
    if data is None:
        return content

    def act() -> HttpResponse:
        if data.get("decision") not in CHOICES:
            raise ValidationError(f"Choose {' or '.join(f'“{words}”' for words in offered.values())}.")
        if form.cleaned_data["token"] != str(version.pk):
            show_stored(content, data, version)
            raise Stale(CHANGED)
        every = form.cleaned_data.get("all", False)
        if every and form.cleaned_data["others"] != others:
            data["others"] = others
            raise Stale("Other pairs changed after you opened this page. Look at it again.")
        done = decided(opened, CHOICES[data["decision"]][0], form.cleaned_data["reason"], alike if every else ())
        messages.success(request, f"{opened.name} {done}.")
        return redirect(opened.address)

    return acted(form, content, act)


def decided(opened: Opened[Any, Any], to: Decision, reason: str, others: Sequence[Any] = ()) -> str:
    """Decides, on ``others`` in the same way, and says what became of it."""
    version, by, now = opened.version, opened.look.user, opened.look.occasion.now
    if to != Decision.CONFIRMED:
        if not reason:
            raise ValidationError({"reason": "Say why it is not confirmed."})
        decide(version, *others, to=to, by=by, now=now, reason=reason)
        return "is not confirmed: it does not count" + more_words(others)
    if getattr(version, "status", "") == ActivityStatus.CANCELLED:
        stop_counting(cancelled=version, by=by, now=now, reason=reason)
        return "was cancelled: it counts no more"
    decide(version, *others, to=Decision.CONFIRMED, by=by, now=now, reason=reason)
    return "is confirmed: it counts from now on" + more_words(others)


def more_words(others: Sequence[Any]) -> str:
    return f", and {counted(len(others), 'other pair')} likewise" if others else ""


# ---------------------------------------------------------------- organisations confirm and contest


def statement(request: HttpRequest, opened: Opened[Any, Any], title: str) -> Content | HttpResponse:
    """An organisation says whether what is recorded of it is right."""
    own = opened.own_named
    if not own:
        raise PermissionDenied
    data = request.POST.dict() if request.method == "POST" else None
    form = opened.statement_form(data, [(each.code, each.name) for each in own.values()])
    content = {
        "title": title,
        "form": form,
        "stored": opened.version,
        "own": own,
        "cancel": opened.address,
        "crumbs": opened.crumbs,
    }
    if data is None:
        return content

    def act() -> HttpResponse:
        kind = StatementKind(form.cleaned_data["kind"])
        try:
            messages.success(request, opened.state(own[form.cleaned_data["organisation"]], kind, form))
        except Stale:
            show_stored(content, data, opened.newest)
            raise
        return redirect(opened.address)

    return acted(form, content, act)


def settlement(request: HttpRequest, opened: Opened[Any, Any]) -> Content | HttpResponse:
    """The secretariat settles what an organisation contests, one contest after the other."""
    waiting = contests(opened.record.statements.select_related("organisation", "made_by"))
    if not waiting:
        messages.info(request, "Nothing is contested here.")
        return redirect(opened.address)
    data = request.POST.dict() if request.method == "POST" else None
    if data is None and opened.look.user.pk in writers_of(opened.version):
        messages.info(request, "You entered this record. A colleague settles it.")
        return redirect(opened.address)
    form = opened.settlement_form(data, initial={"statement": waiting[0].pk})
    about = next((each for each in waiting if str(each.pk) == str(form["statement"].value())), waiting[0])
    content = {
        "title": f"Settle: {opened.name}",
        "form": form,
        "statement": about,
        "version": opened.version,
        "speaking": opened.speaking,
        "edit": reverse(f"{opened.kind}_edit", args=[opened.look.occasion.plan.code, opened.record.pk]),
        "cancel": opened.address,
        "crumbs": opened.crumbs,
    }
    if data is None:
        return content

    def act() -> HttpResponse:
        if form.cleaned_data["statement"] != about.pk:
            data["statement"] = str(about.pk)
            raise Stale("That is settled already. Another contest waits: read it before you settle it.")
        opened.settle(about, form)
        messages.success(request, "It is settled. The record counts as it stands.")
        return redirect(opened.address)

    return acted(form, content, act)


def contests(statements: Iterable[Any]) -> list[PartStatement | SideStatement]:
    """Those that wait for the secretariat."""
    return [each for each in statements if each.kind == StatementKind.CONTESTED and each.settled_at is None]
