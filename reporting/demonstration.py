"""Demonstration data: invented, put in by ``setup_site --demo``, and marked so on every page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from members.adapter import INVENTED
from members.choices import RoleName
from members.models import User
from reporting.models import Round

PREFIX = "demo-"
"""The codes of all demonstration rounds begin so."""
DOMAIN = INVENTED
"""The addresses of all demonstration accounts end so; nobody can receive mail there."""
PASSWORD = "seven-roles-to-try"  # noqa: S105  # known to everybody, and refused where DEBUG is off


@dataclass(frozen=True)
class Account:
    box: str
    name: str
    role: RoleName
    organisation: str

    @property
    def email(self) -> str:
        return f"{self.box}{DOMAIN}"


ACCOUNTS = (
    Account("administrator", "Robin Hale", RoleName.SECRETARIAT_ADMINISTRATOR, "APVC"),
    Account("editor", "Sam Reed", RoleName.SECRETARIAT_EDITOR, "APVC"),
    Account("contributor", "Kim Stone", RoleName.MEMBER_CONTRIBUTOR, "FJI"),
    Account("approver", "Jo Marsh", RoleName.MEMBER_APPROVER, "FJI"),
    Account("coordinator", "Lee Brook", RoleName.CO_COORDINATOR, "AUS"),
    Account("officer", "Pat Field", RoleName.REGIONAL_OFFICER, "RILO"),
    Account("observer", "Max Dale", RoleName.OBSERVER, "RPSG"),
)


def demonstration_accounts() -> QuerySet[User]:
    return User.objects.filter(email__endswith=DOMAIN)


def demonstration_rounds() -> QuerySet[Round]:
    return Round.objects.filter(code__startswith=PREFIX).order_by()


def is_demonstration(rounds: Iterable[str]) -> bool:
    """Is one of these codes that of a demonstration round."""
    return any(code.startswith(PREFIX) for code in rounds)


def holds_demonstration_data() -> bool:
    """Is anything on this site invented: a round or an account of the demonstration. One query."""
    rounds = demonstration_rounds().values("pk")
    accounts = demonstration_accounts().order_by().values("pk")
    return rounds.union(accounts, all=True).exists()
