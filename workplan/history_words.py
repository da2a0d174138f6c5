"""What the history calls the plan."""

from functools import partial

from django.db.models import Q

from members.history import Kind, Named

from . import drafted
from .words import FIELDS, value_words

SAYS = {name: Named(label, partial(value_words, name)) for name, label in FIELDS.items()}
"""What an element says, field by field."""
KINDS = {
    "workplan.plan": Kind("plan", {"fixtures": Named("Files"), "members_named": Named("Members named")}),
    "workplan.focusarea": Kind("focus area", SAYS),
    "workplan.objective": Kind("objective", SAYS),
    "workplan.specificaction": Kind("specific action", SAYS),
    "workplan.theme": Kind("theme", SAYS),
    "workplan.milestone": Kind("milestone", SAYS),
    "workplan.kpi": Kind("KPI", SAYS),
    "workplan.amendment": Kind(
        "amendment",
        {"elements": Named("In the draft"), drafted.NAME: Named("In the draft", parts=drafted.rows)},
        did=drafted.did,
        found=(
            ("in the draft of", Q(changed__contains=f'"{drafted.NAME}"')),
            ("took back the change of", Q(changed__contains=f'"{drafted.TAKEN_BACK}"')),
        ),
    ),
    "workplan.wording": Kind("wording"),
    "workplan.reading": Kind("reading"),
}
