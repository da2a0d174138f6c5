"""A workbook goes through LibreOffice and comes back: filled in by hand as it would be, saved by it, read here."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from reporting.workbook.comparing import Effect
from reporting.workbook.layout import Colour, Part
from reporting.workbook.marking import SIGN, marked

from .entering import FIGURES, YES_NO
from .region import activity, arrangement
from .test_workbook_in import OTHER, PERHAPS, STATUS, compared, does, stored, taken
from .test_workbook_in_records import NEW_ONE, with_new
from .workbooks import edited, filled, sent_out

pytestmark = pytest.mark.office
FIGURE, YEAR = f"{FIGURES}@2026", f"{YES_NO}@2026"


def saved_by_libreoffice(content: bytes, folder: Path) -> bytes:
    """Opened and saved again, formulas worked out."""
    before, after = folder / "before.xlsx", folder / "after"
    before.write_bytes(content)
    told = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
    told += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(after), str(before)]
    subprocess.run(told, check=True, capture_output=True, timeout=180)
    return (after / "before.xlsx").read_bytes()


def test_what_libreoffice_saves_is_read_as_it_was_filled_in(world, tmp_path):
    activity("OWN-1", date(2027, 3, 1), ["1.1.3-2(a)"], organisers=["FJI"], participants={"FJI": (4, 1)})
    arrangement("FJI", "NZL", signed="2019-05", in_force=date(2020, 1, 1))
    sent = sent_out(world)
    content = filled(sent, **{
        STATUS: {"answer": "In place", "comment": "Line one.\nLine two: “<é>”."},
        YEAR: {"answer": "No"},
        FIGURE: {"value": "=1250+0.5"},
        "FJI-NZL": {"ended": date(2027, 5, 31)},
    })  # fmt: skip
    with edited(with_new(content, Part.ACTIVITY, **NEW_ONE)) as book:
        book.book.active = 2
    came = saved_by_libreoffice(book.content, tmp_path)
    found = compared(world, came)
    assert found.problems == []
    assert {name: effect for name, (effect, _) in does(found).items()} == {
        STATUS: Effect.NEW,
        f"{YES_NO} for 2026/27": Effect.NEW,
        f"{FIGURES} for 2026/27": Effect.NEW,
        "Workshop on valuation": Effect.NEW,
        "FJI and NZL": Effect.CHANGED,
    }
    taken(world, came)
    assert stored()[STATUS].comment == "Line one.\nLine two: “<é>”."
    assert str(stored()[FIGURE].value) == "1250.50"
    assert does(compared(world, came)) == {}


def test_what_libreoffice_only_saved_changes_nothing(world, tmp_path):
    assert does(compared(world, saved_by_libreoffice(sent_out(world), tmp_path))) == {}


def test_marks_are_taken_off_after_libreoffice_saved_them(world, tmp_path):
    """It keeps no authors of comments."""
    with edited(sent_out(world)) as book:
        book.put(OTHER, answer="Perhaps")
    back = saved_by_libreoffice(marked(book.content, compared(world, book.content)), tmp_path)
    again = compared(world, back)
    assert [problem.sentence for problem in again.problems] == [PERHAPS]
    with edited(filled(back, **{OTHER: {"answer": "In place"}, STATUS: {"answer": "Perhaps"}})) as mended:
        assert SIGN in mended.cell(OTHER, "answer").comment.text
    with edited(marked(mended.content, compared(world, mended.content))) as anew:
        assert anew.cell(OTHER, "answer").comment is None
        assert anew.cell(OTHER, "answer").fill.fgColor.rgb == Colour.INPUT
        assert anew.book.sheetnames.count("Errors") == 1
        assert anew.book["Errors"].max_row == 3
