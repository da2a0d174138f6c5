"""The Member's workbook in LibreOffice: it opens there, is saved and holds what it held."""

import shutil
import subprocess
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from reporting.workbook import layout
from reporting.workbook.writing import workbook_of

from .entering import GROWING, brought
from .region import activity, answer, arrangement
from .workbook_opened import Opened, covered, found, lines
from .world import STATUS

pytestmark = pytest.mark.office
SOFFICE = "soffice"
PACKAGES = "libreoffice-calc libreoffice-writer"
LONGEST = 180
BY_NUMBER = "An A is no _x0041_."


def converted(content: bytes, to: str, folder: Path, kind: str = "xlsx") -> bytes:
    """What LibreOffice makes of a file, in a profile of its own. It is not left out where it is missing: then the test
    says how to install it."""
    assert shutil.which(SOFFICE), f"Install LibreOffice: apt-get install --no-install-recommends {PACKAGES}"
    source, made = folder / f"workbook.{kind}", folder / "made"
    source.write_bytes(content)
    words = [SOFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", to]
    run = subprocess.run(
        [*words, "--outdir", str(made), str(source)], capture_output=True, timeout=LONGEST, check=False
    )
    file = made / f"workbook.{to}"
    assert file.exists(), run.stderr.decode()
    return file.read_bytes()


@pytest.fixture
def content(world) -> bytes:
    brought(world, "draft", comment="=1+1 is text.\nSecond line: हिन्दी")
    answer(world.current, "FJI", GROWING, 2027, value=Decimal(3), comment=BY_NUMBER)
    answer(world.current, "FJI", GROWING, 2026, value=Decimal("1250.5"))
    activity("FJI-OWN", date(2027, 3, 1), ["3.1.3(a)"], organisers=["FJI"], rating=Decimal("4.25"), respondents=3)
    arrangement("FJI", "NZL", in_force=date(2027, 5, 1), signed="2026-11")
    return workbook_of(found(world, world.people.connie))


def opened(content: bytes) -> Opened:
    return Opened(load_workbook(BytesIO(content)))


def table(sheet) -> dict[str, object]:
    """What stands in the cells; openpyxl leaves what is written by its number as it is."""
    found = {cell.coordinate: cell.value for row in sheet for cell in row if cell.value not in (None, "")}
    return {at: said.replace("_x005F_", "_") if isinstance(said, str) else said for at, said in found.items()}


def test_it_opens_in_libreoffice_and_nothing_is_lost(content, tmp_path):
    """Without a window LibreOffice keeps no frozen panes of any file, so these are not looked at here."""
    before, after = opened(content), opened(converted(content, "xlsx", tmp_path))
    assert after.book.sheetnames == before.book.sheetnames
    for sheet in before.book:
        again = after[sheet.title]
        assert table(again) == table(sheet), sheet.title
        assert again.protection.sheet == sheet.protection.sheet
        assert [cell.coordinate for row in again for cell in row if cell.data_type == "f"] == []
    assert after.stamp == before.stamp
    for name in (layout.ABOUT, layout.LISTS):
        assert after[name].sheet_state != "visible"


def test_locks_drop_downs_and_limits_hold(content, tmp_path):
    before, after = opened(content), opened(converted(content, "xlsx", tmp_path))
    for sheet in before.input_sheets:
        again = after[sheet.title]
        locked = {cell.coordinate: cell.protection.locked for row in sheet for cell in row}
        assert {where: again[where].protection.locked for where in locked} == locked
        assert after.offered(again) == before.offered(sheet)
        assert limits(again) == limits(sheet)
        assert again.column_dimensions["A"].hidden
        assert again.row_dimensions[layout.NAMES_ROW].hidden


def limits(sheet) -> dict[str, str]:
    return {cell: each.type for each in sheet.data_validations.dataValidation for cell in covered(each)}


def test_days_and_numbers_are_real_ones_there(content, tmp_path):
    after = opened(converted(content, "xlsx", tmp_path))
    cells = after.answers()
    assert cells[f"{GROWING}@2026"]["value"].value == 1250.5
    assert cells[f"{GROWING}@2027"]["comment"].value == BY_NUMBER
    assert cells[STATUS]["comment"].value == "=1+1 is text.\nSecond line: हिन्दी"
    pair = lines(after[layout.ARRANGEMENTS])["FJI-NZL"]
    assert pair["in_force"].is_date
    assert pair["signed"].value == "2026-11"
    assert lines(after[layout.ACTIVITIES])["FJI-OWN"]["rating"].value == 4.25


def test_what_is_filled_in_there_has_another_digest_and_the_rest_the_same(content, tmp_path):
    """Somebody fills in one cell of openpyxl's copy, LibreOffice saves it."""
    book = opened(content)
    book.answers()["1.1.1(a)"]["answer"].value = "In place"
    saved = BytesIO()
    book.book.save(saved)
    after = opened(converted(saved.getvalue(), "xlsx", tmp_path))
    touched = []
    for key, cells in after.answers().items():
        said = {name: cell.value for name, cell in cells.items() if not cell.protection.locked}
        if said and layout.digests(said) != after.stamp.answers[key][1]:
            touched.append(key)
    assert touched == ["1.1.1(a)"]


def test_it_prints(content, tmp_path):
    pdf = converted(content, "pdf", tmp_path)
    assert pdf.startswith(b"%PDF-")
    assert 5 < pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page\n") < 40
