"""What a finding says. Pure."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The kinds in the order in which a page shows them: its name in addresses, one, many."""

    SLIP = "slips", "slip", "Slips"
    JUMP = "jumps", "jump", "Jumps"
    CONTRADICTION = "contradictions", "contradiction", "Contradictions"
    ONE_SIDED = "one-sided", "record that a party has not confirmed", "Records that a party has not confirmed"
    DUPLICATE = "duplicates", "suspected duplicate", "Suspected duplicates"
    EVIDENCE = "evidence", "record without evidence", "Missing evidence"
    SILENT = "silent", "KPI with silent Members", "Silent Members"
    NO_BASE = "no-base", "figure without base", "Figures without base"

    @property
    def code(self) -> str:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[2]


MEANS = {
    # {factor}: see JUMP_FACTOR in the settings.
    Kind.SLIP: "A later answer is below the one that counted before.",
    Kind.JUMP: "A figure went up or down by more than the factor {factor}, or is below its base.",
    Kind.CONTRADICTION: "Two that should know say different things.",
    Kind.ONE_SIDED: "A record names somebody who has not said that it is so.",
    Kind.DUPLICATE: "Two records may be of one event.",
    Kind.EVIDENCE: "It counts, and nothing shows that it is so.",
    Kind.SILENT: "Who is asked and has said nothing. Silence is never a no.",
    Kind.NO_BASE: "There is no figure of the base year to compare with.",
}


@dataclass(frozen=True)
class Change:
    """How the figure of one KPI would change. ``moves``: the status that it would then have, where that is another."""

    kpi: str
    words: str
    moves: str = ""


@dataclass(frozen=True)
class Finding:
    """``what``: what it is, in a sentence; ``do``: what to do, with ``way``, the address where this reader does it;
    ``ask``: whom. ``organisations`` and ``areas``: the codes of those that it is about."""

    kind: Kind
    areas: tuple[str, ...]
    organisations: tuple[str, ...]
    what: str
    do: str
    way: str
    ask: str
    changes: tuple[Change, ...]

    @property
    def moves_status(self) -> bool:
        return any(each.moves for each in self.changes)

    @property
    def kpis(self) -> tuple[str, ...]:
        return tuple(each.kpi for each in self.changes)
