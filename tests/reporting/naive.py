"""From rows to facts the slow way: row by row in Python, with nothing left out and nothing put together. What the
reports give must be what these facts give."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from members.models import Attribute, Membership, Organisation
from reporting import inputs
from reporting.achievement import Result, achievement
from reporting.inputs import AnswerState, Basis, Facts, Frame, Roster, Rosters, Rule
from reporting.models import ActivityVersion, Answer, ArrangementVersion, Round
from workplan.choices import Source, Standing
from workplan.models import Plan
from workplan.queries import plan_at
from workplan.tree import KpiText

STATES = {"accepted": AnswerState.ACCEPTED, "submitted": AnswerState.SUBMITTED, "returned": AnswerState.RETURNED}


def covers(first: date | None, last: date | None, day: date) -> bool:
    return (first is None or first <= day) and (last is None or day < last)


class Register:
    """Who is a Member, and developed, on which days; read once."""

    def __init__(self) -> None:
        members = Membership.objects.values_list("organisation__code", "joined", "left")
        developed = Attribute.objects.filter(name="developed").values_list("organisation__code", "since", "until")
        self.membership, self.developed = list(members), list(developed)
        self.administrations = frozenset(Organisation.objects.filter(kind="member").values_list("code", flat=True))

    def roster(self, kpi: KpiText, day: date) -> Roster:
        members = frozenset(code for code, *term in self.membership if covers(*term, day))
        asked = frozenset(kpi.reading.reporters) - (self.administrations - members)
        if kpi.reading.reporter_group == "members":
            asked |= members
        elif kpi.reading.reporter_group == "developed":
            asked |= members & {code for code, *term in self.developed if covers(*term, day)}
        return Roster(members, asked)


def rank_of_rounds() -> dict[int, int]:
    """By as-at date; of two with the same, the one opened later wins; one that was never opened comes first."""
    rounds = sorted(
        Round.objects.all(), key=lambda each: (each.as_at, each.opened_at is not None, str(each.opened_at), each.pk)
    )
    return {each.pk: rank for rank, each in enumerate(rounds)}


def answers() -> dict[int, list[inputs.Answer]]:
    found, ranks = defaultdict(list), rank_of_rounds()
    for row in Answer.objects.select_related("organisation", "submission__round", "reading"):
        if row.state in STATES:
            found[row.kpi_id].append(
                inputs.Answer(
                    organisations=frozenset([row.organisation.code]),
                    year=row.plan_year,
                    as_at=row.submission.round.as_at,
                    order=(ranks[row.submission.round_id], row.plan_year or 0, row.version),
                    state=STATES[row.state],
                    source=Source(row.reading.source),
                    standing=Standing(row.standing) if row.standing else None,
                    participated=row.participated,
                    value=row.value,
                    numerator=row.numerator,
                    denominator=row.denominator,
                    register_complete=row.register_complete,
                )
            )
    return found


def speaking(versions: list) -> dict[int, tuple[bool, bool]]:
    """Version -> does it speak on the accepted and on the reported basis: the last confirmed one, and the last one that
    is confirmed or undecided."""
    owners = defaultdict(list)
    for version in sorted(versions, key=lambda each: each.number):
        owners[getattr(version, "activity_id", None) or getattr(version, "arrangement_id", None)].append(version)
    found = {}
    for own in owners.values():
        confirmed = [each.pk for each in own if each.decision == "confirmed"][-1:]
        told = [each.pk for each in own if each.decision in ("confirmed", "undecided")][-1:]
        found |= {each.pk: (each.pk in confirmed, each.pk in told) for each in own}
    return found


def activities() -> tuple[dict[int, list[inputs.Activity]], dict[int, list[inputs.Participation]]]:
    events, parts = defaultdict(list), defaultdict(list)
    versions = list(ActivityVersion.objects.prefetch_related("links", "parts__organisation").select_related("activity"))
    speaks = speaking(versions)
    for version in versions:
        accepted, reported = speaks[version.pk]
        if not (accepted or reported or version.decision in ("refused", "withdrawn")):
            continue
        day, held = version.end or version.start, version.status == "held"
        reference = version.activity.reference
        for link in version.links.all():
            said = (link.items, version.rating, version.respondents, reference, version.title)
            events[link.kpi_id].append(inputs.Activity(day, accepted, reported, held, *said))
            for part in version.parts.all():
                flags = (accepted, reported, held, part.organises or part.contributes, part.contested)
                stated = part.participants is not None and part.women is not None
                numbers = (part.participants, part.women) if stated else (None, None)
                heads = (int(part.head != ""), int(part.head == "f"))
                who = frozenset([part.organisation.code])
                parts[link.kpi_id].append(inputs.Participation(who, day, *flags, *numbers, *heads, reference))
    return events, parts


def known_from(version: ArrangementVersion) -> date | None:
    signed = date.fromisoformat((version.signed + "-01-01")[:10]) if version.signed else None
    return min((day for day in (signed, version.in_force) if day), default=None)


def arrangements() -> tuple[inputs.Arrangement, ...]:
    versions = list(ArrangementVersion.objects.select_related("arrangement__party_a", "arrangement__party_b"))
    speaks = speaking(versions)
    return tuple(
        inputs.Arrangement(
            parties=frozenset((each.arrangement.party_a.code, each.arrangement.party_b.code)),
            accepted=speaks[each.pk][0],
            reported=speaks[each.pk][1],
            in_force=each.in_force,
            ended=each.ended,
            known_from=known_from(each),
        )
        for each in versions
        if any(speaks[each.pk])
    )


class Naive:
    """All rows, read once; ``results`` counts every KPI at a date."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.register = plan, Register()
        self.answers, self.arrangements = answers(), arrangements()
        self.events, self.parts = activities()

    def facts(self, kpi: KpiText) -> Facts:
        pairs = self.arrangements if kpi.reading.source is Source.ARRANGEMENTS else ()
        by_kpi = (self.answers, self.events, self.parts)
        return Facts(*(tuple(rows.get(kpi.id, ())) for rows in by_kpi), arrangements=pairs)

    def results(self, day: date, basis: Basis) -> dict[str, Result]:
        plan, text = self.plan, plan_at(self.plan, day)
        shares = (Fraction(plan.at_risk_share), Fraction(plan.round_up_from))
        frame = Frame(plan.starts, plan.ends, plan.baseline_date, plan.deliverable_date, *shares)
        return {
            kpi.code: achievement(rule(kpi), self.facts(kpi), frame, self.rosters(kpi, day), day, basis)
            for kpi in text.kpis
        }

    def rosters(self, kpi: KpiText, day: date) -> Rosters:
        return Rosters(self.register.roster(kpi, day), self.register.roster(kpi, self.plan.baseline_date))


def rule(kpi: KpiText) -> Rule:
    reading = kpi.reading
    return Rule(
        source=reading.source,
        measure=reading.measure,
        period=reading.period,
        target=Fraction(reading.target),
        counts_from=reading.counts_from,
        part=reading.part,
        pair_from=reading.pair_from,
        plurilateral=reading.plurilateral,
        baseline=None if reading.baseline is None else Fraction(reading.baseline),
        denominator=reading.denominator,
        unit=reading.unit,
    )
