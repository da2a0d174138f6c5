"""The answers to one KPI in a return, each with its form, what stands beside it, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from reporting import rules
from reporting.answer_evidence import Piece
from reporting.forms.returns import AnswerForm
from reporting.listed import Known
from reporting.models import SAYS, Answer, Round
from reporting.moments import day_end_words, moment_words
from reporting.returns import Item, Return, entry_ends
from reporting.rules import Verdict
from reporting.threads import Thread, token_of
from reporting.wording import entered_for, said

# ---------------------------------------------------------------- what is said of an answer


def ends_words(found: Return) -> str:
    """Until when one can enter: in the round's time zone, and in the reader's."""
    ends = entry_ends(found.submission, found.look.occasion.now)
    return moment_words(ends, found.round.time_zone, found.look.time_zone) if ends else ""


def correctable(found: Return, thread: Thread) -> bool:
    return rules.window(found.round, found.submission, thread, found.look.occasion.now).allowed


def correct_words(found: Return, thread: Thread) -> str:
    """Until when what came back can be corrected, or could be; "" where nothing did, or where that day has passed and
    the round is open still, which says until when by itself."""
    day = thread.corrects and thread.corrects.correct_by
    if not day:
        return ""
    until = day_end_words(day, found.round.time_zone, found.look.time_zone)
    if rules.correctable(found.round, day, found.look.occasion.now):
        return f"You can correct it until the end of {until}."
    return "" if correctable(found, thread) else f"It could be corrected until the end of {until}."


def corrected_of(thread: Thread) -> dict[str, Any]:
    """A correction and what it stands for, in words."""
    after, before = thread.correction, thread.corrected
    if after is None:
        return {}
    was, now = said(before) if before else "", said(after)
    return {"correction": after, "was": was, "now": now, "same": was == now}


# ---------------------------------------------------------------- one KPI


@dataclass
class Entry:
    """One answer on the page: its thread, its form, what stands beside it."""

    item: Item
    thread: Thread
    form: AnswerForm
    verdict: Verdict
    last: Answer | None
    known: Known | None
    found: Return
    pieces: tuple[Piece, ...] = ()
    conflict: Answer | None = None
    saved: bool = False
    discarded: bool = False
    not_discarded: str = ""

    @property
    def key(self) -> str:
        return key_of(self.thread)

    @property
    def typed(self) -> bool:
        """Was this form sent: one that was shown as locked was not."""
        return any(name.startswith(f"{self.key}-") for name in self.form.data)

    @property
    def keep(self) -> str:
        """Where two texts were shown: "theirs", or the token of theirs, which mine shall replace."""
        return str(self.form.data.get(self.form.add_prefix("keep"), ""))

    @property
    def seen(self) -> str:
        return self.keep or str(self.form.data.get(self.form.add_prefix("token"), ""))

    @property
    def theirs(self) -> str:
        return token_of(self.conflict)

    @property
    def unsaved(self) -> bool:
        """Does the form hold something that could not be saved."""
        wrong = self.typed and not self.discarded and self.form.errors
        return bool(self.not_discarded or self.conflict or wrong)

    @property
    def over(self) -> Answer | None:
        """What was sent and stands again when the draft over it is discarded."""
        return self.thread.latest_sent if rules.discarding(self.thread).allowed else None

    @property
    def over_said(self) -> str:
        return said(self.over) if self.over else ""

    @property
    def base_year(self) -> bool:
        return is_base_year(self.found.round, self.thread)

    @property
    def can_repeat(self) -> bool:
        """Last time's answer was given to the same kind of question."""
        return self.last is not None and self.last.reading_source == self.item.kpi.reading.source  # type: ignore[attr-defined]

    @property
    def last_said(self) -> str:
        return said(self.last) if self.last else ""

    @property
    def last_entered(self) -> str:
        return entered_for(self.last, self.found.submission.organisation.name) if self.last else ""

    @property
    def conflict_said(self) -> str:
        return said(self.conflict) if self.conflict else ""

    @property
    def conflict_at(self) -> str:
        """When theirs was saved, by the reader's clock."""
        zone = self.found.look.time_zone
        return f"{self.conflict.entered_at.astimezone(zone):%d.%m.%y, %H:%M:%S}" if self.conflict else ""

    @property
    def evidence_here(self) -> str:
        return evidence_anchor(self.thread)

    @property
    def adds_evidence(self) -> bool:
        return self.found.may("evidence.upload", self.item, self.thread)

    @property
    def removes_evidence(self) -> bool:
        return self.found.may("evidence.delete", self.item, self.thread)

    @property
    def evidence_path(self) -> str:
        return evidence_path(self.found, self.item, self.thread)

    @property
    def correct_words(self) -> str:
        return correct_words(self.found, self.thread)

    @property
    def says(self) -> str:
        newest = self.thread.newest
        return said(newest) if newest else "Not answered"

    @property
    def corrected(self) -> dict[str, Any]:
        return corrected_of(self.thread)

    @property
    def entered(self) -> str:
        """Both names, where the latest version that was sent was entered on behalf of the organisation."""
        latest = self.thread.latest_sent
        return entered_for(latest, self.found.submission.organisation.name) if latest else ""

    @property
    def asks_for_confirmation(self) -> bool:
        return rules.asks_for_confirmation(self.thread)

    @property
    def confirms(self) -> str:
        """What one click says, as the register knows it; "" where it says so already, or nothing can be said."""
        if not (self.known and self.known.confirms and self.verdict.allowed):
            return ""
        silent = self.known.pairs or not all(each.right for each in self.known.parts)
        return self.known.confirms if silent or not self.says_so else ""

    @property
    def says_so(self) -> bool:
        """Does the answer say already what the register knows."""
        newest = self.thread.newest
        return bool(newest and (newest.participated or newest.register_complete))

    @property
    def holds_other_words(self) -> bool:
        """Was something typed that is neither stored nor what was said last time: "unchanged" would drop it."""
        known = (self.thread.newest or Answer(), self.last)
        return all(any(getattr(each, name) != self.form.says[name] for name in SAYS) for each in known if each)

    def repeats(self, says: Mapping[str, Any]) -> bool:
        """Does it say what was attested as unchanged: then it stays so."""
        working = self.thread.working
        same = self.last is not None and all(getattr(self.last, name) == says[name] for name in SAYS)
        return bool(working and working.unchanged and same)


def is_base_year(collection: Round, thread: Thread) -> bool:
    """Is it about the year before the plan, with which its figures are compared."""
    return thread.plan_year is not None and thread.plan_year < collection.plan.starts.year


def key_of(thread: Thread) -> str:
    return f"y{thread.plan_year}" if thread.plan_year else "answer"


def evidence_anchor(thread: Thread) -> str:
    """The place in the form of a KPI where the evidence of an answer stands."""
    return f"evidence{thread.plan_year or ''}"


def evidence_path(found: Return, item: Item, thread: Thread) -> str:
    """Where a file or a link is added to an answer."""
    path = reverse("return_evidence", args=[*found.address, item.kpi.code])
    return f"{path}?year={thread.plan_year}" if thread.plan_year else path


def wrong_of(thread: Thread) -> str:
    """The place in its form that says what is wrong with an answer."""
    return f"{key_of(thread)}-wrong"
