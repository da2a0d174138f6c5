"""What the history calls what is collected and released."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from members.chain import Head
from members.choices import AuditAction
from members.history import Kind, Named
from members.models import AuditEntry
from reporting import choices
from reporting.models import Release

ON_BEHALF = "On behalf, from "
"""So the reason of an answer begins that the secretariat entered for an organisation."""
PARTS = {"organises": "organised", "contributes": "contributed", "takes_part": "took part"}
NUMBERS = {"participants": ("participant", "participants"), "women": ("woman", "women")}


def part(said: dict[str, Any]) -> str:
    """organised, took part, 10 participants, 4 women, headed by a woman"""
    words = [word for name, word in PARTS.items() if said.get(name)]
    stated = {name: said[name] for name in NUMBERS if said.get(name) is not None}
    words += [f"{many} {NUMBERS[name][many != 1]}" for name, many in stated.items()]
    return ", ".join(words + ([choices.Head(said["head"]).label] if said.get("head") else []))


def items(many: int) -> str:
    return f"counts as {many}"


def statement(kind: str) -> str:
    return str(choices.StatementKind(kind).label)


def entered_for(entry: AuditEntry) -> str:
    """An answer that came by mail is entered and sent in one. (Who sent the mail, older entries do not say.)"""
    if entry.action != AuditAction.CREATED or not entry.reason.startswith(ON_BEHALF):
        return ""
    _, whose = entry.changes.get("entered_for", (None, "the Member"))
    _, sender = entry.changes.get("received_from", (None, ""))
    mail = f", from a mail of {sender}" if sender else ""
    return f"entered the answer “{entry.object_label}” for {whose} and sent it{mail}"


STATEMENT = {
    "statement": Named("It says", statement),
    "in_force": Named("In force from, as it says"),
    "ended": Named("Ended on, as it says"),
    "source": Named("Source"),
    "settled": Named("Settled"),
}
CONTESTED = {AuditAction.CONTESTED: "made"}
"""A statement is what contests."""
FROM_A_MAIL = {
    "entered_for": Named("Entered for"),
    "received_from": Named("Mail of"),
    "received_on": Named("Mail came on"),
}
KINDS = {
    "reporting.round": Kind("round", {"asked": Named("Asked"), "kpis": Named("Limited to")}),
    "reporting.submission": Kind("return", {"receipt": Named("Receipt"), "answers": Named("Answers")}),
    "reporting.answer": Kind(
        "answer",
        {
            "evidence_url": Named("Evidence"),
            "figure_source": Named("Where the figure comes from"),
            "figure_definition": Named("How it is counted"),
            **FROM_A_MAIL,
        },
        verbs={AuditAction.CREATED: "began"},
        did=entered_for,
        found=(
            (
                "entered the answer for the member and sent it, from a mail of",
                Q(action=AuditAction.CREATED, reason__startswith=ON_BEHALF),
            ),
        ),
    ),
    "reporting.activity": Kind(
        "activity",
        {"parts": Named("Part", part), "kpis": Named("Counts for", items), "recorded_by": Named("Whose it is")},
        of=("reporting.activityversion",),
        verbs={AuditAction.WITHDRAWN: "took back the confirmation of"},
    ),
    "reporting.arrangement": Kind(
        "arrangement",
        of=("reporting.arrangementversion",),
        verbs={AuditAction.WITHDRAWN: "took back the confirmation of"},
    ),
    "reporting.plurilateral": Kind("arrangement of more than two Members"),
    "reporting.partstatement": Kind("statement", STATEMENT, verbs=CONTESTED),
    "reporting.sidestatement": Kind("statement", STATEMENT, verbs=CONTESTED),
    "reporting.answercomment": Kind("comment", {"comment": Named("Comment"), "internal": Named("Only inside")}),
    "reporting.original": Kind("original", verbs={AuditAction.CREATED: "stored"}),
    "reporting.evidence": Kind(
        "evidence",
        {"sha256": Named("Checksum"), "size": Named("Bytes"), "url": Named("Link")},
        verbs={AuditAction.CREATED: "added", AuditAction.WITHDRAWN: "removed"},
    ),
    "reporting.workbookupload": Kind(
        "workbook",
        {
            "name": Named("File"),
            "sha256": Named("Checksum"),
            "new": Named("New"),
            "changed": Named("Changed"),
            "unchanged": Named("Unchanged"),
            "kept": Named("Left as on the site"),
        },
        verbs={AuditAction.IMPORTED: "took over"},
    ),
    "reporting.feed": Kind("calendar address", {"made_at": Named("Made"), "revoked_at": Named("Taken back")}),
    "import": Kind(
        "file",
        {
            "file": Named("File"),
            "register": Named("Into"),
            "plan": Named("Plan"),
            "sha256": Named("Checksum"),
            "new": Named("New"),
            "changed": Named("Changed"),
            "unchanged": Named("Unchanged"),
        },
    ),
    "reporting.kpicomment": Kind("comment"),
    "reporting.narrative": Kind("narrative"),
    "reporting.release": Kind(
        "release",
        {"pack": Named("Pack"), "checksum_of_the_pack": Named("Checksum of the pack (SHA-256)")},
        verbs={AuditAction.CREATED: "made the pack of"},
    ),
}


def heads_of_releases() -> Iterable[Head]:
    """Each release keeps the head of the history of its moment."""
    kept = Release.objects.exclude(history_number=None).values_list("history_number", "history_digest")
    return (Head(number, digest) for number, digest in kept if number)
