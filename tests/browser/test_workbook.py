"""A Member's workbook and the conference's documents, from end to end: downloaded, filled in and saved by LibreOffice,
uploaded with one error, given back with the error marked, mended, taken over, sent, accepted, released; then the pack
of the release is made behind the pages. Once without JavaScript, once on a phone; axe finds nothing on the way."""

import hashlib
import re
import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from reporting.workbook import layout

from .sites import ADMINISTRATOR, APPROVER, CONTRIBUTOR, EDITOR, OPEN_ROUND, PLAN, Site
from .walking import follow, press, signs_in_again

pytestmark = [pytest.mark.browser, pytest.mark.office]

ROUND = f"{PLAN}rounds/demo-third/"
STATUS = "1.1.1(b)"


def saved_by_libreoffice(content: bytes, folder: Path) -> bytes:
    """Opened and saved again, by the office program that costs nothing."""
    before, after = folder / "before.xlsx", folder / "after"
    before.write_bytes(content)
    told = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
    told += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(after), str(before)]
    subprocess.run(told, check=True, capture_output=True, timeout=180)
    return (after / "before.xlsx").read_bytes()


def cells(book: Any, key: str) -> dict[str, Any]:
    """Machine name of a column -> the cell of the row with this key."""
    for sheet in book:
        rows = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1)}
        if key in rows:
            names = {each.value: each.column for each in sheet[layout.NAMES_ROW] if each.value}
            return {name: sheet.cell(rows[key], column) for name, column in names.items()}
    raise AssertionError(f"No row of the workbook has the key {key}.")


def typed(content: bytes, folder: Path, **says: dict[str, object]) -> bytes:
    book, out = load_workbook(BytesIO(content)), BytesIO()
    for key, values in says.items():
        row = cells(book, key)
        for name, value in values.items():
            row[name].value = value
    book.save(out)
    return saved_by_libreoffice(out.getvalue(), folder)


def file_behind(page: Page, click: Callable[[], object]) -> bytes:
    with page.expect_download() as coming:
        click()
    return Path(coming.value.path()).read_bytes()


def uploads(page: Page, content: bytes) -> None:
    where = {"name": "Fiji.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    page.locator("input[type=file]").set_input_files(where)
    press(page, "Show what it would do")


def came_by_mail(page: Page, content: bytes, is_right: Callable[[Page, str], None]) -> None:
    """The secretariat enters what else the Member sent, with its workbook as the original."""
    page.goto(f"{ROUND}review/FJI/on-behalf/")
    where: Any = {"name": "Fiji.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_label("The original").set_input_files(where)
    page.get_by_label("From whom").fill("J. Rabuka")
    page.get_by_label("Received on").fill("01.07.26")
    press(page, "Upload, then enter")
    is_right(page, r"^Fiji\.xlsx: 1 new, 0 changed")
    press(page, "Take all of it over")
    is_right(page, "^Taken over: 1 new")


def test_from_the_download_to_the_pack(
    site: Site, window: dict, context_of: Callable, is_right: Callable[[Page, str], None], tmp_path: Path
):
    contributor, approver, editor, admin = (
        context_of(site, role, **window).new_page() for role in (CONTRIBUTOR, APPROVER, EDITOR, ADMINISTRATOR)
    )
    contributor.goto(f"{ROUND}returns/FJI/")
    is_right(contributor, "^Fiji: ")
    book = file_behind(
        contributor, lambda: contributor.get_by_role("link", name=re.compile("^Download the workbook")).click()
    )

    contributor.get_by_role("link", name=re.compile("^Upload a filled-in workbook")).click()
    is_right(contributor, "workbook")
    wrong = typed(book, tmp_path, **{STATUS: {"answer": "In place", "comment": "The law is in force."},
                                     "1.1.1(a)": {"answer": "Perhaps"}})  # fmt: skip
    uploads(contributor, wrong)
    is_right(contributor, "error")
    where = cells(load_workbook(BytesIO(wrong)), "1.1.1(a)")["answer"].coordinate
    expect(contributor.get_by_role("main")).to_contain_text(f"FA 1, cell {where}")
    button = contributor.get_by_role("button", name="Give me my file back with the errors marked")
    marked = cells(load_workbook(BytesIO(file_behind(contributor, button.click))), "1.1.1(a)")["answer"]
    assert marked.comment is not None

    contributor.goto(f"{ROUND}returns/FJI/")
    contributor.get_by_role("link", name=re.compile("^Upload a filled-in workbook")).click()
    uploads(contributor, typed(wrong, tmp_path, **{"1.1.1(a)": {"answer": "Planned"}}))
    is_right(contributor, "workbook|change|row")
    press(contributor, "Take all of it over")
    is_right(contributor, "^Taken over: 2 new")
    expect(contributor.get_by_role("main")).to_contain_text(STATUS)

    approver.goto(f"{ROUND}returns/FJI/check/")
    is_right(approver, "^Check your answers")
    press(approver, "Send to the secretariat")
    is_right(approver, "^Receipt DEMO-THIRD-FJI-1$")
    editor.goto(f"{ROUND}review/kpis/{STATUS}/")
    editor.get_by_role("button", name=f"Accept {STATUS} of Fiji").click()
    is_right(editor, re.escape(STATUS))
    came_by_mail(editor, typed(book, tmp_path, **{"1.1.1(c)": {"answer": "In place"}}), is_right)

    admin.goto(ROUND)
    follow(admin, "Close the round")
    if admin.get_by_role("heading", level=1).inner_text() == "Sign in again":
        signs_in_again(admin, is_right)
    press(admin, "Close the round")
    is_right(admin, "have sent")
    admin.goto(f"{PLAN}documents/release/?as-at={OPEN_ROUND}")
    admin.get_by_label("Title").fill("Third round")
    press(admin, "Release")
    expect(admin.get_by_text("Release 3 stands.")).to_be_visible()

    contributor.goto(f"{PLAN}documents/releases/3/")
    everything = contributor.get_by_role("link", name=re.compile("^Download everything"))
    for _ in range(60):
        if everything.count():
            break
        contributor.wait_for_timeout(1_000)
        contributor.reload()
    is_right(contributor, r"^Release 3, Third round, as at 31\.12\.27$")
    pack = file_behind(contributor, everything.click)
    with zipfile.ZipFile(BytesIO(pack)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert {"work-plan.docx", "progress.pdf", "questions.xlsx", "data/figures.csv", "scorecards/FJI.pdf"} <= set(files)
    assert "scorecards/AUS.pdf" not in files
    assert f"{STATUS},member,FJI,counted" in files["data/behind.csv"].decode()
