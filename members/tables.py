"""The lists of people and of what they did."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from members.choices import AuditAction
from members.columns import Choice, Column, Flag, ListTable, Moment
from members.history import Ways, changes_in_words, kind_words, links, sentence_of
from members.models import AuditEntry, User


class PeopleTable(ListTable):
    """Who has an account."""

    name = Column("Name", look="x")
    email = Column("E-mail address")
    roles = Column("Roles", sorts=False, look="x")
    last_login = Moment("Last sign-in")
    second_factor = Flag("Second factor")
    open = Flag("Account open", accessor="is_active")
    joined_at = Moment("Account since")
    later: ClassVar[Collection[str]] = ("open", "joined_at")

    class Meta:
        template_name = "tables/table.html"
        caption = "Accounts"
        order_by = ("name", "email")

    def render_name(self, record: User, value: str) -> str:
        closed = "" if record.is_active else " (closed)"
        return format_html('<a href="{}">{}</a>{}', reverse("person", args=[record.pk]), value, closed)

    def value_roles(self, record: Any) -> str:
        return "; ".join(map(str, record.listed_roles)) or "none"

    def render_last_login(self, record: User, value: Any) -> str:
        return self.column("last_login").words(value, self.zone) if value else "never"


class HistoryTable(ListTable):
    """Who did what, when and why."""

    when = Moment("When", accessor="at", order_by=("at", "pk"))
    who = Column("Who", accessor="actor_name")
    what = Column("What was done", sorts=False, look="x")
    changes = Column("From what to what", sorts=False, look="x")
    why = Column("Why", accessor="reason", sorts=False, look="x")
    email = Column("E-mail address", accessor="actor_email", sorts=False)
    action = Choice(AuditAction, "Action", order_by="action_words")
    kind = Column("Kind of object", order_by="kind_words")
    object = Column("Object", accessor="object_label", look="x")
    later: ClassVar[Collection[str]] = ("email", "action", "kind", "object")

    class Meta:
        template_name = "tables/table.html"
        caption = "Entries of the history"
        order_by = ("-when",)

    def __init__(self, *, zone: ZoneInfo, ways: Iterable[Ways]) -> None:
        super().__init__(zone=zone)
        self.ways = ways
        self.links: dict[int, str] = {}

    def drawn(self, records: Any) -> Iterator[SafeString]:
        """What the rows on a page lead to is asked at once."""
        records = list(records)
        self.links = links(self.ways, records)
        return super().drawn(records)

    def value_what(self, record: AuditEntry) -> str:
        return sentence_of(record)

    def render_what(self, record: AuditEntry, value: str) -> str:
        """The object in it is the link."""
        before, there, after = value.rpartition(f"“{record.object_label}”")
        return format_html("{}{}{}", before, self.linked(record, there or value), after if there else "")

    def render_object(self, record: AuditEntry, value: str) -> str:
        return self.linked(record, value)

    def linked(self, record: AuditEntry, words: str) -> str:
        href = self.links.get(record.pk)
        return format_html('<a href="{}">{}</a>', href, words) if href else words

    def value_changes(self, record: AuditEntry) -> str:
        return changes_in_words(record, self.zone)

    def value_kind(self, record: AuditEntry) -> str:
        return kind_words(record.object_type)
