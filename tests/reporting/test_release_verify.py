"""``release verify``: what of a release or its pack was changed or is gone, whoever holds the database."""

import hashlib

import pytest
from django.core.management import CommandError

from reporting.actions.jobs import cancel
from reporting.choices import JobState
from reporting.models import Job, Release, ReleaseFile
from reporting.pack import tables, worker
from reporting.pack.making import Made, Step, steps_of
from reporting.pack.worker import do_jobs

from .builders import run
from .region import NOW
from .test_jobs import clock, the_job
from .test_release import publish


@pytest.fixture
def release(world) -> Release:
    return publish(world)


def test_verify_finds_a_file_that_was_changed(release):
    do_jobs(clock)
    assert run("release", "verify") == "2 releases are as they were released.\n"
    stored = release.files.filter(name="data/figures.csv")
    stored.update(content=b"kpi\r\n")
    with pytest.raises(CommandError, match=f"data/figures.csv of release {release.number} is not what was stored"):
        run("release", "verify")
    stored.update(checksum=hashlib.sha256(b"kpi\r\n").hexdigest())
    with pytest.raises(CommandError, match="is not what its figures give"):
        run("release", "verify")


def test_data_of_an_earlier_format_are_compared_by_their_checksums(release, monkeypatch):
    """They cannot be made again; what holds them still has to be what was stored."""
    monkeypatch.setattr(tables, "FORMAT", 1)
    do_jobs(clock)
    monkeypatch.undo()
    words = "".join(
        f"The data of release {number} are of format 1: their checksums were compared.\n" for number in (2, 1)
    )
    assert run("release", "verify") == f"2 releases are as they were released.\n{words}"
    changed = b"kpi\r\n"
    stored = release.files.filter(name="data/figures.csv")
    stored.update(content=changed, checksum=hashlib.sha256(changed).hexdigest())
    assert told(release) == "The files of it are not those whose checksum the history keeps."


def told(release: Release) -> str:
    with pytest.raises(CommandError) as wrong:
        run("release", "verify")
    assert wrong.value.returncode == 1
    return str(wrong.value).replace(f"release {release.number}", "it")


def forget(release: Release, **which) -> None:
    """Whoever holds the database can do what the site cannot."""
    release.files.filter(**which)._raw_delete(release.files.db)


def test_verify_finds_a_file_that_is_gone(release):
    do_jobs(clock)
    forget(release, name="data/figures.csv")
    assert (
        told(release)
        == "data/figures.csv of it is missing.\nThe files of it are not those whose checksum the history keeps."
    )


def test_verify_finds_a_document_whose_checksum_was_changed_with_it(release, monkeypatch):
    """It is not made again, so only the history knows what it was."""
    document = Step("a document", lambda: [Made("scorecards/FJI.pdf", "Scorecard of Fiji", b"%PDF-1.7", "FJI")])
    monkeypatch.setattr(worker, "steps_of", lambda each: [*list(steps_of(each))[:1], document])
    do_jobs(clock)
    assert run("release", "verify") == "2 releases are as they were released.\n"
    found = {"content": b"%PDF-1.6", "checksum": hashlib.sha256(b"%PDF-1.6").hexdigest()}
    release.files.filter(name="scorecards/FJI.pdf").update(**found)
    assert told(release) == "The files of it are not those whose checksum the history keeps."


def test_verify_finds_a_scorecard_that_everybody_could_read(release, monkeypatch):
    document = Step("a document", lambda: [Made("scorecards/FJI.pdf", "Scorecard of Fiji", b"%PDF-1.7", "FJI")])
    monkeypatch.setattr(worker, "steps_of", lambda each: [*list(steps_of(each))[:1], document])
    do_jobs(clock)
    release.files.filter(name="scorecards/FJI.pdf").update(organisation=None)
    assert told(release) == "scorecards/FJI.pdf of it is not what was stored."


def test_verify_finds_a_pack_that_is_gone(release):
    do_jobs(clock)
    forget(release)
    assert told(release) == "The pack of it is missing: the history says that it was made."


def test_verify_finds_files_of_which_the_history_says_nothing(world, release):
    content = b"kpi\r\n"
    facts = {"content": content, "size": len(content), "checksum": hashlib.sha256(content).hexdigest(), "made_at": NOW}
    ReleaseFile.objects.create(release=release, name="data/ours.csv", title="Ours", **facts)
    assert "The history keeps no checksum of the pack of it." in told(release)


def test_verify_says_which_release_has_no_pack_and_whether_it_should(release):
    """What waits, or was cancelled by somebody, is no fault."""
    Release.objects.get(number=1).jobs.update(state=JobState.CANCELLED, ended_at=NOW)
    first = "Release 1 has no pack: somebody cancelled it."
    ended = f"2 releases are as they were released.\nRelease 2 has no pack: {{}}.\n{first}\n"
    assert run("release", "verify") == ended.format("it waits or is being made")
    cancel(job=the_job(release), now=NOW)
    assert run("release", "verify") == ended.format("somebody cancelled it")
    gone = "The pack of it is missing. Ask for it on the page of the release."
    Job.objects.filter(release=release).update(state=JobState.FAILED)
    assert told(release) == gone
    Job.objects.filter(release=release).delete()
    assert told(release) == gone
