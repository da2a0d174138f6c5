"""Long work: asked for once, done behind the pages, cancelled, taken up again after a crash; and the pack of a release,
which is there whole or not at all."""

import hashlib
import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError

from members.models import AuditEntry
from reporting import working
from reporting.actions.jobs import ALIVE, MOST_TRIES, ask, cancel, claim
from reporting.actions.refusals import Stale
from reporting.actions.releases import seen_in, with_words
from reporting.choices import JobKind, JobState
from reporting.commentary import words_at
from reporting.models import Job, Release, ReleaseFile
from reporting.pack import worker
from reporting.pack.making import Made, Step, before_of, data_again, sources_of, steps_of
from reporting.pack.worker import do_jobs
from reporting.report import build_report, checksum, from_json, to_json
from workplan.models import Plan

from .builders import run
from .looks import page_of
from .region import INTERIM, NOW, PLAN, on, org
from .test_release import change_everything, publish
from .world import STATUS

ENDINGS = ("docx", "pdf", "xlsx")


@pytest.fixture
def release(world) -> Release:
    """Published a moment ago; its pack waits."""
    return publish(world)


def the_job(release: Release) -> Job:
    return release.jobs.latest("pk")


def clock():
    return NOW


def contents(release: Release) -> dict[str, bytes]:
    return {each.name: bytes(each.content) for each in release.files.all()}


def test_publishing_asks_for_the_pack_and_the_worker_makes_it(release):
    assert the_job(release).state == JobState.WAITING
    Job.objects.exclude(release=release).delete()
    assert len(do_jobs(clock)) == 1
    job = the_job(release)
    assert (job.state, job.done, job.ended_at) == (JobState.DONE, job.steps, NOW)
    names = set(contents(release))
    assert {"data/figures.csv", "data/release.json", "data/data_dictionary.csv", "data/moved.csv"} <= names
    for each in release.files.all():
        assert (each.size, each.checksum) == (len(each.content), hashlib.sha256(each.content).hexdigest())
    assert AuditEntry.objects.filter(changes__has_key="pack").count() == 1


def test_the_same_pack_again_whatever_was_changed_since(world, release):
    do_jobs(clock)
    change_everything(world)
    sources = sources_of(Release.objects.get(pk=release.pk))
    made = {each.name: each.content for each in worker.steps_of(release) for each in each.make()}
    assert made == contents(release)
    assert sources.report == from_json(release.content)
    assert before_of(release) == world.release


@pytest.fixture(scope="module")
def whole_pack(stored_world, django_db_blocker) -> dict[str, bytes]:
    """Every document and all data of the Baseline, twice the same."""
    with django_db_blocker.unblock():
        found, again = ({made.name: made.content for step in steps_of(stored_world.release) for made in step.make()}
                        for _ in range(2))  # fmt: skip
    assert found == again
    return found


def test_the_whole_pack_holds_every_document_in_every_format_and_a_scorecard_of_each_member(world, whole_pack):
    members = [each.code for each in from_json(world.release.content).members()]
    documents = {f"{name}.{ending}" for name in ("work-plan", "progress", "questions") for ending in ENDINGS}
    scorecards = {f"scorecards/{code}.{ending}" for code in members for ending in ENDINGS}
    assert len(members) == 35
    assert {name for name in whole_pack if not name.startswith("data/")} == documents | scorecards
    assert all(whole_pack[name].startswith(b"%PDF") == name.endswith(".pdf") for name in whole_pack)


def test_who_asks_again_gets_the_work_that_is_under_way(release):
    job = the_job(release)
    assert ask(kind=JobKind.PACK, release=release, by=None, now=NOW) == job
    assert Job.objects.filter(release=release).count() == 1


def test_what_waits_is_cancelled_at_once_and_stores_nothing(release):
    job = cancel(job=the_job(release), now=NOW)
    assert job.state == JobState.CANCELLED
    with pytest.raises(Stale, match="ended already"):
        cancel(job=job, now=NOW)
    assert not release.files.exists()


def steps(*makes):
    return lambda release: [Step(f"part {number}", make) for number, make in enumerate(makes, 1)]


def nothing() -> list[Made]:
    return []


def test_what_is_being_made_stops_before_its_next_step(release, monkeypatch):
    later: list[str] = []

    def cancelling() -> list[Made]:
        assert cancel(job=the_job(release), now=NOW).state == JobState.RUNNING
        return [Made("a.txt", "A", b"a")]

    def never() -> list[Made]:
        later.append("made")
        return []

    monkeypatch.setattr(worker, "steps_of", steps(cancelling, never))
    Job.objects.exclude(release=release).delete()
    do_jobs(clock)
    assert (the_job(release).state, later, contents(release)) == (JobState.CANCELLED, [], {})


def test_a_cancellation_after_the_last_step_stores_nothing_either(release, monkeypatch):
    def cancelling() -> list[Made]:
        cancel(job=the_job(release), now=NOW)
        return [Made("a.txt", "A", b"a")]

    monkeypatch.setattr(worker, "steps_of", steps(cancelling))
    Job.objects.exclude(release=release).delete()
    do_jobs(clock)
    assert (the_job(release).state, contents(release)) == (JobState.CANCELLED, {})


def test_what_goes_wrong_is_told_in_a_sentence_and_can_be_asked_for_again(release, monkeypatch, caplog):
    data_alone = worker.steps_of

    def breaking() -> list[Made]:
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "steps_of", steps(lambda: [Made("a.txt", "A", b"a")], breaking))
    Job.objects.exclude(release=release).delete()
    do_jobs(clock)
    job = the_job(release)
    assert (job.state, contents(release)) == (JobState.FAILED, {})
    assert job.problem.startswith("Something went wrong while part 2 was made.")
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.setattr(worker, "steps_of", data_alone)
    ask(kind=JobKind.PACK, release=release, by=None, now=NOW)
    do_jobs(clock)
    assert contents(release)


def test_what_goes_wrong_while_somebody_cancels_ends_as_cancelled_and_stops_no_other_work(release, monkeypatch):
    def breaking() -> list[Made]:
        cancel(job=the_job(release), now=NOW)
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "steps_of", steps(breaking))
    Job.objects.exclude(release=release).delete()
    assert len(do_jobs(clock)) == 1
    assert the_job(release).state == JobState.CANCELLED


def test_a_pack_that_is_there_already_is_not_made_again(release):
    Job.objects.exclude(release=release).delete()
    do_jobs(clock)
    before = contents(release)
    ask(kind=JobKind.PACK, release=release, by=None, now=NOW)
    do_jobs(clock)
    assert (the_job(release).state, contents(release)) == (JobState.DONE, before)


def test_a_second_click_after_the_setting_changed_is_a_release_of_its_own(world, release):
    seen = seen_in(with_words(build_report(on(INTERIM)), words_at(on(INTERIM))))
    again = publish(world, seen=seen)
    assert again == release
    Plan.objects.update(members_named=False)
    assert publish(world, seen=seen).number == release.number + 1


def test_who_looks_on_starts_no_crowd_of_workers(world, release, sign_in, monkeypatch):
    started: list[int] = []
    monkeypatch.setattr("reporting.views.jobs.start_worker", lambda: started.append(1))
    other = Job.objects.exclude(release=release).get()
    Job.objects.filter(release=release).update(asked_at=NOW - 2 * ALIVE)
    Job.objects.filter(pk=other.pk).update(state=JobState.RUNNING, beat_at=NOW)
    client = sign_in(world.people.percy)
    client.get(address(release))
    assert started == []
    Job.objects.filter(pk=other.pk).update(beat_at=NOW - 2 * ALIVE)
    for _ in range(3):
        client.get(address(release))
    assert started == [1]


def test_one_worker_at_a_time_and_another_takes_up_what_one_left(release):
    Job.objects.exclude(release=release).delete()
    first = claim(now=NOW)
    assert first is not None
    assert claim(now=NOW + ALIVE / 2) is None
    second = claim(now=NOW + ALIVE + timedelta(seconds=1))
    assert second is not None
    assert (second.pk, second.tries) == (first.pk, 2)


def test_the_first_worker_lets_go_of_what_another_took_up(release, monkeypatch):
    def overtaken() -> list[Made]:
        claim(now=NOW + 2 * ALIVE)
        return [Made("a.txt", "A", b"a")]

    monkeypatch.setattr(worker, "steps_of", steps(overtaken, nothing))
    Job.objects.exclude(release=release).delete()
    worker.do(claim(now=NOW), clock)
    job = the_job(release)
    assert (job.state, job.tries, contents(release)) == (JobState.RUNNING, 2, {})


def test_after_three_tries_it_has_failed(release):
    Job.objects.exclude(release=release).delete()
    now = NOW
    for _ in range(MOST_TRIES):
        assert claim(now=now)
        now += 2 * ALIVE
    assert claim(now=now) is None
    job = the_job(release)
    assert (job.state, job.problem[:24]) == (JobState.FAILED, "It was ended three times")


def test_a_cancelled_one_whose_worker_died_is_cancelled(release):
    Job.objects.exclude(release=release).delete()
    cancel(job=claim(now=NOW), now=NOW)
    assert claim(now=NOW + 2 * ALIVE) is None
    assert the_job(release).state == JobState.CANCELLED


@pytest.mark.parametrize(("way", "started"), [("process", 1), ("timer", 0)])
def test_a_worker_starts_once_the_release_is_stored(
    world, settings, monkeypatch, way, started, django_capture_on_commit_callbacks
):
    settings.JOBS, commands = way, []
    monkeypatch.setattr(working.subprocess, "Popen", lambda command, **_: commands.append(command[1:]))
    with django_capture_on_commit_callbacks(execute=True):
        publish(world)
        assert commands == []
    assert commands == [[str(settings.BASE_DIR / "manage.py"), "do_jobs"]] * started


def test_the_command_does_what_waits(release):
    assert run("do_jobs") == "2 jobs ended.\n"
    assert run("do_jobs") == "No job waits.\n"


def breaks():
    raise OSError("no space left")


@pytest.mark.usefixtures("release")
def test_the_command_says_what_failed(monkeypatch):
    monkeypatch.setattr(worker, "steps_of", lambda _: [Step("the work plan", breaks)])
    with pytest.raises(CommandError, match="Something went wrong while the work plan was made"):
        run("do_jobs")


def test_publishing_by_command_says_that_the_pack_failed(world, monkeypatch):
    monkeypatch.setattr(worker, "steps_of", lambda _: [Step("the work plan", breaks)])
    with pytest.raises(CommandError, match=r"(?s)is published.*It has no pack: Something went wrong"):
        run("release", "publish", "--title=Interim 2", f"--plan={PLAN}", f"--as-of={INTERIM}")
    assert Release.objects.filter(title="Interim 2").exists()


# ---------------------------------------------------------------- its page


def address(release: Release, rest: str = "") -> str:
    return f"/plans/{PLAN}/documents/releases/{release.number}/{rest}"


def looks_again_by_itself(client, release: Release) -> bool:
    html = page_of(client.get(address(release))).html
    assert ("htmx.min.js" in html) == ("hx-trigger" in html)
    return "hx-trigger" in html


def test_the_page_shows_how_far_it_is_then_the_files(world, release, sign_in):
    client = sign_in(world.people.percy)
    assert "Other work goes first. It begins when that has ended." in page_of(client.get(address(release))).main
    Job.objects.exclude(release=release).delete()
    assert "It begins in a moment." in page_of(client.get(address(release))).main
    job = claim(now=NOW)
    Job.objects.filter(pk=job.pk).update(done=2, steps=9, doing="the work plan")
    assert "Step 3 of 9: the work plan." in page_of(client.get(address(release))).main
    Job.objects.filter(pk=job.pk).update(done=9, doing="")
    assert "All 9 steps are done. What was made is stored next." in page_of(client.get(address(release))).main
    Job.objects.filter(pk=job.pk).update(done=2, doing="the work plan")
    part = client.get(address(release), headers={"HX-Request": "true"})
    assert part["Vary"].count("HX-Request") == 1
    assert b"<html" not in part.content
    assert b"Step 3 of 9" in part.content
    assert looks_again_by_itself(client, release)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, ended_at=NOW)
    assert not looks_again_by_itself(client, release)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, ended_at=None)
    assert client.get(address(release)).content.count(b"<form") == client.get(
        f"/plans/{PLAN}/documents/"
    ).content.count(b"<form")


def test_a_file_is_served_as_it_was_stored(world, release, sign_in):
    do_jobs(clock)
    client = sign_in(world.people.percy)
    stored = release.files.get(name="data/figures.csv")
    response = client.get(address(release, "files/data/figures.csv"))
    assert response.content == bytes(stored.content)
    assert response["X-Checksum-SHA256"] == stored.checksum
    assert f'filename="release-{release.number}-figures.csv"' in response["Content-Disposition"]
    main = page_of(client.get(address(release))).main
    assert all(each.checksum in main for each in release.files.all())
    assert client.get(address(release, "files/data/nothing.csv")).status_code == 404


def test_everything_in_one_archive_with_its_checksums(world, release, sign_in):
    do_jobs(clock)
    answers = [sign_in(world.people.percy).get(address(release, "files/everything.zip")) for _ in range(2)]
    whole = [answer.getvalue() for answer in answers]
    assert whole[0] == whole[1]
    assert answers[0]["X-Checksum-SHA256"] == hashlib.sha256(whole[0]).hexdigest()
    with zipfile.ZipFile(io.BytesIO(whole[0])) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ")) for line in found.pop("SHA256SUMS").decode().splitlines())
    assert found == contents(release)
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}


@pytest.mark.parametrize("name", ["data/figures.csv", "everything.zip"])
def test_a_file_that_was_altered_in_the_database_is_not_given_out(world, release, sign_in, caplog, name):
    do_jobs(clock)
    client = sign_in(world.people.percy)
    ReleaseFile.objects.filter(name="data/figures.csv").update(content=b"1.1.1(a),reached")
    page = page_of(client.get(address(release, f"files/{name}")))
    assert (page.status, page.heading) == (500, "The file is not given out")
    assert "data/figures.csv is not the file that was stored" in page.main
    assert "“release verify”" in page.main
    assert "Nothing is lost" not in page.main
    assert "data/figures.csv" in caplog.text
    assert client.get(address(release, "files/data/moved.csv")).status_code == 200


def test_what_tells_of_one_member_is_for_that_one_and_the_secretariat(world, release, sign_in):
    checksum = hashlib.sha256(b"x").hexdigest()
    facts = {"title": "Of Fiji", "content": b"x", "size": 1, "checksum": checksum, "made_at": NOW}
    ReleaseFile.objects.create(release=release, name="FJI.pdf", organisation=org("FJI"), **facts)
    seen = {}
    for name in ("ada", "ed", "connie", "ali", "vera", "percy", "olga"):
        client = sign_in(world.people[name])
        seen[name] = client.get(address(release, "files/FJI.pdf")).status_code
        assert ("Of Fiji" in page_of(client.get(address(release))).main) == (seen[name] == 200)
    assert seen == {"ada": 200, "ed": 200, "connie": 200, "ali": 200, "vera": 404, "percy": 404, "olga": 404}


def test_what_moved_is_told_with_why(world, release, sign_in):
    client = sign_in(world.people.percy)
    page = page_of(client.get(address(release)))
    assert "figures moved since the release before" in page.main
    assert re.search(r"New answer: \d+ counts? now \(AUS", page.main)
    Release.objects.filter(pk=release.pk).update(members_named=False)
    hushed = page_of(client.get(address(release))).main
    assert re.search(r"New answer: \d+ counts? now", hushed)
    assert not re.search(r"counts? now \(", hushed)


def test_cancel_and_make_again_in_the_browser(world, release, sign_in):
    client = sign_in(world.people.ada)
    assert page_of(client.post(address(release, "cancel/"), follow=True)).main.count("It is cancelled.") == 1
    assert "was cancelled. Nothing was stored." in page_of(client.get(address(release))).main
    client.post(address(release, "make/"))
    assert the_job(release).state == JobState.WAITING
    do_jobs(clock)
    assert "The pack is there." in page_of(client.post(address(release, "make/"), follow=True)).main
    assert "It has ended already." in page_of(client.post(address(release, "cancel/"), follow=True)).main


def test_the_page_takes_as_many_queries_for_many_files(world, release, sign_in, django_assert_max_num_queries):
    do_jobs(clock)
    client = sign_in(world.people.connie)
    client.get(address(release))
    with django_assert_max_num_queries(12):
        client.get(address(release))


def test_where_members_are_not_named_comments_name_none_either(world):
    report = replace(from_json(world.release.content), comments={STATUS: "Fiji and AUS were first."})
    kept = ("plan", "as_at", "basis", "published_at", "title")
    facts = {name: getattr(world.release, name) for name in kept} | {"number": 9, "members_named": False}
    release = Release(**facts, content=to_json(report), checksum=checksum(to_json(report)))
    figures = data_again(release)["data/figures.csv"].decode()
    assert "[a Member] and [a Member] were first." in figures


# ---------------------------------------------------------------- the command line


def test_the_data_again_a_year_later_equal_to_the_byte(world, release, tmp_path):
    do_jobs(clock)
    change_everything(world)
    folder = tmp_path / "data"
    run("release", "data", str(release.number), "--output", str(folder))
    found = {f"data/{path.name}": path.read_bytes() for path in folder.iterdir()}
    assert found == {name: content for name, content in contents(release).items() if name.startswith("data/")}


def test_data_are_written_to_a_new_folder_or_not_at_all(release, tmp_path):
    with pytest.raises(CommandError, match="is there already"):
        run("release", "data", str(release.number), "--output", str(tmp_path))
    with pytest.raises(CommandError, match="cannot be written"):
        run("release", "data", str(release.number), "--output", str(tmp_path / "none" / "data"))
    with pytest.raises(CommandError, match="no release 99"):
        run("release", "data", "99", "--output", str(tmp_path / "data"))
    assert list(tmp_path.iterdir()) == []
