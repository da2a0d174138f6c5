"""The addresses of the product, what each is about, and which action of ``permissions.csv`` it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.urls import reverse

from members.choices import AuditAction, RoleName
from members.models import AuditEntry, User
from reporting.actions.evidence import Beside, add_file
from reporting.choices import JobKind, JobState
from reporting.models import Activity, Arrangement, Job, ReleaseFile
from tests.conftest import person
from workplan.actions import begin_amendment
from workplan.queries import readings_to_decide

from .region import NOW, PLAN, activity, arrangement, org
from .rights import YEARS, Place, Stage, letter

# ---------------------------------------------------------------- about an answer or a return


@dataclass(frozen=True)
class Address:
    """An address about an answer or a return, and what it needs. ``whole``: it is about all answers of the return."""

    name: str
    action: str
    method: str = "post"
    whole: bool = False

    @property
    def of_one(self) -> bool:
        """Is it about one plan year, where the KPI asks for several."""
        return self.name in ("return_comments", "return_evidence")

    def path(self, stage: Stage, place: Place) -> str:
        args = [stage.plan.code, stage.round.code, place.organisation]
        about_kpi = ("return_kpi", "return_versions", "return_comments", "return_evidence")
        if self.name in (*about_kpi, "review_return", "review_correct"):
            args.append(place.kpi)
        year, by_year = YEARS.get(place.kpi), self.name.startswith("review") or self.of_one
        return reverse(self.name, args=args) + (f"?year={year}" if year and by_year else "")


RETURNS = (
    Address("return_tasks", "submission.view", "get", whole=True),
    Address("return_kpi", "submission.view", "get"),
    Address("return_versions", "submission.history", "get"),
    Address("return_comments", "submission.comment", "get"),
    Address("return_comments", "submission.comment"),
    Address("return_evidence", "evidence.upload", "get"),
    Address("return_evidence", "evidence.upload"),
    Address("return_confirm", "submission.confirm_on_behalf", "get", whole=True),
    Address("return_confirm", "submission.confirm_on_behalf", whole=True),
    Address("return_register", "submission.view", "get", whole=True),
    Address("return_register", "submission.edit", whole=True),
    Address("return_workbook", "workbook.download", "get", whole=True),
    Address("return_upload", "workbook.upload", "get", whole=True),
    Address("return_upload", "workbook.upload", whole=True),
    Address("return_upload_confirm", "workbook.upload", whole=True),
    Address("return_kpi", "submission.edit"),
    Address("return_to_approver", "submission.send_to_approver", whole=True),
    Address("return_send", "submission.submit", whole=True),
    Address("return_send_back", "submission.return_to_contributor", whole=True),
    Address("return_withdraw", "submission.withdraw", whole=True),
)
REVIEW = (
    Address("review_member", "submission.accept_answer", "get", whole=True),
    Address("review_member", "submission.accept_answer", whole=True),
    Address("review_on_behalf", "submission.enter_on_behalf", "get", whole=True),
    Address("review_on_behalf", "submission.enter_on_behalf", whole=True),
    Address("review_return", "submission.return_answer"),
    Address("review_correct", "submission.edit_after_close"),
)


# ---------------------------------------------------------------- all others


@dataclass(frozen=True)
class Door:
    """An address. ``own``: for whom it is about something of theirs; ``unseen``: others may not see it either;
    ``hidden``: the action without which nobody sees that it exists; ``concealed``: from whom it is, whatever they may.

    ``opens`` and ``empty``: what comes of GET, and of POST with nothing filled in, for whoever may (``trying.came``).
    ``posts``: the action that POST needs besides; who has only the first is refused it. ``only``: of those with the
    right, whom it is for.
    """

    name: str
    action: str
    args: Callable[[object], tuple[object, ...]]
    own: tuple[str, ...] = ()
    unseen: bool = False
    hidden: str = ""
    concealed: tuple[str, ...] = ()
    opens: str = "200"
    empty: str = "422"
    posts: str = ""
    only: tuple[str, ...] = ()

    @property
    def comes(self) -> dict[str, str]:
        """By method."""
        return {"get": self.opens, "post": self.empty}

    def __str__(self) -> str:
        return self.name


def round_args(world):
    return (PLAN, world.current.code)


def review_of(code):
    return lambda world: (PLAN, world.current.code, code)


def activity_of(reference):
    return lambda world: (PLAN, Activity.objects.get(reference=reference).pk)


def pair_of_records(world):
    """Two that may be one event."""
    one, two = (activity(name, date(2026, 9, 9), {"2.1.1(a).2": 1}, title="Alerts on gems") for name in ("P1", "P2"))
    return (PLAN, one.pk, two.pk)


def arrangement_of(*codes):
    return lambda world: (PLAN, arrangement(*codes, in_force=date(2020, 5, 1)).pk)


def colleague(world):
    known = User.objects.filter(email="col@example.org").first()
    return ((known or person("Col", RoleName.MEMBER_CONTRIBUTOR, org("FJI"))).pk,)


def receipt_of_import(world):
    says = {"file": "a.csv", "checksum": "0" * 64, "new": 1, "changed": 0}
    changes = {name: [None, value] for name, value in says.items()}
    return (AuditEntry.objects.create(actor_name="Ed", action=AuditAction.IMPORTED, changes=changes).pk,)


def receipt_of(name):
    """Of a file that was imported into a register."""

    def args(world):
        register = "activities" if name == "activity" else "arrangements"
        says = {"file": "a.csv", "register": register, "plan": PLAN, "sha256": "0" * 64}
        says |= {"new": 1, "changed": 0, "unchanged": 0}
        changes = {each: [None, value] for each, value in says.items()}
        facts = {"action": AuditAction.IMPORTED, "object_type": "import", "object_key": "0" * 64}
        return (PLAN, AuditEntry.objects.create(actor_name="Ed", changes=changes, **facts).pk)

    return args


NOT_INVOLVED = ("vera", "olga", "percy", "nobody")
"""From whom the operation of RILO A/P with China, Fiji and Korea is concealed."""


def evidence_of(kind, where):
    """A file that stands with a record."""
    models = {"activity": Activity, "arrangement": Arrangement}

    def args(world):
        plan, pk = where(world)
        record = models[kind].objects.get(pk=pk)
        told = {"name": "Report.txt", "content": b"Done.", "title": "", "by": world.people.nobody, "now": NOW}
        return (plan, pk, add_file(beside=Beside(**{kind: record}), **told).pk)

    return args


OPERATION, MEETING, ALERTS = activity_of("OP-DRAGON"), activity_of("ROCB-R1"), activity_of("RILO-ALERTS-1")
FIJI_PAIR = arrangement_of("FJI", "NZL")


def amendment_args(*more):
    """A draft of an amendment, which may be seen by the secretariat alone."""

    def args(world):
        found = world.plan.amendments.first() or begin_amendment(
            plan=world.plan,
            title="Mid-term",
            valid_from=date(2027, 7, 1),
            reason="Agreed.",
            by=world.people.ed,
            now=NOW,
        )
        return (PLAN, found.number, *more)

    return args


DONE = b"Done."
DONE_SUM = sha256(DONE).hexdigest()


def stored_file(world):
    """A file of a pack that is for everybody."""
    facts = {"content": DONE, "size": len(DONE), "checksum": DONE_SUM, "made_at": NOW}
    ReleaseFile.objects.get_or_create(release=world.release, name="data/figures.csv", title="Figures", defaults=facts)
    return (PLAN, 1, "data/figures.csv")


def scorecards_of(world, **facts):
    about = {"kind": JobKind.SCORECARDS, "plan": world.plan, "as_at": date(2027, 6, 30), "basis": "accepted"}
    return Job.objects.get_or_create(**about, defaults={"asked_at": NOW} | facts)[0]


def asked_scorecards(world):
    """They are under way, so who asks gets those."""
    scorecards_of(world)
    return (PLAN,)


def made_scorecards(world):
    """All of them, as they were made."""
    ended = {"ended_at": NOW, "state": JobState.DONE, "name": "all.zip", "checksum": DONE_SUM, "content": DONE}
    return (PLAN, scorecards_of(world, **ended).key)


def first_reading(world):
    return (PLAN, readings_to_decide(world.plan, world.plan.starts)[0].kpi.code)


FIJIANS = ("connie", "ali")
KNOW_OF_IT = ("ada", "ed", "connie", "ali", "cora", "olga")
"""Who may know of a record that everybody may know of."""
LOOK_THROUGH = ("ada", "ed", "cora")
"""Who sees what everybody sent: of all, of Focus Area 1."""
SETTLED = {"opens": "302", "empty": "302"}
"""Nothing is contested there, which the page of the record says."""
DOORS = (
    Door("round_new", "round.edit", lambda world: (PLAN,)),
    Door("round_edit", "round.edit", round_args),
    Door("round_open", "round.open_close", round_args),
    Door("round_close", "round.open_close", round_args, empty="done"),
    Door("round_late", "round.reopen_member", lambda world: (PLAN, world.interim.code, "FJI")),
    Door("reminders", "reminder.send", round_args),
    Door("reminders_sent", "reminder.send", round_args, empty="200"),
    Door("board", "submission.list", round_args, own=("connie", "ali", "olga", "cora"), empty="200"),
    Door("review_queue", "submission.view", round_args, own=LOOK_THROUGH, unseen=True, empty="200"),
    Door("review_kpi", "submission.view", review_of("1.1.1(b)"), LOOK_THROUGH, True, posts="submission.accept_answer"),
    Door("review_kpi", "submission.view", review_of("4.1.1(a)"), ("ada", "ed"), True),
    Door("round_words", "kpi_comment.edit", round_args, own=("cora",), empty="200"),
    Door("kpi_comment", "kpi_comment.edit", lambda world: (PLAN, world.current.code, "1.1.1(b)"), own=("cora",)),
    Door("kpi_comment", "kpi_comment.edit", lambda world: (PLAN, world.current.code, "4.1.1(a)")),
    Door("narrative", "narrative.edit", lambda world: (PLAN, world.current.code, "1"), own=("cora",)),
    Door("narrative", "narrative.edit", lambda world: (PLAN, world.current.code, "4")),
    Door("narrative_approve", "narrative.approve", lambda world: (PLAN, world.current.code, "1"), opens="405"),
    Door("release_new", "release.publish", lambda world: (PLAN,)),
    Door("naming", "release.publish", lambda world: (PLAN,)),
    Door("release", "release.view", lambda world: (PLAN, 1), empty="200"),
    Door("release_make", "release.publish", lambda world: (PLAN, 1), opens="405", empty="302"),
    Door("release_stop", "release.publish", lambda world: (PLAN, 1), opens="405", empty="302"),
    Door("release_file", "release.view", stored_file, empty="200"),
    Door("scorecards_make", "dashboard.member", asked_scorecards, opens="405", empty="302"),
    Door("scorecards", "dashboard.member", made_scorecards, empty="200"),
    Door("scorecards_stop", "dashboard.member", made_scorecards, opens="405", empty="302"),
    Door("scorecards_file", "dashboard.member", made_scorecards, opens="done", empty="done"),
    Door("figures", "submission.list", lambda world: (PLAN,), own=("connie", "ali", "olga", "cora"), empty="200"),
    Door("quality", "quality.view", lambda world: (PLAN,), own=("connie", "ali", "olga", "cora"), empty="200"),
    Door("answers", "submission.list", lambda world: (PLAN,), own=("connie", "ali", "olga", "cora"), empty="200"),
    Door("round_list", "submission.list", lambda world: (PLAN,), own=("connie", "ali", "olga", "cora"), empty="200"),
    Door("kpis", "dashboard.region_released", lambda world: (PLAN,), empty="200"),
    Door("organisations", "plan.view_published", lambda world: (PLAN,), empty="200"),
    Door("arrangements", "arrangement.list", lambda world: (PLAN,), empty="200"),
    Door("organisation_add", "organisation.edit", lambda world: ()),
    Door("organisation_edit", "organisation.edit", lambda world: ("FJI",)),
    Door("import_organisations", "organisation.edit", lambda world: ()),
    Door("import_organisations_confirm", "organisation.edit", lambda world: (), opens="302"),
    Door("import_organisations_errors", "organisation.edit", lambda world: (), opens="302"),
    Door("import_organisations_file", "organisation.edit", lambda world: (), empty="405"),
    Door("import_receipt", "organisation.edit", receipt_of_import, empty="405"),
    *(
        door
        for name in ("activity", "arrangement")
        for action in [f"import.{'activities' if name == 'activity' else 'arrangements'}"]
        for door in (
            Door(f"{name}_import", action, lambda world: (PLAN,)),
            Door(f"{name}_import_confirm", action, lambda world: (PLAN,), opens="302"),
            Door(f"{name}_import_rows", action, lambda world: (PLAN,), opens="302"),
            Door(f"{name}_import_file", action, lambda world: (PLAN,), opens="done", empty="done"),
            Door(f"{name}_import_receipt", action, receipt_of(name), empty="200"),
        )
    ),
    Door(
        "register_year",
        "activity.list",
        lambda world: (PLAN, "FJI"),
        unseen=True,
        empty="200",
        only=("ada", "ed", *FIJIANS),
    ),
    Door("calendar", "activity.list", lambda world: (PLAN,), empty="200"),
    Door("feed", "activity.list", lambda world: (PLAN,), empty="done"),
    Door("activity_add", "activity.add", lambda world: (PLAN,)),
    Door("activity_alike", "activity.add", lambda world: (PLAN,), empty="200"),
    Door("activity_pairs", "activity.merge", lambda world: (PLAN,), empty="200"),
    Door("activity_pair", "activity.merge", pair_of_records),
    Door("activity", "activity.list", OPERATION, concealed=NOT_INVOLVED, empty="200"),
    Door("activity", "activity.list", MEETING, empty="200"),
    Door("activity_edit", "activity.edit", OPERATION, own=(), concealed=NOT_INVOLVED),
    Door("activity_edit", "activity.edit", MEETING, own=("olga",)),
    Door("activity_cancel", "activity.cancel", OPERATION, own=(), concealed=NOT_INVOLVED),
    Door("activity_cancel", "activity.cancel", MEETING, own=("olga",)),
    Door("activity_decide", "activity.confirm", OPERATION, concealed=NOT_INVOLVED),
    Door("activity_part", "activity.confirm_own_part", OPERATION, own=FIJIANS, concealed=NOT_INVOLVED),
    Door("activity_part", "activity.confirm_own_part", MEETING, own=("olga",)),
    Door("activity_settle", "activity.confirm", OPERATION, concealed=NOT_INVOLVED, **SETTLED),
    Door("activity_evidence", "evidence.upload", ALERTS, own=()),
    Door("activity_evidence", "evidence.upload", MEETING, own=("olga",)),
    Door("activity_evidence_file", "evidence.download", evidence_of("activity", ALERTS), own=KNOW_OF_IT, empty="200"),
    Door("activity_evidence_remove", "evidence.delete", evidence_of("activity", ALERTS)),
    Door("activity_evidence_remove", "evidence.delete", evidence_of("activity", MEETING), own=("olga",)),
    Door("arrangement_evidence", "evidence.upload", FIJI_PAIR, own=FIJIANS),
    Door(
        "arrangement_evidence_file",
        "evidence.download",
        evidence_of("arrangement", FIJI_PAIR),
        own=KNOW_OF_IT,
        empty="200",
    ),
    Door("arrangement_evidence_remove", "evidence.delete", evidence_of("arrangement", FIJI_PAIR), own=FIJIANS),
    Door("arrangement_add", "arrangement.add", lambda world: (PLAN,), own=FIJIANS),
    Door("plurilateral_add", "arrangement.add", lambda world: (PLAN,), own=FIJIANS, only=("ada", "ed")),
    Door("arrangement", "arrangement.list", FIJI_PAIR, empty="200"),
    Door("arrangement_matrix", "arrangement.list", lambda world: (PLAN,), empty="200"),
    Door("arrangement_edit", "arrangement.edit", FIJI_PAIR, own=FIJIANS),
    Door("arrangement_edit", "arrangement.edit", arrangement_of("JPN", "AUS")),
    Door("arrangement_decide", "arrangement.confirm", FIJI_PAIR),
    Door("arrangement_side", "arrangement.confirm_own_side", FIJI_PAIR, own=FIJIANS),
    Door("arrangement_side", "arrangement.confirm_own_side", arrangement_of("JPN", "AUS")),
    Door("arrangement_settle", "arrangement.confirm", FIJI_PAIR, **SETTLED),
    Door("amendments", "plan.diff", lambda world: (PLAN,), empty="200"),
    Door("amendment_new", "plan.edit", lambda world: (PLAN,)),
    Door("amendment", "plan.view_draft", amendment_args(), hidden="plan.view_draft", empty="200"),
    Door("amendment_edit", "plan.edit", amendment_args(), hidden="plan.view_draft"),
    Door("amendment_plan", "plan.edit", amendment_args(), hidden="plan.view_draft", empty="200"),
    Door("amendment_add", "plan.edit", amendment_args("milestone"), hidden="plan.view_draft"),
    Door("amendment_element", "plan.edit", amendment_args("kpi", "1.1.1(b)"), hidden="plan.view_draft", empty="409"),
    Door("amendment_import", "import.plan", amendment_args(), hidden="plan.view_draft"),
    Door("amendment_import_confirm", "import.plan", amendment_args(), hidden="plan.view_draft", opens="302"),
    Door(
        "amendment_import_errors",
        "import.plan",
        amendment_args(),
        hidden="plan.view_draft",
        opens="302",
    ),
    Door(
        "amendment_import_file", "import.plan", amendment_args(), hidden="plan.view_draft", opens="done", empty="done"
    ),
    Door("amendment_publish", "plan.publish", amendment_args(), hidden="plan.view_draft"),
    Door("amendment_discard", "plan.edit", amendment_args(), hidden="plan.view_draft"),
    Door("readings", "plan.view_published", lambda world: (PLAN,), empty="200"),
    Door("reading_confirm", "plan.confirm_reading", first_reading),
    Door("history", "audit.view", lambda world: (), empty="405"),
    Door("history_check", "audit.verify", lambda world: (), empty="405"),
    Door("people", "user.list", lambda world: (), own=("connie", "ali", "olga"), empty="405"),
    Door("people_invite", "user.invite", lambda world: (), own=("ali",)),
    Door("person", "user.list", colleague, own=FIJIANS, unseen=True, empty="405"),
    Door("person_close", "user.deactivate", colleague, own=("ali",), empty="done"),
    Door("person_add_role", "user.set_role", colleague),
    Door("person_reset_second_factor", "user.reset_mfa", colleague, empty="done"),
)


def allowed(name: str, door: Door) -> bool:
    if door.only and name not in door.only:
        return False
    return {"-": False, "+": True, "X": True}.get(letter(name, door.action), name in door.own)
