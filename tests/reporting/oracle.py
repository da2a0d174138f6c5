"""A second, naive reading of domain.md, "How a KPI is counted" and "Achievement at a date D".

Written sentence by sentence from the text (quoted in the comments), slow and without cleverness, and sharing
nothing with the implementation but the types of its facts. ``test_achievement_laws.py`` holds the two against
each other."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from reporting.inputs import (
    Activity,
    Answer,
    AnswerState,
    Arrangement,
    Basis,
    Facts,
    Frame,
    Participation,
    Roster,
    Rosters,
    Rule,
)
from workplan.choices import Measure, Part, Period, Source, Standing

LEVELS = ("women_share", "women_heads_share", "average", "growth", "share")
NAMED = ("members", "members_growing")
ORDER_OF_STANDING = ["not_started", "planned", "in_progress", "in_place"]


@dataclass(frozen=True)
class Year:
    label: str
    first_day: date
    last_day: date
    number: int


@dataclass(frozen=True)
class Expectation:
    """What the oracle says of one KPI at one date."""

    value: Decimal | None
    baseline: Decimal | None
    percent: Decimal | None
    progress: Decimal | None
    expected: Decimal | None
    status: str
    counted: tuple[str, ...]
    not_counted: tuple[str, ...]
    pending: tuple[str, ...]
    unanswered: tuple[str, ...]
    being_corrected: tuple[str, ...]
    not_applicable: tuple[str, ...]
    without_base: tuple[str, ...]
    years: tuple[tuple[str, Decimal | None, Decimal | None, bool | None], ...]


# --- "Plan year: 1 July - 30 June, written 2026/27, 2027/28; 2025/26 is the base year" ---


def plan_year(first: int, frame: Frame) -> Year:
    """Twelve months that start on the plan's own day of the year."""
    first_day = date(first, frame.starts.month, frame.starts.day)
    last_day = date(first + 1, frame.starts.month, frame.starts.day) - timedelta(days=1)
    return Year(f"{first}/{str(first + 1)[2:]}", first_day, last_day, first)


def years_of_plan(frame: Frame) -> list[Year]:
    return [plan_year(first, frame) for first in range(frame.starts.year, frame.ends.year)]


def the_base_year(frame: Frame) -> Year:
    return plan_year(frame.starts.year - 1, frame)


def years_begun(frame: Frame, as_of: date) -> list[Year]:
    return [year for year in years_of_plan(frame) if year.first_day <= as_of]


def year_of(frame: Frame, as_of: date) -> Year:
    """ "each_year: the plan year that D lies in (after the plan's end its last one)" """
    return years_begun(frame, as_of)[-1]


def has_ended(year: Year, as_of: date) -> bool:
    """ "A plan year has ended from its last day on, that day included." """
    return as_of >= year.last_day


# --- "Basis" ---


class View:
    """The facts "up to D" on a basis, with nothing worked out beforehand."""

    def __init__(self, rule: Rule, facts: Facts, frame: Frame, as_of: date, basis: Basis) -> None:
        self.rule, self.frame, self.as_of, self.basis = rule, frame, as_of, basis
        # "where the source of a KPI changes, older answers are shown, not counted, and asked again"
        # "An answer speaks as at its round's date."
        self.answers = [a for a in facts.answers if a.source == rule.source and a.as_at <= as_of]
        self.activities = facts.activities
        self.participations = facts.participations
        self.arrangements = facts.arrangements

    # "accepted counts accepted answers and confirmed records; reported also those sent and not yet decided, a
    # newer one before an older one; the order of entry never matters. Drafts and returned answers count
    # nowhere."

    def counting_answers(self) -> list[Answer]:
        states = [AnswerState.ACCEPTED]
        if self.basis == Basis.REPORTED:
            states.append(AnswerState.SUBMITTED)
        return [a for a in self.answers if a.state in states]

    def latest_counted(self) -> list[Answer]:
        """ "A later answer replaces an earlier one on the same KPI (and plan year), also downwards" """
        answers = self.counting_answers()
        return [a for a in answers if not any(is_later_on_the_same(b, a) for b in answers)]

    def latest_of(self, organisation: str, year: int | None) -> Answer | None:
        for answer in self.latest_counted():
            if answer.organisation == organisation and answer.year == year:
                return answer
        return None

    def speaks(self, version: Activity | Participation | Arrangement) -> bool:
        return version.accepted if self.basis == Basis.ACCEPTED else version.reported

    def counted_activities(self, first: date, last: date) -> list[Activity]:
        """ "only held ones can be confirmed, and only then count" """
        return [a for a in self.activities if a.held and self.speaks(a) and first <= a.day <= min(last, self.as_of)]

    def counted_parts(self, first: date, last: date) -> list[Participation]:
        """ "a Member may contest its own part, which then does not count until settled" """
        return [
            p
            for p in self.participations
            if p.held and self.speaks(p) and not p.contested and first <= p.day <= min(last, self.as_of)
        ]


def is_later_on_the_same(one: Answer, other: Answer) -> bool:
    return (one.organisation, one.year) == (other.organisation, other.year) and one.order > other.order


# --- "How a KPI is counted": the table, row by row; each gives the Members that count ---


def status_members(view: View, roster: Roster) -> set[str]:
    """ "distinct Members whose latest counted answer as at or before D has a standing of at least
    `counts_from`" """
    needed = ORDER_OF_STANDING.index(str(view.rule.counts_from))
    found = set()
    for answer in view.latest_counted():
        # "`not_applicable` ... is an answer to any KPI and never counts"
        if answer.standing in ORDER_OF_STANDING and ORDER_OF_STANDING.index(str(answer.standing)) >= needed:
            found.add(answer.organisation)
    return found & roster.members  # "Only Members count for `members`, `pairs` and `members_growing`"


def part_would_count(rule: Rule, part: Participation) -> bool:
    """ "`part` any: organisers, contributors and participants; contributing: organisers and contributors"; a
    status or a figure is not counted from activities at all."""
    if rule.source != Source.PARTICIPATION:
        return False
    return rule.part == Part.ANY or part.contributing


def participating_members(view: View, roster: Roster, years: list[Year]) -> set[str]:
    """ "distinct Members with a yes: the latest counted answer for the plan year, or their part in a counted
    activity of this KPI dated in it; once per Member, however many" """
    found = set()
    for year in years:
        for answer in view.latest_counted():
            if answer.year == year.number and answer.participated is True:
                found.add(answer.organisation)
        for part in view.counted_parts(year.first_day, year.last_day):
            if part_would_count(view.rule, part):
                found.add(part.organisation)
    return found & roster.members


def growing_members(view: View, roster: Roster) -> set[str]:
    """ "Members whose figure for the latest plan year that they have stated, of those begun by D, exceeds
    their own figure for 2025/26; Members without a base figure are listed, not counted" """
    found = set()
    for member in roster.members:
        base = figure(view, member, the_base_year(view.frame))
        stated = [figure(view, member, year) for year in years_begun(view.frame, view.as_of)]
        stated = [number for number in stated if number is not None]
        if base is not None and stated and stated[-1] > base:
            found.add(member)
    return found


def members_without_base(view: View, roster: Roster) -> set[str]:
    """ "Members without a base figure are listed, not counted": those that have stated one to compare with
    it."""
    return {
        member
        for member in roster.members
        if figure(view, member, the_base_year(view.frame)) is None
        and any(figure(view, member, year) is not None for year in years_begun(view.frame, view.as_of))
    }


def figure(view: View, organisation: str, year: Year) -> Decimal | None:
    answer = view.latest_of(organisation, year.number)
    return answer.value if answer else None


# --- the other rows of the table ---


def items(view: View, first: date, last: date) -> Fraction:
    """ "how many items the counted activities of this KPI stand for" """
    return Fraction(sum(a.items for a in view.counted_activities(first, last)))


def women_share(view: View, first: date, last: date) -> Fraction | None:
    """ "100 x women / participants, summed over the participations ... that state both" """
    parts = [p for p in view.counted_parts(first, last) if p.participants is not None and p.women is not None]
    return hundred_times(sum(p.women for p in parts), sum(p.participants for p in parts))


def women_heads_share(view: View, first: date, last: date) -> Fraction | None:
    """ "100 x delegations headed by a woman / delegations whose head is stated" """
    heads = [p.woman_heads == 1 for p in view.counted_parts(first, last) if p.heads]
    return hundred_times(heads.count(True), len(heads))


def average(view: View, first: date, last: date) -> Fraction | None:
    """ "mean rating weighted by respondents, over the activities that state both" """
    rated = [a for a in view.counted_activities(first, last) if a.rating is not None and a.respondents is not None]
    respondents = sum(a.respondents for a in rated)
    if respondents == 0:
        return None
    return Fraction(sum(a.rating * a.respondents for a in rated)) / respondents


def pairs(view: View, roster: Roster) -> Fraction:
    """ "distinct unordered pairs of Members with a counted arrangement in force at D (in force on or before
    D, not ended on or before D); one without a date in force is shown as signed and not counted" """
    found = set()
    for arrangement in view.arrangements:
        days = [arrangement.in_force, arrangement.signed if view.rule.pair_from == "signed" else None]
        in_force = any(day is not None and day <= view.as_of for day in days)
        ended = arrangement.ended is not None and arrangement.ended <= view.as_of
        between_members = all(party in roster.members for party in arrangement.parties)
        if view.speaks(arrangement) and not arrangement.contested and in_force and not ended and between_members:
            one = view.rule.plurilateral == "one" and arrangement.plurilateral
            found.add(arrangement.plurilateral if one else tuple(sorted(arrangement.parties)))
    return Fraction(len(found))


def total(view: View, year: Year) -> Fraction:
    """ "sum over organisations of the plan year's figure" """
    stated = [a.value for a in view.latest_counted() if a.year == year.number and a.value is not None]
    return Fraction(sum(stated))


def final_total(view: View, year: Year) -> Fraction | None:
    """ "from figures stated as at or after the end of their year (an earlier one is partial: shown, not
    judged)" """
    stated = [a for a in view.latest_counted() if a.year == year.number and a.value is not None]
    final = [a.value for a in stated if a.as_at >= year.last_day]
    return Fraction(sum(final)) if final else None


def growth(view: View, year: Year) -> Fraction | None:
    """ "100 x (a finished plan year's total / the one before - 1), 2025/26 being the base of the first ...;
    none where the base is missing or zero" """
    if not has_ended(year, view.as_of):
        return None
    before = final_total(view, plan_year(year.number - 1, view.frame))
    this = final_total(view, year)
    if this is None or before is None or before == 0:
        return None
    return 100 * (this / before - 1)


def share(view: View) -> Fraction | None:
    """ "100 x sum of numerators / sum of denominators over the plan years begun; none where the denominators
    sum to zero" """
    begun = [year.number for year in years_begun(view.frame, view.as_of)]
    stated = [a for a in view.latest_counted() if a.year in begun and a.denominator is not None]
    return hundred_times(sum(a.numerator for a in stated), sum(a.denominator for a in stated))


def hundred_times(above: Decimal | int, below: Decimal | int) -> Fraction | None:
    return 100 * Fraction(above) / Fraction(below) if below else None


# --- the value ---


def is_recorded(view: View, first: date, last: date, years: list[Year]) -> bool:
    """ "nothing recorded but attested ... is a 0; nothing recorded and not attested is no value. A counted
    answer of any kind is a fact, and so is a counted activity, whoever took part." """
    numbers = [year.number for year in years]
    for answer in view.counting_answers():
        if answer.year in numbers or (answer.year is None and first <= answer.as_at <= last):
            return True
    return bool(view.counted_activities(first, last))


def is_recorded_for_standing(view: View) -> bool:
    """ "standing: the state at D": whatever is recorded by D, be it from before the plan's start; an
    attestation only "as at a date in the plan and up to D" (which the baseline date is not)."""
    if view.rule.source == Source.STATUS:
        return bool(view.counting_answers())
    first, last = view.frame.starts, view.frame.ends
    attested = [a for a in view.counting_answers() if first <= a.as_at <= last]
    return bool(attested or recorded_arrangements(view))


def recorded_arrangements(view: View) -> list[Arrangement]:
    """Those of which anything is recorded by D, in force or only signed."""
    return [a for a in view.arrangements if view.speaks(a) and (a.known_from is None or a.known_from <= view.as_of)]


def members_that_count(view: View, roster: Roster) -> set[str]:
    """The Members behind the value at D, for the measures that name them."""
    rule, frame = view.rule, view.frame
    if rule.period != Period.STANDING and view.as_of < frame.starts:
        return set()  # "Before the plan's start only standing KPIs have a value."
    if rule.source == Source.STATUS:
        return status_members(view, roster)
    if rule.measure == Measure.MEMBERS_GROWING:
        return growing_members(view, roster)
    return participating_members(view, roster, time_of(rule, frame, view.as_of))


def time_of(rule: Rule, frame: Frame, as_of: date) -> list[Year]:
    """ "each_year: for the plan year of D; plan: for any of the plan's years" """
    if as_of < frame.starts:
        return []
    return [year_of(frame, as_of)] if rule.period == Period.EACH_YEAR else years_of_plan(frame)


def value_in_year(view: View, year: Year, roster: Roster) -> Fraction | None:
    measure = view.rule.measure
    if measure == Measure.MEMBERS:
        return Fraction(len(participating_members(view, roster, [year])))
    if measure == Measure.ITEMS:
        return items(view, year.first_day, year.last_day)
    if measure == Measure.SUM:
        return total(view, year)
    return growth(view, year)


def value_of_plan(view: View, roster: Roster) -> Fraction | None:
    """ "plan: everything from the plan's start up to D or the plan's end, whichever is earlier" """
    measure, first, last = view.rule.measure, view.frame.starts, view.frame.ends
    if measure in (Measure.MEMBERS, Measure.MEMBERS_GROWING):
        return Fraction(len(members_that_count(view, roster)))
    if measure == Measure.SHARE:
        return share(view)
    by_measure = {
        Measure.ITEMS: items,
        Measure.WOMEN_SHARE: women_share,
        Measure.WOMEN_HEADS_SHARE: women_heads_share,
        Measure.AVERAGE: average,
    }
    return by_measure[measure](view, first, last)


def exact_value(view: View, roster: Roster) -> Fraction | None:
    rule, frame = view.rule, view.frame
    if rule.period == Period.STANDING:
        return standing_value(view, roster)
    # "Where nothing at all has been counted for the KPI in the plan up to D there is no value"
    if view.as_of < frame.starts or not recorded_in_plan(view):
        return None
    if rule.period == Period.PLAN:
        return value_of_plan(view, roster)
    if rule.measure == Measure.GROWTH:
        # "the value at D is that of the last finished plan year that has one"
        known = [growth(view, year) for year in years_begun(frame, view.as_of)]
        known = [number for number in known if number is not None]
        return known[-1] if known else None
    return value_in_year(view, year_of(frame, view.as_of), roster)


def recorded_in_plan(view: View) -> bool:
    return is_recorded(view, view.frame.starts, view.frame.ends, years_of_plan(view.frame))


def standing_value(view: View, roster: Roster) -> Fraction | None:
    if not is_recorded_for_standing(view):
        return None
    if view.rule.measure == Measure.PAIRS:
        return pairs(view, roster)
    return Fraction(len(status_members(view, roster)))


# --- "baseline" ---


def exact_baseline(rule: Rule, facts: Facts, frame: Frame, roster: Roster, as_of: date) -> Fraction | None:
    """ "the figure that the target text itself states ... or that the secretariat entered with a reason; else
    ..." """
    if rule.baseline is not None:
        return rule.baseline
    return collected_baseline(rule, facts, frame, roster, as_of)


def collected_baseline(rule: Rule, facts: Facts, frame: Frame, roster: Roster, as_of: date) -> Fraction | None:
    if rule.period == Period.STANDING:
        # "standing: the value at the plan's baseline date on the accepted basis, if anything is recorded up
        # to it"
        return standing_value(View(rule, facts, frame, frame.baseline_date, Basis.ACCEPTED), roster)
    if rule.period == Period.EACH_YEAR and rule.measure != Measure.GROWTH:
        # "each_year: the base year's, likewise (growth: none)"
        base = the_base_year(frame)
        view = View(rule, facts, frame, max(as_of, frame.baseline_date), Basis.ACCEPTED)
        answered = [a for a in view.counting_answers() if a.year == base.number]
        # What is attested is not "recorded": of 0 alerts in the base year the secretariat can enter a
        # baseline of 0.
        if answered or view.counted_activities(base.first_day, base.last_day):
            return value_in_year(view, base, roster)
    return None  # "else unknown"


# --- "Percentages have one decimal, levels two, rounded half away from zero" ---


def half_away(number: Fraction, places: int) -> Decimal:
    scaled = abs(number) * 10**places
    whole = int(scaled)
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return Decimal(whole if number >= 0 else -whole).scaleb(-places)


def never_as_reached(number: Fraction, places: int, limit: Fraction) -> Decimal:
    """ "What is below its target is never displayed as having reached it" """
    shown = half_away(number, places)
    while number < limit and shown >= limit:
        shown -= Decimal(1).scaleb(-places)
    return shown


def shown_value(rule: Rule, value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    if rule.measure in LEVELS:
        return never_as_reached(value, 2, rule.target)
    return decimal_of(value)


def decimal_of(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def percent_of(rule: Rule, value: Fraction | None) -> Decimal | None:
    """ "100 x the value shown / target, at least 0, at most 100. No value, no percent." """
    if value is None:
        return None
    percent = min(max(100 * value / rule.target, Fraction(0)), Fraction(100))
    return never_as_reached(percent, 1, Fraction(100))


def progress_of(rule: Rule, value: Fraction | None, baseline: Fraction | None) -> Decimal | None:
    """ "progress (standing only): 100 x (value - baseline) / (target - baseline), empty where the baseline is
    unknown or at or above the target; may be negative" """
    if rule.period != Period.STANDING or value is None or baseline is None or baseline >= rule.target:
        return None
    return never_as_reached(100 * (value - baseline) / (rule.target - baseline), 1, Fraction(100))


# --- "years", "expected at D", "status" ---


def is_met(rule: Rule, year: Year, value: Fraction | None, as_of: date) -> bool | None:
    """ "true once the target is reached, false when the year has ended without it, else open" """
    if value is not None and value >= rule.target:
        return True
    return False if has_ended(year, as_of) else None


def years_with_values(view: View, roster: Roster) -> list[tuple[Year, Fraction | None]]:
    """ "the plan years begun by D"; "else a begun plan year without facts counts 0 (growth: none)" """
    recorded = recorded_in_plan(view)
    return [
        (year, value_in_year(view, year, roster) if recorded else None) for year in years_begun(view.frame, view.as_of)
    ]


def gone_by(first: date, last: date, as_of: date) -> Fraction:
    """ "Elapsed = days from the start to D / days from start to end, between 0 and 1." """
    return min(max(Fraction((as_of - first).days, (last - first).days), Fraction(0)), Fraction(1))


def elapsed(rule: Rule, frame: Frame, as_of: date) -> Fraction:
    if rule.period == Period.EACH_YEAR and as_of >= frame.starts:
        year = year_of(frame, as_of)
        return gone_by(year.first_day, year.last_day, as_of)
    return gone_by(frame.starts, frame.ends, as_of)


def expected_at(rule: Rule, frame: Frame, as_of: date, baseline: Fraction | None) -> Fraction:
    """ "standing: baseline (0 if unknown) + (target - baseline) x elapsed; plan: target x elapsed; each_year:
    target x the year's elapsed share" """
    if rule.measure in LEVELS:
        return rule.target  # "Levels ... expect the full target at any time."
    start = (baseline or Fraction(0)) if rule.period == Period.STANDING else Fraction(0)
    share_gone = elapsed(rule, frame, as_of)
    expected = start + (rule.target - start) * share_gone
    # "Counts are rounded down, from three quarters of the time on up."
    down = expected.numerator // expected.denominator
    up = -(-expected.numerator // expected.denominator)
    return Fraction(up if share_gone >= frame.round_up_from else down)


def expected_as_shown(rule: Rule, frame: Frame, as_of: date, baseline: Fraction | None) -> Decimal | None:
    """Nothing is expected of what has not begun."""
    if rule.period != Period.STANDING and as_of < frame.starts:
        return None
    return shown_value(rule, expected_at(rule, frame, as_of, baseline))


def target_reached(view: View, value: Fraction, roster: Roster) -> bool:
    """ "the target is reached (each_year: in every plan year)" """
    if view.rule.period != Period.EACH_YEAR:
        return value >= view.rule.target
    met = [is_met(view.rule, year, number, view.as_of) for year, number in years_with_values(view, roster)]
    return len(met) == len(years_of_plan(view.frame)) and all(answer is True for answer in met)


def status_of(view: View, roster: Roster, value: Fraction | None, baseline: Fraction | None) -> str:
    """ "status, the first that fits" """
    rule, frame, as_of = view.rule, view.frame, view.as_of
    if as_of < frame.starts and rule.period != Period.STANDING:
        return "not_begun"
    if value is None:
        return "no_data"
    if as_of >= frame.deliverable_date:
        return "achieved" if target_reached(view, value, roster) else "not_achieved"
    if is_reached_now(view, roster, value):
        return "reached"
    if rule.period == Period.EACH_YEAR and has_ended(year_of(frame, as_of), as_of):
        return "off_track"
    expected = expected_at(rule, frame, as_of, baseline)
    if value >= expected:
        return "on_track"
    return "at_risk" if is_nearly(rule, frame, value, expected, baseline) else "off_track"


def is_reached_now(view: View, roster: Roster, value: Fraction) -> bool:
    """ "the value is at least the target ... (each_year: this year's target; the growth of a running year is
    not known, so 6 to 8 apply to the one shown)" """
    if view.rule.measure == Measure.GROWTH:
        this_year = growth(view, year_of(view.frame, view.as_of))
        return this_year is not None and this_year >= view.rule.target
    return value >= view.rule.target


def is_nearly(rule: Rule, frame: Frame, value: Fraction, expected: Fraction, baseline: Fraction | None) -> bool:
    """ "the gain (value - baseline for standing, 0 if unknown, else value) is at least two thirds of the
    expected gain, or a count is at most one short of the expectation" """
    start = (baseline or Fraction(0)) if rule.period == Period.STANDING else Fraction(0)
    if value - start >= frame.at_risk_share * (expected - start):
        return True
    return rule.measure not in LEVELS and value >= expected - 1


# --- "Silence is never 'no'." ---


@dataclass(frozen=True)
class Named:
    counted: frozenset[str] = frozenset()
    not_counted: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    unanswered: frozenset[str] = frozenset()
    being_corrected: frozenset[str] = frozenset()
    not_applicable: frozenset[str] = frozenset()
    without_base: frozenset[str] = frozenset()


def in_time(view: View, answer: Answer) -> bool:
    if view.rule.period == Period.STANDING:
        return True
    return answer.year in [year.number for year in time_of(view.rule, view.frame, view.as_of)]


def parts_in_time(view: View) -> list[Participation]:
    """Parts "in an activity of it, in any state, in that time", up to D."""
    if view.rule.period == Period.STANDING:
        return [part for part in view.participations if part.day <= view.as_of]
    years = time_of(view.rule, view.frame, view.as_of)
    return [
        part
        for part in view.participations
        if part.day <= view.as_of and any(year.first_day <= part.day <= year.last_day for year in years)
    ]


def pending_of(view: View, roster: Roster, counted: set[str]) -> set[str]:
    """ "Members that do not count on the accepted basis and have ... an undecided answer newer than their
    counted one, whatever it says, or in an undecided activity a part that would count (empty on the reported
    basis)" """
    if view.basis == Basis.REPORTED:
        return set()
    found = set()
    for answer in view.answers:
        if answer.state == AnswerState.SUBMITTED and in_time(view, answer):
            counting = view.latest_of(answer.organisation, answer.year)
            if counting is None or answer.order > counting.order:
                found.add(answer.organisation)
    for part in parts_in_time(view):
        undecided = part.reported and not part.accepted
        if undecided and part.held and not part.contested and part_would_count(view.rule, part):
            found.add(part.organisation)
    return (found & roster.members) - counted


def unanswered_of(view: View, roster: Roster) -> set[str]:
    """ "Members with neither an accepted nor a sent answer ... nor any part in an activity of it, in any
    state, in that time; empty before the plan's start unless standing" """
    if view.as_of < view.frame.starts and view.rule.period != Period.STANDING:
        return set()
    sent = (AnswerState.ACCEPTED, AnswerState.SUBMITTED)
    heard = {a.organisation for a in view.answers if a.state in sent and in_time(view, a)}
    heard |= {part.organisation for part in parts_in_time(view)}
    return set(roster.members & roster.asked) - heard


def being_corrected_of(view: View, unanswered: set[str]) -> set[str]:
    """ "What was returned and never accepted is 'being corrected', listed apart from silent." """
    returned = {a.organisation for a in view.answers if a.state == AnswerState.RETURNED and in_time(view, a)}
    return returned & unanswered


def not_applicable_of(view: View, roster: Roster, counted: set[str]) -> set[str]:
    """ "Members whose latest counted answer (of that time) says so and that do not count otherwise"; "Of
    several answers for a whole plan, the latest round's latest plan year is the latest." """
    found = set()
    for member in roster.members:
        own = [a for a in view.counting_answers() if a.organisation == member and in_time(view, a)]
        if own and max(own, key=lambda answer: answer.order).standing == Standing.NOT_APPLICABLE:
            found.add(member)
    return found - counted


def names_of(view: View, roster: Roster) -> Named:
    if view.rule.measure not in NAMED:
        return Named()
    counted = members_that_count(view, roster)
    pending = pending_of(view, roster, counted)
    unanswered = unanswered_of(view, roster)
    not_applicable = not_applicable_of(view, roster, counted)
    rest = set(roster.members & roster.asked) - counted - pending - unanswered - not_applicable
    return Named(
        counted=frozenset(counted),
        not_counted=frozenset(rest),
        pending=frozenset(pending),
        unanswered=frozenset(unanswered),
        being_corrected=frozenset(being_corrected_of(view, unanswered)),
        not_applicable=frozenset(not_applicable),
        without_base=frozenset(
            members_without_base(view, roster) if view.rule.measure == Measure.MEMBERS_GROWING else ()
        ),
    )


# --- all of it ---


def expectation(rule: Rule, facts: Facts, frame: Frame, rosters: Rosters, as_of: date, basis: Basis) -> Expectation:
    view = View(rule, facts, frame, as_of, basis)
    roster = rosters.now
    value = exact_value(view, roster)
    baseline = exact_baseline(rule, facts, frame, rosters.baseline, as_of)
    names = names_of(view, roster)
    each = years_with_values(view, roster) if rule.period == Period.EACH_YEAR else []
    return Expectation(
        value=shown_value(rule, value),
        baseline=shown_value(rule, baseline),
        percent=percent_of(rule, value),
        progress=progress_of(rule, value, baseline),
        expected=expected_as_shown(rule, frame, as_of, baseline),
        status=status_of(view, roster, value, baseline),
        counted=tuple(sorted(names.counted)),
        not_counted=tuple(sorted(names.not_counted)),
        pending=tuple(sorted(names.pending)),
        unanswered=tuple(sorted(names.unanswered)),
        being_corrected=tuple(sorted(names.being_corrected)),
        not_applicable=tuple(sorted(names.not_applicable)),
        without_base=tuple(sorted(names.without_base)),
        years=tuple(
            (
                year.label,
                shown_value(rule, number),
                percent_of(rule, number),
                is_met(rule, year, number, as_of),
            )
            for year, number in each
        ),
    )
