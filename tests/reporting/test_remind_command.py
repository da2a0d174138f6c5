"""Reminders that go out by themselves: so many days before and after a deadline, each once."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from members.choices import RoleName
from members.models import AuditEntry, OutgoingMail
from reporting.actions import close_round
from reporting.actions.deciding import return_answer
from reporting.actions.reminders import remind
from reporting.actions.rounds import admit_late, edit_round
from reporting.models import Answer, Reminder, Round, Submission
from reporting.threads import token_of
from tests.conftest import person

from .region import NOW, answer, kpi, org
from .test_reminders import need

CLOSES = datetime(2028, 1, 31, 8, tzinfo=UTC)
"""17:00 on 31.01.28 in the round's zone, Asia/Tokyo."""


@pytest.fixture
def current(world) -> Round:
    """It asks for one answer, and Fiji alone has people."""
    world.current.kpis.set([kpi("1.1.1(a)")])
    return Round.objects.with_kpis().select_related("plan").get(pk=world.current.pk)


def run(*words: str, code: str = "interim-2028") -> str:
    out = StringIO()
    call_command("remind", f"--round={code}", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def steps() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("step", flat=True))


def on(clock, day: date, hour: int = 0) -> None:
    """It is so late in the round's zone, nine hours before which it is in UTC."""
    clock(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 9))


def test_each_step_goes_out_once_on_its_day_or_after(world, current, clock):
    """Run every day, and twice on some."""
    found = {}
    for number in range(45):
        day = date(2028, 1, 10) + timedelta(days=number)
        on(clock, day, hour=6)
        before = len(steps())
        run()
        run()
        if new := steps()[before:]:
            found[f"{day:%d.%m}"] = new
    assert found == {
        "17.01": ["before/2028-01-31/14"],
        "24.01": ["before/2028-01-31/7"],
        "30.01": ["before/2028-01-31/1"],
        "01.02": ["after/2028-01-31/1"],
        "07.02": ["after/2028-01-31/7"],
    }
    assert OutgoingMail.objects.filter(key__startswith="reminder/").count() == 10
    assert AuditEntry.objects.filter(action="reminded").count() == 5


def test_the_day_is_that_of_the_rounds_zone(world, current, clock):
    on(clock, date(2028, 1, 17), hour=0)
    clock(datetime(2028, 1, 16, 14, 59, 59, tzinfo=UTC))
    run()
    assert steps() == []
    clock(datetime(2028, 1, 16, 15, tzinfo=UTC))
    run()
    assert steps() == ["before/2028-01-31/14"]


def test_the_closing_moment_ends_the_steps_before_it(world, current, clock):
    clock(CLOSES - timedelta(seconds=1))
    run("--dry-run")
    assert "1 day before 31.01.28" in run("--dry-run")
    clock(CLOSES)
    run()
    assert steps() == []


def test_a_run_that_was_missed_brings_no_pile(world, current, clock):
    on(clock, date(2028, 1, 26))
    assert run() == (
        "interim-2028: Fiji, 7 days before 31.01.28, to ali@example.org, connie@example.org\n"
        "Organisations reminded: 1.\n"
    )
    on(clock, date(2028, 2, 9))
    run()
    assert steps() == ["before/2028-01-31/7", "after/2028-01-31/7"]


def test_long_after_nobody_is_reminded(world, current, clock):
    on(clock, date(2028, 2, 21), hour=12)
    run()
    assert steps() == []
    on(clock, date(2028, 2, 20), hour=12)
    run()
    assert steps() == ["after/2028-01-31/7"]


def test_who_is_done_or_has_nobody_is_left_in_peace(world, current, clock):
    on(clock, date(2028, 1, 26))
    person("Jo", RoleName.MEMBER_APPROVER, org("JPN"))
    answer(current, "FJI", "1.1.1(a)", standing="in_place")
    answer(current, "JPN", "1.1.1(a)", standing="in_place", accept=False)
    assert run() == "Organisations reminded: 0.\n"
    person("Kim", RoleName.MEMBER_APPROVER, org("KOR"))
    assert "Korea, 7 days before" in run()


def test_who_has_nobody_is_said_and_reminded_when_somebody_comes(world, current, clock):
    on(clock, date(2028, 1, 26))
    err = StringIO()
    call_command("remind", "--round=interim-2028", stdout=StringIO(), stderr=err)
    assert err.getvalue().count("\n") == 1
    assert err.getvalue().startswith("interim-2028: nobody has an account at Afghanistan; Bangladesh")
    person("Kim", RoleName.MEMBER_APPROVER, org("KOR"))
    assert "Korea" in run()


def test_a_later_closing_is_another_deadline(world, current, clock):
    on(clock, date(2028, 1, 30))
    run()
    edit_round(
        collection=current,
        seen=current.edits,
        fields={"title": current.title, "closes_at": CLOSES + timedelta(days=14)},
        kpis=None,
        by=world.people.ada,
        now=NOW,
    )
    on(clock, date(2028, 2, 1))
    run()
    assert steps() == ["before/2028-01-31/1", "before/2028-02-14/14"]


def test_what_came_back_has_its_own_day(world, current, clock):
    """The round is closed, and Fiji owes nothing but the correction."""
    answer(current, "FJI", "1.1.1(a)", standing="in_place", accept=False)
    found = Answer.objects.get(round=current, organisation__code="FJI", kpi__code="1.1.1(a)")
    returned = {"reason": "Which law?", "correct_by": date(2028, 2, 20), "by": world.people.ed, "now": NOW}
    return_answer(answer=found, seen=token_of(found), **returned)
    close_round(collection=current, by=None, now=NOW)
    for day in range(1, 29):
        on(clock, date(2028, 2, day), hour=6)
        run()
    assert steps() == [f"before/2028-02-20/{days}" for days in (14, 7, 1)]


def test_a_late_admission_has_its_own_moment(world, current, clock):
    close_round(collection=current, by=None, now=NOW)
    late = Submission.objects.get(round=current, organisation__code="FJI")
    until = datetime(2028, 1, 20, 15, tzinfo=UTC)  # midnight, so the last day is the 20th
    admit_late(submission=late, until=until, reason="A storm.", by=world.people.ada, now=NOW)
    for day in range(10, 31):
        on(clock, date(2028, 1, day), hour=20)
        run()
    assert steps() == [
        "before/2028-01-20/14",
        "before/2028-01-20/7",
        "before/2028-01-20/1",
        "after/2028-01-20/1",
        "after/2028-01-20/7",
    ]


def test_whom_somebody_reminded_a_moment_ago_waits_until_the_next_day(world, current, clock):
    on(clock, date(2028, 1, 17), hour=6)
    moment = datetime(2028, 1, 16, 21, tzinfo=UTC)
    token = need(current, now=moment).token
    told = {"word": "", "by": world.people.ed, "now": moment}
    remind(collection=current, chosen={"FJI": token}, once="0" * 16, **told)
    run()
    assert len(steps()) == 1
    on(clock, date(2028, 1, 18), hour=6)
    run()
    assert steps()[1:] == ["before/2028-01-31/14"]


def test_a_round_without_an_end_and_one_that_is_planned_remind_nobody(world, clock):
    Round.objects.filter(pk=world.current.pk).update(closes_at=None)
    Round.objects.create(plan=world.plan, code="later", title="Later", as_at=date(2028, 6, 30))
    assert run() == run(code="later") == "Organisations reminded: 0.\n"


def test_a_dry_run_writes_nothing(world, current, clock):
    on(clock, date(2028, 1, 26))
    said = run("--dry-run")
    assert said.startswith("Dry run, nothing is sent:\ninterim-2028: Fiji, 7 days before 31.01.28")
    assert said.endswith("Organisations that would be reminded: 1.\n")
    assert (steps(), OutgoingMail.objects.filter(key__startswith="reminder/").count()) == ([], 0)


def test_every_round_that_was_opened_is_looked_at(world, current, clock):
    on(clock, date(2028, 1, 26))
    out = StringIO()
    call_command("remind", stdout=out, stderr=StringIO())
    assert out.getvalue().startswith("interim-2028: Fiji, 7 days before 31.01.28")


def test_other_days_and_somebody_who_acts(world, current, clock):
    on(clock, date(2028, 1, 26))
    assert "5 days before 31.01.28" in run("--before=5,2", "--by=ed@example.org")
    assert Reminder.objects.get().sent_by == world.people.ed
    for who in ("connie@example.org", "nowhere@example.org"):
        with pytest.raises(CommandError, match="--by"):
            run(f"--by={who}")
    for days in ("0", "-1", "x", "1.5", "366", "٣"):
        with pytest.raises(CommandError, match="are no days"):
            run(f"--before={days}")
    with pytest.raises(CommandError, match="There is no round"):
        run(code="nothing")
    assert run("--before=", "--after=") == "Organisations reminded: 0.\n"
