"""``export_work_plan``: the work plan by command, whole or not at all."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError, execute_from_command_line
from docx import Document as read_document

from members.models import AuditEntry
from reporting.actions.words import write_comment
from reporting.report import build_report

from .builders import run
from .papers import FORMATS, bare, text_of
from .region import INTERIM, NOW, kpi, on

DAY = "--as-of=2027-06-30"


@pytest.mark.parametrize("kind", FORMATS)
def test_it_writes_the_work_plan_with_its_figures(world, tmp_path, kind):
    written = {"collection": world.interim, "seen": 0, "by": world.people.ed, "now": NOW}
    write_comment(kpi=kpi("1.1.1(b)"), text="Two more are expected.", **written)
    path = tmp_path / f"plan.{kind}"
    said = run("export_work_plan", DAY, f"--format={kind}", f"--output={path}")
    assert said == f"Wrote {path}: 87 KPIs, {path.stat().st_size:,} bytes.\n"
    text = text_of(path.read_bytes(), kind)
    for words in ("Baseline at 30.06.26: 25", "25 of 28 as at 30.06.27", "Two more are expected.", "Not released"):
        assert bare(words) in text
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_the_same_command_writes_the_same_file(world, tmp_path):
    files = [tmp_path / name for name in ("one.docx", "two.docx")]
    for path in files:
        run("export_work_plan", DAY, "--format=docx", f"--output={path}")
    assert files[0].read_bytes() == files[1].read_bytes()


def test_it_can_count_what_is_reported(world, tmp_path):
    path = tmp_path / "plan.xlsx"
    run("export_work_plan", DAY, "--basis=reported", "--format=xlsx", f"--output={path}")
    assert bare("reported answers") in text_of(path.read_bytes(), "xlsx")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--as-of=2027-02-30", "--format=docx"], "--as-of"),
        (["--as-of=soon", "--format=docx"], "--as-of"),
        ([DAY, "--format=odt"], "--format"),
        ([DAY, "--format=docx", "--plan=nowhere"], "no plan nowhere"),
        ([DAY, "--format=docx", "--by=who@example.org"], "no active account"),
        ([DAY, "--format=docx", "--by=percy@example.org"], "does not have the right"),
        ([DAY, "--format=docx", "--by=connie@example.org"], "does not have the right"),
        (["--format=docx"], "--as-of"),
    ],
)
def test_what_is_refused_writes_nothing(world, tmp_path, words, why):
    path = tmp_path / "plan.docx"
    path.write_bytes(b"what stood there")
    with pytest.raises(CommandError, match=why):
        run("export_work_plan", *words, f"--output={path}")
    assert path.read_bytes() == b"what stood there"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert not AuditEntry.objects.filter(action="exported").exists()


@pytest.mark.parametrize("place", ["nowhere/plan.docx", "."])
def test_where_it_cannot_be_written_it_says_so(world, tmp_path, place):
    with pytest.raises(CommandError, match=r"--output: .* cannot be written"):
        run("export_work_plan", DAY, "--format=docx", f"--output={tmp_path / place}")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def _open_connection(monkeypatch):
    """A command ends by closing the connection, which the tests go on with."""
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)


@pytest.mark.usefixtures("_open_connection")
def test_it_ends_with_an_error_and_says_it_on_standard_error(world, capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(
            ["manage.py", "export_work_plan", "--as-of=x", "--format=pdf", f"--output={tmp_path / 'x.pdf'}"]
        )
    assert ended.value.code
    shown = capsys.readouterr()
    assert (shown.out, "--as-of" in shown.err) == ("", True)


@pytest.mark.usefixtures("_open_connection")
def test_it_says_how_it_is_used(capsys):
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", "export_work_plan", "--help"])
    assert ended.value.code == 0
    assert "--output FILE" in capsys.readouterr().out


def test_a_co_coordinator_takes_its_own_focus_area_and_it_is_kept(world, tmp_path):
    path = tmp_path / "plan.docx"
    said = run("export_work_plan", DAY, "--format=docx", f"--output={path}", "--by=cora@example.org")
    own = [kpi.code for kpi in build_report(on(INTERIM)).plan.focus_areas[0].kpis]
    assert f"{len(own)} KPIs" in said
    tables = read_document(BytesIO(Path(path).read_bytes())).tables
    assert len(tables) == 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor_email, entry.action) == ("cora@example.org", "exported")
    assert entry.object_label == "Work plan as at 30.06.27, accepted answers"
    assert entry.changes["rows"] == [None, len(own)]
