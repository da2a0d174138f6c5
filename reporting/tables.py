"""The lists of a plan: which columns each has, what stands in them, and where they lead."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html

from members.choices import AttributeName, Group, OrganisationKind
from members.columns import NOTHING, Choice, Column, Day, ListTable, Moment, Number, PartialDay, Percent
from members.models import Organisation
from members.organisations import BEFORE
from workplan.calendar import year_label
from workplan.choices import Source
from workplan.queries import codes_by_position

from .choices import ActivityKind, ActivityStatus, AnswerStatus, Decision, Telling
from .models import ActivityVersion, ArrangementVersion
from .wording import said, unit_words


def way_to(name: str, plan: str, places: int) -> str:
    """An address with places for what differs by row: to look up each one takes longer than to draw its row."""
    marks = [900_000_000 + place for place in range(places)]
    way = reverse(name, args=[plan, *marks])
    for mark in marks:
        way = way.replace(str(mark), "{}")
    return way


def quoted(part: object) -> str:
    return quote(str(part), safe="()")


class PlanTable(ListTable):
    """A list whose rows lead to pages about the plan that is looked at."""

    def __init__(self, *args: Any, plan: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.ways: dict[str, str] = {}

    def link(self, name: str, text: object, *where: object) -> str:
        way = self.ways.get(name) or self.ways.setdefault(name, way_to(name, self.plan, len(where)))
        return format_html('<a href="{}">{}</a>', way.format(*map(quoted, where)), text)


class ActivityTable(PlanTable):
    """Activities, the latest first."""

    day = Day("Date", look="c")
    title = Column("Title", look="x")
    kind = Choice(ActivityKind, "Kind")
    organisers = Column("Organisers", sorts=False)
    members = Number("Organisations", accessor="how_many", sorts=False)
    kpis = Column("Counts for", sorts=False)
    decision = Column("State", look="s")
    reference = Column("Reference", accessor="activity__reference")
    start = Day("From")
    end = Day("Until")
    rating = Number("Rating")
    respondents = Number("Respondents")
    decided_at = Moment("Decided")
    stays = 2
    later: ClassVar[Collection[str]] = ("reference", "start", "end", "rating", "respondents", "decided_at")

    class Meta:
        template_name = "tables/table.html"
        caption = "Activities of the register"
        order_by = ("-day", "title")

    def render_title(self, record: ActivityVersion, value: str) -> str:
        return self.link("activity", value, record.activity_id)

    def value_organisers(self, record: Any) -> str:
        return ", ".join(codes_by_position(record.organised_by))

    def value_kpis(self, record: Any) -> str:
        return ", ".join(code.removesuffix(" × 1") for code in codes_by_position(record.serves))

    def value_decision(self, record: ActivityVersion) -> str:
        return f"{ActivityStatus(record.status).label}, {Decision(record.decision).label.lower()}"


class ArrangementTable(PlanTable):
    """Arrangements by their parties."""

    parties = Column(
        "Parties",
        accessor="arrangement",
        look="c",
        order_by=("arrangement__party_a__position", "arrangement__party_b__position"),
    )
    signed = PartialDay("Signed")
    in_force = Day("In force")
    ended = Day("Ended")
    plurilateral = Column("A pair of", accessor="plurilateral__name")
    source = Column("Source")
    decision = Column("State", look="s")
    told = Choice(Telling, "Told")
    comment = Column("Comment", look="x")
    later: ClassVar[Collection[str]] = ("comment",)

    class Meta:
        template_name = "tables/table.html"
        caption = "AEO mutual recognition arrangements between two Members"
        order_by = ("parties",)

    def value_parties(self, record: ArrangementVersion) -> str:
        return str(record.arrangement)

    def render_parties(self, record: ArrangementVersion, value: str) -> str:
        return self.link("arrangement", value, record.arrangement_id)

    def render_in_force(self, record: ArrangementVersion, value: Any) -> str:
        return self.column("in_force").words(value, self.zone) if value else "no date: only signed"

    def value_decision(self, record: ArrangementVersion) -> str:
        return "Contested" if record.arrangement.contested else Decision(record.decision).label


class AnswerTable(PlanTable):
    """What organisations say, the newest version of each answer that the reader may see."""

    kpi = Column("KPI", accessor="kpi__code", order_by=("kpi__position",), look="c")
    organisation = Column("Organisation", accessor="organisation__name", order_by=("organisation__position",), look="x")
    plan_year = Column("Plan year")
    says = Column("Says", sorts=False)
    comment = Column("Comment", look="x", sorts=False)
    round = Column("Round", accessor="round__title", order_by=("as_at", "round_id"))
    state = Choice(AnswerStatus, "State", look="s")
    code = Column("Code", accessor="organisation__code", order_by=("organisation__position",))
    as_at = Day("As at")
    value = Number("Figure")
    numerator = Number("Numerator")
    denominator = Number("Denominator")
    unit = Column("Unit", accessor="reading__unit", look="x", sorts=False)
    figure_source = Column("Where from", look="x", sorts=False)
    figure_definition = Column("Counted as", look="x", sorts=False)
    evidence = Column("Evidence", accessor="evidence_url", look="x", sorts=False)
    sent_at = Moment("Sent")
    decided_at = Moment("Decided")
    decided_by = Column("Decided by", accessor="decided_by__name")
    stays = 2
    later: ClassVar[Collection[str]] = (
        "code", "as_at", "value", "numerator", "denominator", "unit", "figure_source", "figure_definition", "evidence",
        "sent_at", "decided_at", "decided_by",
    )  # fmt: skip

    class Meta:
        template_name = "tables/table.html"
        caption = "Answers"
        order_by = ("kpi", "organisation", "plan_year", "round")

    def __init__(self, *args: Any, asked: Mapping[int, Collection[int]], first_year: int, **kwargs: Any) -> None:
        """``asked``: round -> the KPIs that have a page in it; what left the plan has none any more. ``first_year``: of
        the plan; the one before is the base year."""
        super().__init__(*args, **kwargs)
        self.asked, self.first_year = asked, first_year

    def render_kpi(self, record: Any, value: str) -> str:
        if record.kpi not in self.asked.get(record.round, ()):
            return value
        return self.link("return_kpi", value, record.round__code, record.organisation__code, value)

    def value_plan_year(self, record: Any) -> str:
        return year_label(record.plan_year) if record.plan_year else ""

    def render_plan_year(self, record: Any, value: str) -> str:
        return f"{value}, base year" if self.is_base_year(record) else value or NOTHING

    def is_base_year(self, record: Any) -> bool:
        return record.plan_year is not None and record.plan_year < self.first_year

    def value_says(self, record: Any) -> str:
        return said(record)

    def value_unit(self, record: Any) -> str:
        figures = record.reading__source == Source.FIGURES
        return unit_words(record.reading__measure, record.reading__unit) if figures else ""


class FigureTable(AnswerTable):
    """The figures that organisations stated. Of a share, both of its figures."""

    value = Number("Figure", order_by=("value", "numerator"))
    later: ClassVar[Collection[str]] = tuple(
        each
        for each in (*AnswerTable.later, "says", "comment")
        if each not in ("value", "unit", "figure_source", "figure_definition")
    )

    class Meta:
        template_name = "tables/table.html"
        caption = "Figures by organisation and plan year"
        order_by = ("kpi", "organisation", "plan_year", "round")
        sequence = (
            "kpi",
            "organisation",
            "plan_year",
            "value",
            "unit",
            "figure_source",
            "figure_definition",
            "round",
            "state",
            "...",
        )

    def value_value(self, record: Any) -> Decimal | str:
        return said(record) if record.value is None else record.value

    def render_value(self, record: Any, value: object) -> str:
        return said(record)


def badge(status: str) -> str:
    return render_to_string("components/status_badge.html", {"status": status, "icons": static("img/icons.svg")})


class KpiTable(PlanTable):
    """The KPIs in the plan's order, each with its words, how it is counted, and where it stands."""

    code = Column("Code", look="c", order_by=("position",))
    milestone = Column("Milestone", look="x")
    text = Column("KPI", look="x")
    target_text = Column("Target", look="x")
    responsible = Column("Responsible")
    value = Number("Value")
    percent = Percent("Per cent")
    status = Column("Status", look="s", order_by=("status_place",))
    area = Column("Focus area")
    theme = Column("Theme")
    source = Column("Facts from")
    measure = Column("What is counted")
    period = Column("Over what time")
    target = Number("Target value")
    unit = Column("Unit")
    baseline = Number("Baseline")
    progress = Percent("Progress")
    expected = Number("Expected by now")
    counted = Number("Members that count")
    pending = Number("Members pending")
    unanswered = Number("Members silent")
    not_applicable = Number("Members, not applicable")
    reading = Column("Reading")
    version = Column("Counted by the plan")
    later: ClassVar[Collection[str]] = (
        "area", "theme", "source", "measure", "period", "target", "unit", "baseline", "progress", "expected", "counted",
        "pending", "unanswered", "not_applicable", "reading", "version",
    )  # fmt: skip

    class Meta:
        template_name = "tables/table.html"
        caption = "KPIs of the work plan"
        order_by = ("code",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.badges: dict[str, str] = {}

    def render_code(self, record: Any, value: str) -> str:
        return self.link("kpi", value, value)

    def render_status(self, record: Any, value: str) -> str:
        """The badge that other pages show, drawn once for each status."""
        if not record.status_code:
            return value
        return self.badges.get(value) or self.badges.setdefault(value, badge(record.status_code))


class RoundTable(PlanTable):
    """The rounds, each with how many organisations have sent something."""

    as_at = Day("As at", look="c")
    title = Column("Round", look="x")
    state = Column("State", look="s")
    opened_at = Moment("Opened")
    closes_at = Moment("Closes")
    closed_at = Moment("Closed early")
    asked = Number("Organisations asked")
    answered = Number("Have sent")
    code = Column("Code")
    time_zone = Column("Time zone")
    stays = 2
    later: ClassVar[Collection[str]] = ("closed_at", "code", "time_zone")

    class Meta:
        template_name = "tables/table.html"
        caption = "Rounds"
        order_by = ("-as_at", "title")

    def render_title(self, record: Any, value: str) -> str:
        return self.link("board", value, record.code) if record.opens_a_page else value


class OrganisationTable(PlanTable):
    """Members and regional entities, with what each is on a day."""

    code = Column("Code", look="c")
    name = Column("Name", look="x")
    kind = Choice(OrganisationKind, "Kind")
    group = Choice(Group, "Group", order_by=("position",))
    attributes = Column("Is", look="x", sorts=False)
    joined = Day("Member since", sorts=False)
    left = Day("Member until", sorts=False)
    time_zone = Column("Time zone")
    people = Number("People", sorts=False)
    iso2 = Column("Two letters")
    also_known_as = Column("Also known as")
    later: ClassVar[Collection[str]] = ("iso2", "also_known_as")

    class Meta:
        template_name = "tables/table.html"
        caption = "Organisations"
        order_by = ("group", "code")

    def __init__(self, *args: Any, edits: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edits = edits

    def render_name(self, record: Organisation, value: str) -> str:
        href = reverse("organisation_edit", args=[record.code]) if self.edits else ""
        return format_html('<a href="{}">{}</a>', href, value) if href else value

    def value_attributes(self, record: Any) -> str:
        return ", ".join(AttributeName(name).label for name in sorted(filter(None, (record.held or "").split(","))))

    def value_joined(self, record: Any) -> date | str | None:
        return (record.joined or BEFORE) if record.membership else None

    def render_joined(self, record: Organisation, value: date | str | None) -> str:
        return f"{value:%d.%m.%Y}" if isinstance(value, date) else value or NOTHING
