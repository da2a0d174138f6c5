"""What the link of an invitation says, and why one does not open any more."""

import hashlib
import secrets
from datetime import datetime, timedelta

from members.models import Invitation
from members.permissions import missing_to_invite

LASTS = timedelta(days=7)
INVALID = "This link is not valid. Open the whole address that stands in the mail, or ask for a new invitation."
USED = "This invitation was used already. Sign in with the account that it made."
EXPIRED = "This invitation was too old. Ask the person who invited you for a new one."
WITHDRAWN = "This invitation was withdrawn. Ask the person who invited you for a new one."


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """A token is random and long, so a plain hash keeps it secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    known = Invitation.objects.select_related("organisation", "invited_by")
    return known.filter(token_hash=hash_of(token)).first()


def refusal(invitation: Invitation | None, now: datetime) -> str:
    """Why it cannot be accepted; empty if it can. Whoever lost the right to invite invites nobody any more."""
    if invitation is None:
        return INVALID
    if invitation.used_at:
        return USED
    inviter = invitation.invited_by
    lost = not inviter.is_active or missing_to_invite(inviter, invitation.invited_role, invitation.organisation.code)
    if invitation.withdrawn_at or lost:
        return WITHDRAWN
    return EXPIRED if invitation.expires_at <= now else ""
