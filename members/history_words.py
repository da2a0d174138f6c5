"""What the history calls people and what they may do."""

from members.choices import AuditAction
from members.history import Kind, Named

FACTORS = {"totp": "an app", "webauthn": "the passkey", "recovery_codes": "recovery codes"}


def factor(value: str) -> str:
    kind, _, name = value.partition(" ")
    return f"{FACTORS.get(kind, kind)}{f' “{name}”' if name else ''}"


KINDS = {
    "export": Kind("export", {"address": Named("Address"), "rows": Named("Rows")}),
    "members.organisation": Kind("organisation"),
    "members.membership": Kind("membership"),
    "members.attribute": Kind("attribute"),
    "members.role": Kind("role", verbs={AuditAction.WITHDRAWN: "took away"}),
    "members.user": Kind(
        "account",
        {"second_factor": Named("Second factor", factor), "password": Named("Password")},
        verbs={AuditAction.CREATED: "made"},
    ),
    "members.invitation": Kind(
        "invitation", {"invited_by": Named("Invited by")}, verbs={AuditAction.WITHDRAWN: "withdrew"}
    ),
}
