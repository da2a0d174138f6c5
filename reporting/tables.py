"""The lists of the register."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from workplan.calendar import year_label

from .models import ActivityVersion, Answer, ArrangementVersion
from .wording import said


class PlanTable(tables.Table):
    """A list whose rows lead to pages about the plan that is looked at."""

    def __init__(self, *args: Any, plan: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan

    def link(self, name: str, text: object, *where: object) -> str:
        return format_html('<a href="{}">{}</a>', reverse(name, args=[self.plan, *where]), text)


class ActivityTable(PlanTable):
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

    def render_title(self, record: ActivityVersion, value: str) -> str:
        return self.link("activity", value, record.activity_id)

    def render_organisers(self, record: ActivityVersion) -> str:
        return ", ".join(part.organisation.code for part in record.parts.all() if part.organises)

    def render_members(self, record: ActivityVersion) -> int:
        return len(record.parts.all())

    def render_kpis(self, record: ActivityVersion) -> str:
        links = record.links.all()
        return ", ".join(link.kpi.code if link.items == 1 else f"{link.kpi.code} × {link.items}" for link in links)

    def render_decision(self, record: ActivityVersion) -> str:
        return f"{record.get_status_display()}, {record.get_decision_display().lower()}"


class ArrangementTable(PlanTable):
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

    def render_parties(self, record: ArrangementVersion, value: object) -> str:
        return self.link("arrangement", value, record.arrangement_id)

    def render_signed(self, record: ArrangementVersion) -> str:
        return record.signed_on

    def render_decision(self, record: ArrangementVersion) -> Any:
        return "Contested" if record.arrangement.contested else record.get_decision_display()


class FigureTable(PlanTable):
    """The figures that organisations stated."""

    kpi = tables.Column(accessor="kpi__code", order_by=("kpi__position",), verbose_name="KPI",
                        attrs={"th": {"class": "c"}, "td": {"class": "c"}})  # fmt: skip
    organisation = tables.Column(accessor="organisation__name", order_by=("organisation__position",),
                                 attrs={"td": {"class": "x"}})  # fmt: skip
    plan_year = tables.Column(verbose_name="Plan year", attrs={"td": {"data-l": "Plan year"}})
    value = tables.Column(empty_values=(), verbose_name="Figure", attrs={"th": {"class": "n"}, "td": {"class": "n"}})
    round = tables.Column(accessor="round__title", verbose_name="Round", attrs={"td": {"data-l": "Round"}})
    state = tables.Column(attrs={"td": {"class": "s"}})

    class Meta:
        model = Answer
        fields = ("kpi", "organisation", "plan_year", "value", "round", "state")
        template_name = "tables/table.html"
        per_page_field = "-"
        caption = "Figures by organisation and plan year"
        order_by = ("kpi", "organisation", "plan_year")

    def render_kpi(self, record: Answer, value: str) -> str:
        where = (record.round.code, record.organisation.code, value)
        return self.link("return_kpi", value, *where)

    def render_plan_year(self, value: int) -> str:
        return year_label(value)

    def render_value(self, record: Answer) -> str:
        return said(record)
