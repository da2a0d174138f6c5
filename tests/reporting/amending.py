"""The plan amended in a few words, by the real actions."""

from datetime import date

from django.core.cache import caches

from workplan.actions import begin_amendment, change_element, publish_amendment
from workplan.choices import Kind
from workplan.models import Amendment

from .region import NOW


def amend(world, kind: Kind, code: str, *, valid_from: date = date(2026, 7, 1), **says) -> Amendment:
    """One element says something else from a day on: as a rule after the Baseline and before the first interim
    round."""
    facts = {"title": "Mid-term", "reason": "Agreed.", "by": world.people.ada, "now": NOW}
    amendment = begin_amendment(plan=world.plan, valid_from=valid_from, **facts)
    change_element(amendment=amendment, seen=amendment.edits, kind=kind, code=code, says=says, by=world.people.ada)
    amendment.refresh_from_db()
    caches["pages"].clear()  # in a test's transaction PostgreSQL does not change the token
    return publish_amendment(amendment=amendment, seen=amendment.edits, by=world.people.ada, now=NOW)


def retire(world, code: str, **more) -> Amendment:
    """A milestone with its KPIs leaves the plan."""
    return amend(world, Kind.MILESTONE, code, retired=True, **more)
