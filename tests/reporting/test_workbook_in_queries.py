"""A workbook goes out and comes in with as many queries whatever its rows, and however many Members there are. Whole
requests are counted: the session, the person, the history and the marks of transactions, too."""

from datetime import date

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.choices import RoleName
from members.models import Organisation, OutgoingMail, User
from reporting.models import ActivityPart, Answer, SideStatement, WorkbookUpload
from reporting.workbook.layout import Part

from .entering import address
from .region import activity, more_members
from .test_workbook_in_pages import UPLOAD, form_of
from .test_workbook_in_records import NEW_ONE, new_row
from .workbooks import edited, filled, sent_out

MOST_TO_LOOK, MOST_TO_TAKE, MOST_FOR_RECORDS = 12, 25, 42
MOST_WITH_THE_PLAN, MOST_WITH_A_RECEIPT, MOST_TO_DOWNLOAD, MOST_FOR_ALL = 3, 6, 15, 80
"""To read the plan anew, as after an amendment; a page with receipts; the file; and to take over every kind of row."""
SPLIT = 4
"""SQLite takes so many values in one statement, and no more: as many more there are of a hundred rows."""


@pytest.fixture
def connie(world, sign_in):
    client = sign_in(world.people.connie)
    client.get(address())
    return client


def answers(content: bytes, many: int) -> dict[str, dict[str, str]]:
    """That many rows with a comment, which every row asks for."""
    found = {}
    with edited(content) as book:
        for sheet in book.book.worksheets:
            names = book.names(sheet)
            for row in range(4, sheet.max_row + 1) if "question" in names else ():
                key = sheet.cell(row, names["key"]).value
                if key and len(found) < many:
                    found[str(key)] = {"comment": f"Row {row}."}
    return found


def counted(client, content: bytes) -> tuple[int, int]:
    """Queries to look at it, and to take it over."""
    with CaptureQueriesContext(connection) as looked:
        shown = client.post(UPLOAD, {"file": SimpleUploadedFile("Fiji.xlsx", content)})
    assert shown.status_code == 200, shown.content.decode()[:3000]
    with CaptureQueriesContext(connection) as took:
        done = client.post(f"{UPLOAD}confirm/", form_of(shown))
    assert done.status_code == 302
    return len(looked), len(took)


def statements_split() -> range:
    return range(SPLIT + 1 if connection.vendor == "sqlite" else 1)


def asked(ask) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = ask()
    assert response.status_code == 200
    return len(queries)


def test_many_answers_cost_as_many_queries_as_one(world, connie):
    content = sent_out(world)
    rows = answers(content, 40)
    assert len(rows) == 40
    first = dict(list(rows.items())[:1])
    look_at_one, take_one = counted(connie, filled(content, **first))
    look_at_many, take_many = counted(
        connie, filled(sent_out(world), **{key: rows[key] for key in rows if key not in first})
    )
    assert Answer.objects.filter(submission__organisation__code="FJI", round=world.current).count() == 40
    again = {key: {"comment": "Changed."} for key in rows}
    _, change_many = counted(connie, filled(sent_out(world), **again))
    assert look_at_one == look_at_many
    assert take_many - take_one in statements_split()
    assert look_at_many <= MOST_TO_LOOK
    assert max(take_many, change_many) <= MOST_TO_TAKE


def test_many_activities_cost_as_many_queries_as_one(world, connie):
    found = []
    for many in (1, 12):
        content = sent_out(world)
        rows = {
            new_row(content, Part.ACTIVITY, each): NEW_ONE | {"title": f"Workshop {many} {each}"}
            for each in range(many)
        }
        found.append(counted(connie, filled(content, **rows)))
    assert found[0] == found[1]
    assert found[0][0] <= MOST_TO_LOOK
    assert found[0][1] <= MOST_FOR_RECORDS
    assert WorkbookUpload.objects.count() == 2


def test_the_own_numbers_in_many_activities_cost_as_many_queries_as_in_one(world, connie):
    for number in range(9):
        activity(f"A-{number}", date(2027, 3, 1 + number), ["1.1.3-2(a)"], participants=["FJI"])
    content = sent_out(world)
    one, many = ({f"A-{number}": {"own_participants": 4} for number in rows} for rows in ((8,), range(8)))
    found = [counted(connie, filled(content, **rows)) for rows in (one, many)]
    assert found[0] == found[1]
    assert found[0][0] <= MOST_TO_LOOK
    assert found[0][1] <= MOST_FOR_RECORDS
    parts = ActivityPart.objects.filter(version__reported=True, version__activity__reference__startswith="A-")
    assert {part.participants for part in parts} == {4}


def test_many_arrangements_cost_as_many_queries_as_one(world, connie):
    others = ["AUS", "NZL", "TON", "WSM", "PNG"]
    for organisation in Organisation.objects.filter(code__in=("AUS", "TON")):
        approver = User.objects.create(email=f"{organisation.code.lower()}@example.org", name=organisation.name)
        approver.roles.create(role=RoleName.MEMBER_APPROVER, organisation=organisation)
    content = sent_out(world)
    found = []
    for codes in (others[:1], others[1:]):
        rows = {new_row(content, Part.ARRANGEMENT, place): pair(code) for place, code in enumerate(codes)}
        found.append(counted(connie, filled(content, **rows)))
    assert found[0][0] == found[1][0] <= MOST_TO_LOOK
    assert found[0][1] == found[1][1] <= MOST_FOR_RECORDS
    assert SideStatement.objects.filter(organisation__code="FJI", kind="confirmed").count() == len(others)
    assert {mail.to for mail in OutgoingMail.objects.all()} == {"aus@example.org", "ton@example.org"}


def pair(code: str) -> dict[str, str]:
    return {"party": code, "signed": "2018", "source": "Gazette"}


def every_kind(content: bytes, rows: dict[str, dict[str, str]], numbers: range, others: list[str]) -> bytes:
    """Filled in with answers, new activities, the own numbers in others', and new arrangements."""
    new = {new_row(content, Part.ACTIVITY, each): NEW_ONE | {"title": f"Workshop {each}"} for each in numbers}
    own = {f"A-{each}": {"own_participants": 4} for each in numbers}
    pairs = {new_row(content, Part.ARRANGEMENT, place): pair(code) for place, code in enumerate(others)}
    return filled(content, **rows, **new, **own, **pairs)


def test_every_kind_of_row_in_one_workbook(world, connie):
    for number in range(9):
        activity(f"A-{number}", date(2027, 3, 1 + number), ["1.1.3-2(a)"], participants=["FJI"])
    rows = list(answers(sent_out(world), 81).items())
    few = every_kind(sent_out(world), dict(rows[:1]), range(8, 9), ["AUS"])
    look_at_few, take_few = counted(connie, few)
    many = every_kind(sent_out(world), dict(rows[1:]), range(8), ["NZL", "TON", "WSM", "PNG"])
    look_at_many, take_many = counted(connie, many)
    assert sum(each.new + each.changed for each in WorkbookUpload.objects.all()) == 4 + 100
    assert look_at_few == look_at_many <= MOST_TO_LOOK
    assert take_many - take_few in statements_split()
    assert take_many <= MOST_FOR_ALL


def test_where_nothing_of_the_plan_is_kept_it_is_read_as_well(world, connie):
    content = every_kind(sent_out(world), answers(sent_out(world), 3), range(0), ["NZL"])

    def look() -> object:
        return connie.post(UPLOAD, {"file": SimpleUploadedFile("Fiji.xlsx", content)})

    kept = asked(look)
    caches["pages"].clear()
    assert asked(look) == kept + MOST_WITH_THE_PLAN


def test_the_pages_beside_it_ask_for_little(world, connie):
    taken_over = []
    for number in range(1, 4):
        counted(connie, filled(sent_out(world), **answers(sent_out(world), number)))
        receipt = WorkbookUpload.objects.latest("pk")
        pages = UPLOAD, address("workbook", "uploads", receipt.pk), address("workbook")
        taken_over.append([asked(lambda page=page: connie.get(page)) for page in pages])
    assert taken_over[0] == taken_over[1] == taken_over[2]
    upload, receipt, download = taken_over[0]
    assert max(upload, receipt) <= MOST_WITH_A_RECEIPT
    assert download <= MOST_TO_DOWNLOAD


def test_with_350_members_it_takes_as_many_queries(world, connie):
    def once(month: int, rows: dict[str, dict[str, str]]) -> tuple[int, int]:
        content = sent_out(world)
        says = NEW_ONE | {"title": f"Month {month}", "start": date(2027, month, 2), "end": None}
        return counted(connie, filled(content, **rows, **{new_row(content, Part.ACTIVITY): says}))

    rows = [*answers(sent_out(world), 40).items()]
    before = once(3, dict(rows[:20]))
    more_members(315)
    assert once(9, dict(rows[20:])) == before


def test_what_others_recorded_does_not_cost_more(world, connie):
    for number in range(8):
        activity(f"A-{number}", date(2027, 3, 1 + number), ["1.1.3-2(a)"], participants=["FJI"])
    content, looked = sent_out(world), []
    for many in (1, 8):
        rows = {f"A-{number}": {"own_participants": 4} for number in range(many)}
        with CaptureQueriesContext(connection) as queries:
            connie.post(UPLOAD, {"file": SimpleUploadedFile("Fiji.xlsx", filled(content, **rows))})
        looked.append(len(queries))
    assert looked[0] == looked[1] <= MOST_TO_LOOK
