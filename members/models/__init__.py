"""Organisations, the people who act for them, and the record of what they did."""

from .held import HeldFile
from .organisations import Attribute, Membership, Organisation
from .outgoing import OutgoingMail
from .people import Invitation, Role, User
from .trail import AppendOnly, AuditEntry, AuditLink, InHistory, audit_actions

__all__ = [
    "AppendOnly",
    "Attribute",
    "AuditEntry",
    "AuditLink",
    "HeldFile",
    "InHistory",
    "Invitation",
    "Membership",
    "Organisation",
    "OutgoingMail",
    "Role",
    "User",
    "audit_actions",
]
