"""Figures as the documents say them: as the pages do, with a percent sign that stays on the line of its number."""

from decimal import Decimal

from reporting import presentation
from workplan.tree import KpiText

TOGETHER = "\u00a0"


def value_words(kpi: KpiText, value: Decimal | None) -> str:
    return presentation.value_words(kpi, value).replace(" ", TOGETHER)


def target_words(kpi: KpiText) -> str:
    return presentation.target_words(kpi).replace(" ", TOGETHER)
