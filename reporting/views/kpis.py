"""One KPI: its wording, reading and rule, its figure, and everything that the figure is made of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse

from members.numbers import counted
from members.permissions import Target, may
from reporting.achievement import Status
from reporting.answer_evidence import Piece, piece_of_fact
from reporting.audience import shown_to
from reporting.commentary import comments_at, round_at
from reporting.explanation import STATES, Line, amount_words, how_many
from reporting.facts import OrganisationFact, rule_of
from reporting.inputs import Answer
from reporting.looking import Look, Missing
from reporting.presentation import (
    MOST_SQUARES,
    STATE_LETTERS,
    WORDS,
    chart,
    day_words,
    member_states,
    percent_words,
    row,
    square_bar,
    square_key,
    squares,
    target_words,
    value_words,
    year_bullet,
)
from reporting.report import NOTHING_BEHIND, Behind, Report, kpi_report
from reporting.striking import struck
from reporting.wording import unit_words
from workplan.agreement import differences
from workplan.calendar import ONE_DAY, year_label
from workplan.choices import Kind, Period, Source
from workplan.models import Wording
from workplan.queries import amendments_on
from workplan.tree import FocusAreaText, KpiText

from .base import Content, before_and_after, crumb, drawn, href, link_to, names_of, page, past_of


@page("dashboard.focus_area_released", area="objectives__actions__milestones__kpis__code")
def kpi(request: HttpRequest, look: Look, code: str) -> Content:
    """A KPI's page; beside the explanation stand the evidence and the decisions, for those who may read them."""
    rights = sorted(role.pk for role in look.user.held_roles)
    about = f"workplan.kpi/{look.occasion.plan.code}/{code}"

    def content() -> Content:
        return kpi_content(look, code) | {"past": past_of(request, look, about)}

    return drawn(request, look, "kpi.html", content, rights)


def kpi_content(look: Look, code: str) -> Content:
    report, behind = explained(look, code)
    found = next(each for each in report.plan.kpis if each.code == code)
    area = area_of(report, found)
    result, explanation = report.results[code], report.explanations[code]
    named = look.names_members(area.co_coordinators)
    codes = [each.code for each in report.plan.kpis]
    previous, following = before_and_after(codes, code)
    series = report.series[code]
    status = WORDS[result.status]
    return {
        "title": f"{code}: {headline(found, result.value)}, {status} as at {day_words(report.as_of)}",
        "report": report,
        "row": row(report, found),
        "kpi": found,
        "contradictions": differences(found.target, found.reading),
        "target_is": amount_words(rule_of(found.reading)),
        "result": result,
        "explanation": explanation,
        "facts": facts(report, found),
        "years": years(found, report),
        "years_met": f"{result.years_met} of {len(result.years)}",
        "reporters": reporters(report, found),
        **figure_content(look, found),
        "by_name": named,
        **reading_words(report, found, named=named),
        **members_content(look, report, found, behind),
        "others": list(records(look, report, found, behind)) if named else [],
        "tallied": [] if named else list(tallied(report, explanation.lines)),
        "may_list_activities": may(look.user, "activity.list"),
        "chart": chart(report, found),
        "history": [
            {
                "day": point.day,
                "round": point.round,
                "value": value_words(found, point.value),
                "expected": value_words(found, point.expected),
                "percent": percent_words(point.percent),
                "status": point.status.value,
            }
            for point in series
        ],
        "amended": list(amended(look, found)),
        **comment_content(look, report, found, area),
        "crumbs": [
            crumb(look, "overview", "Overview"),
            crumb(look, "focus_area", f"Focus Area {area.code}: {area.title}", area.code),
        ],
        "previous": link_to(look, "kpi", previous),
        "next": link_to(look, "kpi", following),
    }


def amended(look: Look, found: KpiText) -> Iterator[Content]:
    """What the plan says of the KPI otherwise than this page: from a later day on, or because it was amended after the
    figures were released."""
    plan, reads = look.occasion.plan, may(look.user, "plan.diff")
    for each in amendments_on(plan, found.code):
        after = look.released and each.published_at > look.release.published_at
        if after or each.valid_from > look.as_of:
            yield {
                "amendment": each,
                "target": each.target if each.target != found.target else "",
                "href": reverse("amendment", args=[plan.code, each.number]) if reads else "",
            }


def comment_content(look: Look, report: Report, found: KpiText, area: FocusAreaText) -> dict[str, str]:
    """The comment on the KPI, and the round in which the reader may write one."""
    target = Target(focus_area_organisations=frozenset(area.co_coordinators), submitted=True)
    if look.released or not look.sees_area(area.co_coordinators):
        return {"comment": report.comments.get(found.code, "")}
    round = round_at(look.occasion)
    writes = round is not None and round.asks(found.id) and may(look.user, "kpi_comment.edit", target)
    said = comments_at(look.occasion).get(found.code, "")
    return {"comment": said, "comment_round": round.code if round and writes else ""}


def reading_words(report: Report, found: KpiText, *, named: bool) -> dict[str, str]:
    """What people wrote of the reading; without the names of Members where none is named."""
    reading = found.reading
    said = {"note": reading.note, "confirmed_why": reading.confirmed_why, "baseline_reason": reading.baseline_reason}
    return {name: text if named else struck(text or "", report.organisations) for name, text in said.items()}


def area_of(report: Report, found: KpiText) -> FocusAreaText:
    return next(each for each in report.plan.focus_areas if found in tuple(each.kpis))


def explained(look: Look, code: str) -> tuple[Report, Behind]:
    """The report that explains this KPI, and of the moment the answers behind it."""
    if look.released:
        report = look.report_of(look.release)
        if code not in report.explanations:
            raise Missing(f"There is no KPI {code} in this release", "The work plan lists all of them.")
        return report, NOTHING_BEHIND
    try:
        return kpi_report(look.occasion, code, shown_to(look.user, "version__activity"))
    except KeyError as error:
        never = Missing(f"There is no KPI {code} in this plan", "The work plan lists all of them.")
        raise not_then(look, Kind.KPI, code) or never from error


def not_then(look: Look, kind: Kind, code: str) -> Missing | None:
    """Why there is no such element at the date: it was retired, or it begins later; None where there never was one."""
    versions = Wording.objects.filter(**{f"{kind}__plan": look.occasion.plan, f"{kind}__code": code})
    versions = versions.select_related("amendment").order_by("valid_from")
    retired, first, name = versions.filter(retired=True).first(), versions.first(), f"{kind.label} {code}"

    def as_at(day: date) -> dict[str, str]:
        address = reverse(kind.value, args=[look.occasion.plan.code, code])
        return {"href": address + look.query(**{"as-at": day.isoformat()}), "text": f"{name} as at {day_words(day)}"}

    if retired and retired.amendment:
        title = f"{name} was retired on {day_words(retired.valid_from)}, by amendment {retired.amendment.number}"
        return Missing(title, "Its figures stand at earlier dates.", way=as_at(retired.valid_from - ONE_DAY))
    if first and first.valid_from > look.as_of:
        begins = first.valid_from
        return Missing(f"{name} begins on {day_words(begins)}", "Choose a later date.", way=as_at(begins))
    return None


def headline(found: KpiText, value: Decimal | None) -> str:
    """The figure for a heading: "26 Members (target 28)", "56.67 % (target 50 %)"."""
    unit = found.reading.unit
    if value is None:
        return "no value yet"
    if unit in ("percent", "score"):
        return f"{value_words(found, value)} (target {target_words(found)})"
    return f"{value_words(found, value)} {unit.split(' that ')[0]} (target {target_words(found)})"


def facts(report: Report, found: KpiText) -> list[Content]:
    """The row of figures under the bullet."""
    result, reading = report.results[found.code], found.reading
    row = [
        {
            "name": f"Target {day_words(report.plan.deliverable_date)}",
            "value": target_words(found),
            "mark": "target",
        }
    ]
    if reading.period is Period.EACH_YEAR:
        row[0]["name"] = "Target, each plan year"
    row.append({"name": "Expected by now", "value": value_words(found, result.expected), "mark": "expected"})
    row.append(
        {
            "name": baseline_name(report, found),
            "value": value_words(found, result.baseline),
            "mark": "baseline",
        }
    )
    if result.baseline != result.baseline_collected and result.baseline_collected is not None:
        row.append({"name": "Collected for the baseline", "value": value_words(found, result.baseline_collected)})
    if result.progress is not None:
        row.append({"name": "Progress from the baseline", "value": f"{percent_words(result.progress)} %"})
    if report.results[found.code].counted or result.pending or result.unanswered:
        row.append({"name": "Pending", "value": str(len(result.pending)), "mark": "pending"})
        row.append({"name": "Silent", "value": str(len(result.unanswered)), "mark": "silent"})
    return row


def baseline_name(report: Report, found: KpiText) -> str:
    if found.reading.baseline_origin:
        return f"Baseline, {found.reading.baseline_origin.label}"
    if found.reading.period is Period.EACH_YEAR:
        return "Baseline, base year"
    return f"Baseline {day_words(report.plan.baseline_date)}"


def years(found: KpiText, report: Report) -> list[Content]:
    """A row for each plan year begun, of a KPI that is counted each year."""
    return [
        {
            "year": year.year,
            "value": value_words(found, year.value),
            "percent": percent_words(year.percent),
            "bullet": year_bullet(found, year),
            "met": {True: "reached", False: "not_achieved", None: ""}[year.met],
        }
        for year in report.results[found.code].years
    ]


def figure_content(look: Look, found: KpiText) -> dict[str, str]:
    """What figures are stated in, and what they are compared with."""
    if found.reading.source is not Source.FIGURES:
        return {}
    words = unit_words(found.reading.measure, found.reading.unit)
    return {"counted_in": words, "base_year": year_label(look.occasion.plan.starts.year - 1)}


def reporters(report: Report, found: KpiText) -> str:
    names = names_of(report)
    named = [names[code] for code in found.reading.reporters]
    group = [found.reading.reporter_group.label] if found.reading.reporter_group else []
    return ", ".join([*group, *named])


# ---------------------------------------------------------------- the Members


def members_content(look: Look, report: Report, found: KpiText, behind: Behind) -> Content:
    """The squares and the table by group, for a KPI that names Members, once it has begun."""
    result = report.results[found.code]
    if not rule_of(found.reading).names_members or result.status is Status.NOT_BEGUN:
        return {}
    states = member_states(result)
    members = report.members()
    named = look.names_members(area_of(report, found).co_coordinators)
    few = named and len(members) <= MOST_SQUARES
    target = int(found.reading.target)
    lines = {line.subject: line for line in report.explanations[found.code].lines if line.kind == "member"}
    readable = readable_answers(look, report, found, behind.members)
    links = {each.code: f"#{each.code}" for each in members}
    return {
        "named": True,
        "groups": squares(members, states, links, target) if few else [],
        "parts": [] if few else square_bar(states),
        "bar_target": round(1000 * target / max(len(members), 1)),
        "key": square_key(states),
        "target_line": f"{target} of {len(members)}",
        "reads_answers": bool(readable) or look.sees_unreleased_region,
        "member_groups": by_group(look, report, found, lines, readable, behind),
        "without_base": without_base(report, result.without_base, named=named),
    }


def without_base(report: Report, codes: Sequence[str], *, named: bool) -> str:
    return ", ".join(names_of(report)[code] for code in codes) if named or not codes else counted(len(codes), "Member")


def readable_answers(look: Look, report: Report, found: KpiText, answers: Mapping[str, Answer]) -> Mapping[str, Answer]:
    """Member -> the answer that decides, with its comment and evidence, where the reader may see these."""
    area = area_of(report, found)
    owners = frozenset(area.co_coordinators)
    return {
        code: answer
        for code, answer in answers.items()
        if may(look.user, "submission.view", Target(frozenset({code}), owners, submitted=True))
    }


def by_group(
    look: Look,
    report: Report,
    found: KpiText,
    lines: Mapping[str, Line],
    readable: Mapping[str, Answer],
    behind: Behind,
) -> list[Content]:
    """The Members with a row each that the reader may see by name, and in each group how many count. Where Members are
    not named there are no groups: of one in which all count, or none, that would name them."""
    groups: list[Content] = []
    owners = area_of(report, found).co_coordinators
    last, area, named = last_round(report), frozenset(owners), look.names_members(owners)
    for member in report.members():
        if member.code not in lines:
            continue
        group = member.group_label if named else ""
        if not groups or groups[-1]["name"] != group:
            groups.append({"name": group, "rows": [], "counted": 0, "members": 0})
        groups[-1]["members"] += 1
        groups[-1]["counted"] += STATE_LETTERS[lines[member.code].state] == "y"
        if not (named or look.sees_member(member.code, area)):
            continue
        answer = readable.get(member.code)
        row = member_row(look, member, lines[member.code], answer, last, found, area)
        groups[-1]["rows"].append(
            row | {"pieces": pieces(look, found, behind, member.code, answer.year) if answer else ()}
        )
    return groups


def member_row(
    look: Look,
    member: OrganisationFact,
    line: Line,
    answer: Answer | None,
    last: date | None,
    found: KpiText,
    co_coordinators: frozenset[str],
) -> Content:
    standing = found.reading.source is Source.STATUS
    return {
        "code": member.code,
        "name": member.name,
        "href": href(look, "member", member.code) if look.sees_member(member.code, co_coordinators) else "",
        "letter": STATE_LETTERS[line.state],
        "state": STATES[line.state],
        "line": line,
        "note": answer.note if answer else None,
        "not_renewed": standing and bool(last and line.day and line.day < last),
    }


# ---------------------------------------------------------------- what shows it


def pieces(look: Look, found: KpiText, behind: Behind, code: str, year: int | None) -> list[Piece]:
    """What shows the answer of an organisation, for who may see that."""
    return [piece_of_fact(look, code, found.code, each) for each in behind.shows.get((code, year), ())]


def records(look: Look, report: Report, found: KpiText, behind: Behind) -> Iterator[Content]:
    """Each line of what the figure is made of, beside the Members; of an answer with what its organisation says of it
    and what shows it, where the reader may see that."""
    owners, figures = frozenset(area_of(report, found).co_coordinators), iter(behind.figures)
    for line in report.explanations[found.code].lines:
        if line.kind == "member":
            continue
        answer = next(figures, None) if line.kind == "figure" else None
        about = Target(frozenset({line.subject}), owners, submitted=True)
        reads = line.kind in ("figure", "attestation") and may(look.user, "submission.view", about)
        yield {
            "line": line,
            "base_year": answer is not None and answer.year == look.occasion.plan.starts.year - 1,
            "note": answer.note if answer and reads else None,
            "pieces": pieces(look, found, behind, line.subject, answer.year if answer else None) if reads else [],
        }


def tallied(report: Report, lines: Iterable[Line]) -> Iterator[Content]:
    """How many records count, and how many do not for which reason; none is named."""
    found: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if line.kind != "member":
            found[line.state, line.why] += how_many(line)
    for (state, why), many in found.most_common():
        yield {"state": STATES.get(state, "Attested"), "why": struck(why, report.organisations), "many": many}


def last_round(report: Report) -> date | None:
    """The as-at date of the latest closed round up to the report's date."""
    return max(
        (each.as_at for each in report.rounds if each.state == "closed" and each.as_at <= report.as_of),
        default=None,
    )
