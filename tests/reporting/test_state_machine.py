"""An answer on its way through the hands of everybody, in whatever order: no transition that the workflow does not
have, ever. A model in plain Python says beforehand what is allowed and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from members.models import AuditEntry, User
from reporting import rules
from reporting.actions import close_round
from reporting.actions.behalf import Said, confirm_on_behalf, contest_on_behalf, enter_on_behalf, keep_original
from reporting.actions.deciding import accept_answers, correct_answer, return_answer
from reporting.actions.entry import discard_draft, save_draft, send, send_back, send_to_approver, tokens, withdraw
from reporting.actions.rounds import admit_late, edit_round, end_late
from reporting.models import UNSAID, Round, Submission
from reporting.threads import Thread, thread_of, token_of
from workplan.models import Milestone

from . import races
from .builders import STATUS, make_everything, make_kpi

CODE = "1.1.1(a)"
ALLOWED = {
    ("draft", "awaiting_approval"),
    ("draft", "submitted"),
    ("awaiting_approval", "submitted"),
    ("awaiting_approval", "draft"),
    ("submitted", "accepted"),
    ("submitted", "returned"),
    ("submitted", "draft"),
    ("accepted", "returned"),
}
"""domain.md, "The workflow", as a stored version goes through it; what follows "returned" is another version."""
UNSENT = ("draft", "awaiting_approval")


@dataclass
class Version:
    text: str
    state: str
    writers: frozenset[str]
    sender: str = ""
    on_behalf: bool = False
    correction: bool = False
    refused: bool = False
    said: str = ""

    @property
    def asks(self) -> bool:
        """Does the Member have to say whether it is right."""
        stands = self.state in ("submitted", "accepted")
        return self.on_behalf and not self.correction and not self.said and stands

    def own_work_of(self, by: str) -> bool:
        return by in self.writers or by == self.sender


@dataclass
class Model:
    """What should be there. Days count from the opening of the round."""

    versions: list[Version] = field(default_factory=list)
    day: int = 0
    ended: bool = False
    ended_on: int = 0
    closes_at: int | None = None
    late_until: int | None = None
    correct_by: int | None = None

    @property
    def standing(self) -> list[Version]:
        """A correction that was refused is kept, and changes nothing."""
        return [each for each in self.versions if not each.refused]

    @property
    def newest(self) -> Version | None:
        """A draft that was left waits behind a correction that is not decided."""
        if self.sent and self.sent.state == "submitted":
            return self.sent
        return self.standing[-1] if self.standing else None

    @property
    def closed(self) -> bool:
        """By somebody, or by its moment."""
        return self.ended or (self.closes_at is not None and self.closes_at <= self.day)

    @property
    def working(self) -> Version | None:
        return self.newest if self.newest and self.newest.state in UNSENT else None

    @property
    def sent(self) -> Version | None:
        found = [each for each in self.standing if each.state not in UNSENT]
        return found[-1] if found else None

    @property
    def waits(self) -> bool:
        return self.newest is not None and self.newest.state == "submitted"

    @property
    def open(self) -> bool:
        """For this Member, which may be let in late."""
        return not self.closed or (self.late_until is not None and self.day < self.late_until)

    def window(self, before: Version | None) -> bool:
        """``before``: the version that was sent before what is entered now."""
        if self.open:
            return True
        returned = before is not None and before.state == "returned"
        return returned and self.correct_by is not None and self.day <= self.correct_by

    @property
    def built_on(self) -> frozenset[str]:
        """Whose words a new version begins with, and nobody has accepted."""
        return self.newest.writers if self.newest and self.newest.state != "accepted" else frozenset()

    @property
    def closed_on(self) -> int:
        """Of a closed round."""
        days = [self.ended_on] * self.ended + ([] if self.closes_at is None else [self.closes_at])
        return min(days)

    def may_enter_for(self, received: int) -> bool:
        """May the secretariat enter what came by e-mail on that day."""
        if self.sent and self.sent.state == "submitted":
            return False
        return self.window(self.sent) or (self.sent is None and received <= self.closed_on)

    @property
    def may_enter(self) -> bool:
        return not self.waits and self.window(self.sent)

    @property
    def counted(self) -> str | None:
        return next((each.text for each in reversed(self.versions) if each.state == "accepted"), None)


class Workflow(RuleBasedStateMachine):
    """``setup`` is set by the test: it makes a round that nobody has touched."""

    setup: Callable[[], tuple[races.Stage, User]]

    def __init__(self) -> None:
        super().__init__()
        self.stage, self.admin = type(self).setup()
        self.model = Model()
        self.people = {"member": self.stage.member, "ed": self.stage.editors[0], "eve": self.stage.editors[1]}
        self.people["admin"] = self.admin
        self.number = 0
        self.last_seen: dict[int, str] = {}

    # -------------------------------------------------------- helpers

    @property
    def now(self) -> Any:
        return races.NOW + timedelta(days=self.model.day)

    @property
    def thread(self) -> Thread:
        return thread_of(self.submission, self.stage.question(CODE).kpi.pk, None)

    @property
    def submission(self) -> Submission:
        return self.stage.submission

    def attempt(self, allowed: bool, act: Callable[[], object]) -> bool:
        """Does it, and it must be refused exactly where the model says so."""
        before = self.stored()
        done, result = races.outcome_of(act)
        assert done is allowed, (result, self.model)
        assert done or self.stored() == before
        return done

    def stored(self) -> list[tuple[str, str]]:
        return [(each.comment, each.state) for each in self.thread.versions]

    def seen(self) -> dict[int, str]:
        return tokens([self.thread.working] if self.thread.working else [])

    # -------------------------------------------------------- the Member

    @initialize(accepted=st.booleans(), left=st.booleans())
    def begins(self, accepted: bool, left: bool) -> None:
        """Half of the walks begin where the secretariat corrects: accepted, the round closed, a draft left or not."""
        if accepted:
            self.save("member")
            self.send_it()
            self.accept("ed")
            if left:
                self.save("member")
            self.time_passes(0, True)

    @rule(by=st.sampled_from(["member", "member", "ed", "admin"]))
    def save(self, by: str) -> None:
        """Somebody of the secretariat can also work for the Member; a colleague's change takes nothing back of that."""
        self.number += 1
        text = f"text {self.number}"
        says = UNSAID | {"standing": "planned", "comment": text, "evidence_url": ""}
        typed = {"submission": self.submission, "question": self.stage.question(CODE), "plan_year": None}
        seen, writer, working = self.thread.token, self.people[by], self.model.working
        if self.attempt(
            self.model.may_enter, lambda: save_draft(says=says, seen=seen, by=writer, now=self.now, **typed)
        ):
            if working:
                working.text, working.writers = text, working.writers | {by}
            else:
                self.model.versions.append(Version(text, "draft", self.model.built_on | {by}))

    @precondition(lambda self: self.model.versions)
    @rule()
    def discard(self) -> None:
        """Only a draft over what was sent; then it is as if it had never been begun."""
        allowed = self.model.versions[-1].state == "draft" and self.model.sent is not None and self.model.may_enter
        about = {"submission": self.submission, "kpi": self.thread.kpi, "plan_year": None, "seen": self.thread.token}
        if self.attempt(allowed, lambda: discard_draft(by=self.people["member"], now=self.now, **about)):
            self.model.versions.pop()

    @rule()
    def hand_to_approver(self) -> None:
        found = self.model.working
        allowed = found is not None and found.state == "draft" and self.model.may_enter
        seen = self.seen() if found and found.state == "draft" and self.model.may_enter else {}
        acting = {"submission": self.submission, "by": self.people["member"], "now": self.now}
        if self.attempt(allowed, lambda: send_to_approver(seen=seen, **acting)) and found:
            found.state = "awaiting_approval"

    @rule()
    def approver_sends_back(self) -> None:
        found = self.model.working
        allowed = found is not None and found.state == "awaiting_approval" and self.model.may_enter
        seen = self.seen() if allowed else {}
        acting = {"submission": self.submission, "by": self.people["member"], "now": self.now}
        if self.attempt(allowed, lambda: send_back(note="Please look again.", seen=seen, **acting)) and found:
            found.state = "draft"

    @rule()
    def send_it(self) -> None:
        """Where nothing waits to be sent, an old page is sent again: whatever is answered, nothing changes."""
        found, before = self.model.working, self.stored()
        self.last_seen = self.seen() or self.last_seen
        acting = {"submission": self.submission, "by": self.people["member"], "now": self.now}
        if found is None:
            races.outcome_of(lambda: send(seen=self.last_seen, **acting))
            assert self.stored() == before
        elif self.attempt(self.model.may_enter, lambda: send(seen=self.last_seen, **acting)):
            found.state, found.sender = "submitted", "member"

    @precondition(lambda self: self.model.versions)
    @rule()
    def take_back(self) -> None:
        newest, version = self.thread.newest, self.model.newest
        before = [each for each in self.model.standing[:-1] if each.state not in UNSENT]
        window = self.model.window(before[-1] if before else None)
        allowed = self.model.waits and window and not version.on_behalf
        acting = {"submission": self.submission, "by": self.people["member"], "now": self.now}
        if self.attempt(allowed, lambda: withdraw(answers=[newest.pk], **acting)):
            version.state, version.sender = "draft", ""

    # -------------------------------------------------------- the secretariat

    @precondition(lambda self: self.model.sent)
    @rule(by=st.sampled_from(["ed", "member", "admin"]))
    def accept(self, by: str) -> None:
        version, answer = self.model.sent, self.thread.latest_sent
        assert version is not None
        allowed = version.state == "submitted" and not version.own_work_of(by) and version.said != "contested"
        seen = {answer.pk: token_of(answer)}
        if self.attempt(allowed, lambda: accept_answers(seen=seen, by=self.people[by], now=self.now)):
            version.state = "accepted"

    @precondition(lambda self: self.model.sent)
    @rule(by=st.sampled_from(["ed", "member", "admin"]), reason=st.sampled_from(["Which law?", " "]))
    def give_back(self, by: str, reason: str) -> None:
        version, answer = self.model.sent, self.thread.latest_sent
        assert version is not None
        decidable = version.state in ("submitted", "accepted") and not version.own_work_of(by)
        allowed = decidable and bool(reason.strip())
        back = {"answer": answer, "seen": token_of(answer), "correct_by": None, "by": self.people[by], "now": self.now}
        waited = version.state == "submitted"
        if self.attempt(allowed, lambda: return_answer(reason=reason, **back)):
            version.state, version.refused = "returned", version.correction and waited
            if not version.refused:
                self.model.correct_by = self.model.day + 14

    @precondition(lambda self: self.model.sent)
    @rule()
    def correct(self) -> None:
        """Only what its organisation cannot change any more, whether a draft is left or not."""
        self.number += 1
        text, newest, left = f"corrected {self.number}", self.thread.latest_sent, self.model.working
        allowed = self.model.sent.state == "accepted" and not self.model.window(self.model.sent)
        says = UNSAID | {"standing": "in_place", "comment": text, "evidence_url": ""}
        typed = {"answer": newest, "seen": token_of(newest), "question": self.stage.question(CODE), "says": says}
        if self.attempt(
            allowed, lambda: correct_answer(reason="A slip.", by=self.people["admin"], now=self.now, **typed)
        ):
            found = Version(text, "submitted", frozenset({"admin"}), "admin", True, correction=True)
            self.model.versions.insert(len(self.model.versions) - (left is not None), found)

    # -------------------------------------------------------- on behalf of the Member

    @rule(by=st.sampled_from(["ed", "admin"]), early=st.booleans())
    def enter_for_the_member(self, by: str, early: bool) -> None:
        """From an e-mail of the first day, or of today. What the Member has begun waits behind it."""
        self.number += 1
        text, received, left = f"by e-mail {self.number}", 0 if early else self.model.day, self.model.working
        came = {"received_on": (races.NOW + timedelta(days=received)).date(), "received_from": "J. Rabuka"}
        acting, content = {"by": self.people[by], "now": self.now}, f"day {received}".encode()
        kept = keep_original(submission=self.submission, name="a.txt", content=content, **came, **acting)
        says = UNSAID | {"standing": "in_place", "comment": text, "evidence_url": ""}
        typed = {"question": self.stage.question(CODE), "said": [Said(None, says, token_of(self.thread.latest_sent))]}
        before = self.model.sent
        allowed = self.model.may_enter_for(received)
        if self.attempt(allowed, lambda: enter_on_behalf(original=kept, **typed, **acting)):
            writers = before.writers if before and before.state != "accepted" else frozenset()
            found = Version(text, "submitted", writers | {by}, by, on_behalf=True)
            self.model.versions.insert(len(self.model.versions) - (left is not None), found)

    @precondition(lambda self: self.model.sent)
    @rule(right=st.booleans())
    def member_says(self, right: bool) -> None:
        version, answer = self.model.sent, self.thread.latest_sent
        seen, acting = tokens([answer]), {"by": self.people["member"], "now": self.now}
        about = {"submission": self.submission, "seen": seen, **acting}
        act = partial(confirm_on_behalf, **about) if right else partial(contest_on_behalf, reason="No.", **about)
        if self.attempt(version.asks, act):
            version.said = "confirmed" if right else "contested"

    # -------------------------------------------------------- time

    @rule(days=st.sampled_from([0, 1, 14, 15]), closes=st.booleans())
    def time_passes(self, days: int, closes: bool) -> None:
        self.model.day += days
        if closes and not self.model.closed:
            close_round(collection=self.stage.round, by=self.admin, now=self.now)
            self.model.ended, self.model.ended_on = True, self.model.day

    @rule(days=st.sampled_from([0, 1, 14, None]))
    def move_the_end(self, days: int | None) -> None:
        """The closing moment can be moved to one that is still to come, or taken away, as long as the round is open."""
        day = None if days is None else self.model.day + days
        closes = None if days is None else self.now + timedelta(days=days)
        unchanged = day == self.model.closes_at
        seen = Round.objects.get(pk=self.stage.round.pk).edits
        moved = {"collection": self.stage.round, "seen": seen, "by": self.admin, "now": self.now}
        if self.attempt(
            unchanged or (not self.model.closed and days != 0),
            lambda: edit_round(fields={"closes_at": closes}, **moved),
        ):
            self.model.closes_at = day

    @precondition(lambda self: self.model.closed)
    @rule(days=st.sampled_from([2, 10]))
    def let_in_late(self, days: int) -> None:
        until = self.now + timedelta(days=days)
        late = {"submission": self.submission, "until": until, "reason": "A storm.", "by": self.admin, "now": self.now}
        if self.attempt(self.model.closed, lambda: admit_late(**late)):
            self.model.late_until = self.model.day + days

    @precondition(lambda self: self.model.late_until is not None)
    @rule()
    def end_it_again(self) -> None:
        allowed = self.model.late_until is not None and self.model.day < self.model.late_until
        if self.attempt(allowed, lambda: end_late(submission=self.submission, by=self.admin, now=self.now)):
            self.model.late_until = self.model.day

    # -------------------------------------------------------- what always holds

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        thread = self.thread
        assert [(each.comment, each.state) for each in thread.versions] == [
            (each.text, each.state) for each in self.model.versions
        ]
        counts = [each.comment for each in thread.versions if each.state == "accepted"]
        assert (counts[-1] if counts else None) == self.model.counted
        fresh = Submission.objects.select_related("round").get(pk=self.submission.pk)
        assert rules.entry(fresh.round, fresh, self.now).allowed is self.model.open
        self.one_version_at_most_is_not_sent(thread)
        self.nobody_decided_on_their_own_work(thread)

    def one_version_at_most_is_not_sent(self, thread: Thread) -> None:
        """And it is the last; others see none such."""
        states = [each.state for each in thread.versions]
        assert all(state not in UNSENT for state in states[:-1])
        assert [each.version for each in thread.versions] == list(range(1, len(states) + 1))
        assert thread.state_for_others not in UNSENT

    def nobody_decided_on_their_own_work(self, thread: Thread) -> None:
        """Whatever the order: the writers are those whom the model saw write, and no decision is one of theirs."""
        names = {person.pk: name for name, person in self.people.items()}
        for answer, version in zip(thread.versions, self.model.versions, strict=True):
            writers = {names[each.person_id] for each in answer.writers.all()}
            assert writers == version.writers
            assert names.get(answer.entered_by_id) in writers
            assert answer.decided_by_id is None or not version.own_work_of(names[answer.decided_by_id])

    def teardown(self) -> None:
        """Only transitions of the workflow were recorded."""
        entries = AuditEntry.objects.filter(pk__gt=self.stage.before, object_type="reporting.answer")
        recorded = {tuple(entry.changes["state"]) for entry in entries if "state" in entry.changes}
        assert recorded <= ALLOWED


def test_the_model_has_the_transitions_of_the_product():
    from reporting.workflow import TRANSITIONS

    ours = {(state, following) for state, after in TRANSITIONS.items() for following in after}
    assert ours == ALLOWED | {("returned", "awaiting_approval"), ("returned", "submitted")}


@pytest.mark.django_db
def test_no_forbidden_transition_ever(cast, organisations):
    plan = make_everything(organisations)
    make_kpi(Milestone.objects.get(), "1.1.1(e)", group="members", **STATUS)
    cast.connie.roles.all().delete()

    def setup() -> tuple[races.Stage, User]:
        return races.set_up(plan, cast.ali, (cast.ed, cast.olga), (CODE, "1.1.1(e)")), cast.ada

    Workflow.setup = staticmethod(setup)
    chosen = settings(
        max_examples=40,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Workflow, settings=chosen)
