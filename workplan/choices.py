"""How a KPI can be counted (domain.md, "How a KPI is counted"). Plain enumerations: the pure rules use them too."""

from enum import StrEnum


class Labelled(StrEnum):
    """A text enumeration with a label for people: ``NAME = "value", "Label"``."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "Labelled":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class Kind(Labelled):
    """What a plan is made of, from the whole to the part (domain.md, "Terms")."""

    FOCUS_AREA = "focus_area", "Focus area"
    OBJECTIVE = "objective", "Objective"
    SPECIFIC_ACTION = "specific_action", "Specific action"
    THEME = "theme", "Theme"
    MILESTONE = "milestone", "Milestone"
    KPI = "kpi", "KPI"

    @property
    def noun(self) -> str:
        """As it stands inside a sentence."""
        return self.label if self is Kind.KPI else self.label.lower()

    @property
    def one(self) -> str:
        return f"an {self.noun}" if self is Kind.OBJECTIVE else f"a {self.noun}"


PARENTS: dict[Kind, tuple[Kind, ...]] = {
    Kind.FOCUS_AREA: (),
    Kind.OBJECTIVE: (Kind.FOCUS_AREA,),
    Kind.SPECIFIC_ACTION: (Kind.OBJECTIVE,),
    Kind.THEME: (Kind.SPECIFIC_ACTION,),
    Kind.MILESTONE: (Kind.THEME, Kind.SPECIFIC_ACTION),
    Kind.KPI: (Kind.MILESTONE,),
}
"""Under what an element can stand."""


class Source(Labelled):
    STATUS = "status", "what each Member answers about its own standing"
    PARTICIPATION = "participation", "who took part"
    ACTIVITIES = "activities", "the register of activities"
    ARRANGEMENTS = "arrangements", "the register of arrangements"
    FIGURES = "figures", "figures stated for each plan year"


class Measure(Labelled):
    MEMBERS = "members", "Members"
    ITEMS = "items", "items"
    WOMEN_SHARE = "women_share", "share of women"
    WOMEN_HEADS_SHARE = "women_heads_share", "share of delegations headed by a woman"
    AVERAGE = "average", "average rating"
    PAIRS = "pairs", "pairs of Members"
    SUM = "sum", "sum"
    GROWTH = "growth", "growth"
    SHARE = "share", "share"
    MEMBERS_GROWING = "members_growing", "Members that grow"


class Period(Labelled):
    STANDING = "standing", "the state at the date"
    PLAN = "plan", "the plan up to the date"
    EACH_YEAR = "each_year", "every plan year by itself"


class Standing(Labelled):
    """What a Member says of itself; the order is the order of progress, "not applicable" stands outside it."""

    NOT_STARTED = "not_started", "Not started"
    PLANNED = "planned", "Planned"
    IN_PROGRESS = "in_progress", "In progress"
    IN_PLACE = "in_place", "In place"
    NOT_APPLICABLE = "not_applicable", "Not applicable"

    @property
    def rank(self) -> int:
        """0 (not started) to 3 (in place); -1 for not applicable, which never counts."""
        return STANDING_ORDER.index(self) if self in STANDING_ORDER else -1


STANDING_ORDER = (Standing.NOT_STARTED, Standing.PLANNED, Standing.IN_PROGRESS, Standing.IN_PLACE)


class Part(Labelled):
    ANY = "any", "organisers, contributors and participants"
    CONTRIBUTING = "contributing", "organisers and contributors"


class PairFrom(Labelled):
    """From which day on an arrangement counts."""

    IN_FORCE = "", "the day it is in force"
    SIGNED = "signed", "the day it is signed"


class Plurilateral(Labelled):
    """What an arrangement of more than two Members counts as."""

    PAIRS = "", "each pair of its Members"
    ONE = "one", "one, however many Members it has"


class ReporterGroup(Labelled):
    NONE = "", "only those named"
    MEMBERS = "members", "all Members"
    DEVELOPED = "developed", "developed Members"


class BaselineOrigin(Labelled):
    NONE = "", "not stated"
    TARGET = "target", "stated in the target text"
    ENTERED = "entered", "entered by the secretariat"


COMBINATIONS: frozenset[tuple[Source, Measure, Period]] = frozenset(
    {
        (Source.STATUS, Measure.MEMBERS, Period.STANDING),
        (Source.PARTICIPATION, Measure.MEMBERS, Period.PLAN),
        (Source.PARTICIPATION, Measure.MEMBERS, Period.EACH_YEAR),
        (Source.ACTIVITIES, Measure.ITEMS, Period.PLAN),
        (Source.ACTIVITIES, Measure.ITEMS, Period.EACH_YEAR),
        (Source.ACTIVITIES, Measure.WOMEN_SHARE, Period.PLAN),
        (Source.ACTIVITIES, Measure.WOMEN_HEADS_SHARE, Period.PLAN),
        (Source.ACTIVITIES, Measure.AVERAGE, Period.PLAN),
        (Source.ARRANGEMENTS, Measure.PAIRS, Period.STANDING),
        (Source.FIGURES, Measure.SUM, Period.EACH_YEAR),
        (Source.FIGURES, Measure.GROWTH, Period.EACH_YEAR),
        (Source.FIGURES, Measure.SHARE, Period.PLAN),
        (Source.FIGURES, Measure.MEMBERS_GROWING, Period.PLAN),
    }
)
"""The readings that exist; no other can be stored (domain.md, "How a KPI is counted")."""

REGISTERS = frozenset({Source.ACTIVITIES, Source.ARRANGEMENTS})
"""Sources counted from a register, of which reporters attest that it is complete."""

YEARLY = frozenset({Source.PARTICIPATION, Source.FIGURES})
"""Sources answered for each plan year."""

LEVELS = frozenset({Measure.WOMEN_SHARE, Measure.WOMEN_HEADS_SHARE, Measure.AVERAGE, Measure.GROWTH, Measure.SHARE})
"""Measures that are a level, not a count: two decimals, and the full target is expected at any time."""

NAMES_MEMBERS = frozenset({Measure.MEMBERS, Measure.MEMBERS_GROWING})
"""Measures whose result names the Members that count and those that do not."""
