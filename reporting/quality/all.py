"""All findings for a reader, in the order in which pages show them."""

from collections.abc import Callable, Iterator

from reporting.keeping import digest, kept
from reporting.looking import Look

from .answers import jumps, slips
from .beside import Row, read_beside, told
from .contradictions import contradictions
from .finding import Finding, Kind
from .ground import Ground
from .records import duplicates, one_sided
from .silence import missing_evidence, silences, without_base

FINDERS: tuple[Callable[[Ground], Iterator[Finding]], ...] = (
    slips, jumps, contradictions, one_sided, duplicates, missing_evidence, silences, without_base,
)  # fmt: skip


def beside_of(look: Look) -> tuple[tuple[Row, ...], str]:
    """What is read at each look, and the mark that a reader's own findings are kept by: it changes with whatever they
    are made of, and with who the reader is."""
    rows = read_beside(look.user, look.occasion.plan)
    roles = sorted((held.role, held.organisation_code) for held in look.user.held_roles)
    return rows, digest(look.moment, look.query(), roles, rows)


def findings(look: Look, rows: tuple[Row, ...], mark: str) -> tuple[Finding, ...]:
    """Kept until something changes."""
    found: tuple[Finding, ...] = kept(f"findings:{mark}", lambda: search(look, rows))
    return found


def search(look: Look, rows: tuple[Row, ...]) -> tuple[Finding, ...]:
    """By kind; in each, what would change a target's status first, then in the plan's order."""
    ground = Ground(look, told(rows))
    places = {kpi.code: place for place, kpi in enumerate(ground.text.kpis)}
    kinds = list(Kind)

    def place(finding: Finding) -> tuple[int, bool, int]:
        return kinds.index(finding.kind), not finding.moves_status, places[finding.kpis[0]]

    return tuple(sorted((found for finder in FINDERS for found in finder(ground)), key=place))
