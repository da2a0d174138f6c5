"""The states of an answer and what follows what (domain.md, "The workflow"). Pure."""

DRAFT, AWAITING, SUBMITTED, ACCEPTED, RETURNED = (
    "draft",
    "awaiting_approval",
    "submitted",
    "accepted",
    "returned",
)

TRANSITIONS: dict[str, frozenset[str]] = {
    DRAFT: frozenset({AWAITING, SUBMITTED}),
    AWAITING: frozenset({SUBMITTED, DRAFT}),
    SUBMITTED: frozenset({ACCEPTED, RETURNED, DRAFT}),
    RETURNED: frozenset({AWAITING, SUBMITTED}),
    ACCEPTED: frozenset({RETURNED}),
}
"""State -> the states that may follow it. Withdrawing leads from submitted, and an approver's "back to you" from
awaiting approval, to draft; returning an accepted answer needs a reason."""


def may_become(state: str, following: str) -> bool:
    return following in TRANSITIONS[state]
