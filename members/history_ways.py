"""Where the history leads, of organisations and people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.urls import reverse

from members.history import Way, keys_of
from members.lists import Filter
from members.models import AuditEntry, User
from members.permissions import may
from members.queries import people_visible_to

ORGANISATION, PERSON = "members.organisation", "members.user"


class Ways:
    """At most one query. Organisations are never deleted, so nobody asks whether they are there."""

    def __init__(self, user: User) -> None:
        self.user = user

    def filters(self) -> Iterable[Filter]:
        return ()

    def lead(self, entries: Sequence[AuditEntry]) -> Mapping[str, str]:
        return dict(self.organisations(entries)) | dict(self.people(entries))

    def organisations(self, entries: Sequence[AuditEntry]) -> Iterator[Way]:
        if may(self.user, "organisation.edit"):
            for code in keys_of(ORGANISATION, entries):
                yield f"{ORGANISATION}/{code}", reverse("organisation_edit", args=[code])

    def people(self, entries: Sequence[AuditEntry]) -> Iterator[Way]:
        """With their roles and invitations."""
        addresses = keys_of(PERSON, entries)
        if addresses and may(self.user, "user.list"):
            found = people_visible_to(self.user).prefetch_related(None).filter(email__in=addresses)
            for email, pk in found.values_list("email", "pk"):
                yield f"{PERSON}/{email}", reverse("person", args=[pk])
