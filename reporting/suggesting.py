"""For which KPIs an activity may count: as those like it did, or by the words that both have. A person decides."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from rapidfuzz import fuzz, process, utils

from workplan.choices import Source
from workplan.models import Plan
from workplan.tree import KpiText, PlanText

from .models import ActivityLink

MOST = 4
LIKE_FROM = 60
"""How alike two titles are, from 0 to 100, to count for the same."""
COMPARED = 2_000
"""Links of the same kind that are looked through, the latest first."""
LETTERS = 4
"""Of a word that says what something is about."""
COMMON = frozenset(
    {
        *("about", "among", "with", "from", "that", "this", "their", "other", "between", "region", "regional"),
        *("member", "members", "customs", "number", "activity", "activities", "held", "level", "plan", "programme"),
    }
)
"""Words that stand in too many KPIs to tell one from another."""


@dataclass(frozen=True)
class Suggestion:
    code: str
    text: str
    reason: str


def suggestions(plan: Plan, text: PlanText, title: str, kind: str, shown: Q) -> list[Suggestion]:
    """The likeliest first, each with why. ``shown``: the activities that the reader may know of; one query."""
    words = utils.default_process(title)
    if len(words) < LETTERS:
        return []
    kpis = {each.code: each for each in text.kpis if each.reading.source in (Source.ACTIVITIES, Source.PARTICIPATION)}
    reasons: dict[str, str] = {}
    for code, reason in (*by_records(plan, words, kind, shown), *by_words(kpis, words)):
        if code in kpis:
            reasons.setdefault(code, reason)
    return [Suggestion(code, kpis[code].text, reason) for code, reason in list(reasons.items())[:MOST]]


def by_records(plan: Plan, words: str, kind: str, shown: Q) -> Iterator[tuple[str, str]]:
    """The KPIs of the records that are called nearly so, of the same kind."""
    speaks = Q(version__accepted=True) | Q(version__reported=True)
    links = ActivityLink.objects.filter(speaks, shown, kpi__plan=plan, version__kind=kind)
    rows = links.order_by("-version__day").values_list("version__title", "kpi__code")[:COMPARED]
    codes: dict[str, list[str]] = defaultdict(list)
    for title, code in rows:
        codes[title].append(code)
    found = process.extract(
        words, list(codes), scorer=fuzz.token_sort_ratio, processor=utils.default_process,
        score_cutoff=LIKE_FROM, limit=MOST,
    )  # fmt: skip
    for title, _, _ in found:
        for code in dict.fromkeys(codes[title]):
            yield code, f"as “{title}” did"


def by_words(kpis: dict[str, KpiText], words: str) -> Iterator[tuple[str, str]]:
    """The KPIs that say the same words, those with the most first."""
    wanted = telling(words)
    shared = {code: sorted(wanted & telling(f"{each.text} {each.reading.question}")) for code, each in kpis.items()}
    many = Counter({code: len(found) for code, found in shared.items() if found})
    for code, _ in many.most_common(MOST):
        yield code, f"it says “{'”, “'.join(shared[code])}”, too"


def telling(text: str) -> frozenset[str]:
    """Its words without an s at the end, but short and common ones."""
    words = re.findall(r"[a-z]+", text.lower())
    return frozenset(word.rstrip("s") for word in words if len(word) >= LETTERS and word not in COMMON)
