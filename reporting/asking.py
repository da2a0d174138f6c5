"""What is asked about a figure before it is sent: one that is far from what it was, or less than in the base year."""

from collections.abc import Callable, Iterator, Mapping

from workplan.calendar import year_label
from workplan.choices import Source

from .jumping import amount, jumps_from
from .models import Answer
from .returns import Item
from .threads import Question, Thread
from .wording import said


def asked_about(item: Item, thread: Thread, last: Mapping[Question, Answer]) -> tuple[str, ...]:
    """In sentences, of the version that is worked on. ``last``: what was accepted in earlier rounds."""
    working = thread.working
    if item.kpi.reading.source is not Source.FIGURES or working is None or amount(working) is None:
        return ()
    years = {each.plan_year: each.newest for each in item.threads if each.newest}

    def of(year: int | None) -> Answer | None:
        """What was said for a year: in this return, else before."""
        own = years.get(year) if year != thread.plan_year else None
        return own or last.get((thread.kpi, year))

    year = thread.plan_year
    return tuple(sentences(working, of(year), of(year - 1) if year else None, base_of(item, of)))


def base_of(item: Item, of: Callable[[int | None], Answer | None]) -> Answer | None:
    """The figure for the year before the plan, where that is asked for."""
    years = [each.plan_year for each in item.threads if each.plan_year]
    return of(min(years)) if years else None


def sentences(now: Answer, before: Answer | None, year_before: Answer | None, base: Answer | None) -> Iterator[str]:
    says, first = (amount(each) if each else None for each in (now, base))
    if far := [f"{said(each)}{when(each, now)}" for each in jumps_from(now, before, year_before)]:
        yield f"You said {' and '.join(far)}. Is {said(now)} right?"
    if says is not None and first is not None and base and base.plan_year != now.plan_year and says < first:
        year = year_label(base.plan_year) if base.plan_year else ""
        yield f"It is less than in {year}, the year before the plan ({said(base)}). Is that right?"


def when(then: Answer, now: Answer) -> str:
    other = then.plan_year and then.plan_year != now.plan_year
    return f" in {year_label(then.plan_year)}" if other and then.plan_year else " last time"
