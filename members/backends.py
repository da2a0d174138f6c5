"""How a session finds its person."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from .models import Role, User


class Backend(AuthenticationBackend):
    """Reads a person together with their roles, in one query: every page asks for both."""

    def get_user(self, user_id: Any) -> User | None:
        roles = list(Role.objects.filter(user=user_id).select_related("organisation", "user"))
        if not roles:
            found: User | None = super().get_user(user_id)
            return found
        user = roles[0].user
        user.held_roles = roles
        return user if self.user_can_authenticate(user) else None
