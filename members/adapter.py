from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

INVENTED = "@demo.example"
"""The addresses of demonstration accounts end so. Everybody knows their password, so a real site lets none of them in,
not even where it got a copy of a demonstration's database."""


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """The secretariat makes the accounts."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Nobody where the address is invented and the site is not a demonstration."""
        address = str(credentials.get("email") or credentials.get("login") or "")
        if address.lower().endswith(INVENTED) and not settings.DEBUG:
            return None
        return super().authenticate(request, **credentials)
