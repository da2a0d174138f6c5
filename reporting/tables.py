"""The lists of the register."""

from typing import Any

import django_tables2 as tables

from .models import ActivityVersion, ArrangementVersion


class ActivityTable(tables.Table):
    """Activities, the latest first."""

    day = tables.DateColumn(verbose_name="Date", format="d.m.y", attrs={"th": {"class": "c"}, "td": {"class": "c"}})
    title = tables.Column(attrs={"td": {"class": "x"}})
    kind = tables.Column(attrs={"td": {"data-l": "Kind"}})
    organisers = tables.Column(empty_values=(), orderable=False, attrs={"td": {"data-l": "Organisers"}})
    members = tables.Column(
        empty_values=(), orderable=False, verbose_name="Organisations", attrs={"td": {"class": "n"}}
    )
    kpis = tables.Column(empty_values=(), orderable=False, verbose_name="Counts for", attrs={"td": {"data-l": "For"}})
    decision = tables.Column(verbose_name="State", attrs={"td": {"class": "s"}})

    class Meta:
        model = ActivityVersion
        fields = ("day", "title", "kind", "organisers", "members", "kpis", "decision")
        template_name = "tables/table.html"
        per_page_field = "-"  # nobody chooses how many rows a page has
        caption = "Activities of the register"
        order_by = ("-day",)

    def render_organisers(self, record: ActivityVersion) -> str:
        return ", ".join(part.organisation.code for part in record.parts.all() if part.organises)

    def render_members(self, record: ActivityVersion) -> int:
        return len(record.parts.all())

    def render_kpis(self, record: ActivityVersion) -> str:
        links = record.links.all()
        return ", ".join(link.kpi.code if link.items == 1 else f"{link.kpi.code} × {link.items}" for link in links)

    def render_decision(self, record: ActivityVersion) -> str:
        return f"{record.get_status_display()}, {record.get_decision_display().lower()}"


class ArrangementTable(tables.Table):
    """Arrangements by their parties."""

    parties = tables.Column(
        accessor="arrangement",
        order_by=("arrangement__party_a__position", "arrangement__party_b__position"),
        attrs={"th": {"class": "c"}, "td": {"class": "c"}},
    )
    signed = tables.Column(default="–", attrs={"td": {"data-l": "Signed"}})
    in_force = tables.DateColumn(format="d.m.y", default="no date: not counted", attrs={"td": {"data-l": "In force"}})
    ended = tables.DateColumn(format="d.m.y", default="–", attrs={"td": {"data-l": "Ended"}})
    source = tables.Column(default="–", attrs={"td": {"data-l": "Source"}})
    decision = tables.Column(verbose_name="State", attrs={"td": {"class": "s"}})

    class Meta:
        model = ArrangementVersion
        fields = ("parties", "signed", "in_force", "ended", "source", "decision")
        template_name = "tables/table.html"
        per_page_field = "-"
        caption = "AEO mutual recognition arrangements between two Members"
        prefix = "a-"
        order_by = ("parties",)

    def render_signed(self, value: str) -> str:
        """28.06.18, 06.18 or 2018: as much as is known, written as the plan does."""
        return ".".join(part[-2:] for part in reversed(value.split("-"))) if "-" in value else value

    def render_decision(self, record: ArrangementVersion) -> Any:
        return record.get_decision_display()
