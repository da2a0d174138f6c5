"""Somebody takes a workbook out: it is made, and the history says so."""

from members.audit import record_export
from members.models import User
from reporting.returns import Return

from .writing import workbook_of


def export(found: Return, *, by: User | None, address: str) -> tuple[str, bytes]:
    """The name of the file, and the file. ``address``: what gives it again."""
    whose = found.submission.organisation
    what = f"Workbook of {whose.name}, {found.round.title}, xlsx"
    head = record_export(by=by, what=what, address=address, rows=found.asked, released=False)
    name = f"{found.round.code}-{whose.code}-{found.look.occasion.now:%Y-%m-%d}.xlsx"
    return name, workbook_of(found, str(head) if head else "")
