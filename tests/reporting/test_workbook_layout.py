"""What the writer and the reader of the Member's workbook agree on."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from reporting.forms.returns import AnswerForm
from reporting.workbook.layout import (
    ACTIVITY_COLUMNS,
    ANSWER_COLUMNS,
    ARRANGEMENT_COLUMNS,
    INPUTS,
    NOT_APPLICABLE,
    Asks,
    Part,
    Stamp,
    answer_key,
    asks,
    choice_text,
    choices,
    code_in,
    digests,
    fields,
    new_key,
    pair_key,
    question_of,
    reference_of,
    stamp_of,
)
from workplan.choices import COMBINATIONS, Measure, Source
from workplan.queries import readings_of
from workplan.tree import ReadingText

DAY = date(2027, 12, 31)
MADE = datetime(2028, 1, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize("columns", [ANSWER_COLUMNS, ACTIVITY_COLUMNS, ARRANGEMENT_COLUMNS])
def test_the_first_column_is_the_key_and_none_stands_twice(columns):
    names = [each.name for each in columns]
    assert names[0] == "key"
    assert len(names) == len(set(names))


def test_notes_and_titles_are_short_enough_for_a_spreadsheet():
    """A prompt has at most 255 signs, its title 32."""
    notes = [each.note for each in (*ANSWER_COLUMNS, *ACTIVITY_COLUMNS, *ARRANGEMENT_COLUMNS)]
    assert max(map(len, notes)) <= 255


@pytest.mark.parametrize(("code", "year", "key"), [("1.1.1(b)", None, "1.1.1(b)"), ("1.1.3-8", 2026, "1.1.3-8@2026")])
def test_a_key_names_a_question(code, year, key):
    assert answer_key(code, year) == key
    assert question_of(key) == (code, year)


@pytest.mark.parametrize("key", ["", "@2026", "1.1.1(b)@", "1.1.1(b)@26", "1.1.1(b)@2026.0", "1.1.1(b)@\uff12026"])
def test_what_names_no_question_is_refused(key):
    with pytest.raises(ValueError, match=rf"^{re.escape(key)}$"):
        question_of(key)


def test_keys_of_records():
    assert reference_of("OP-DRAGON") == ("OP-DRAGON", False)
    assert reference_of(new_key("FJI-20280110-ABCDE-01")) == ("FJI-20280110-ABCDE-01", True)
    assert pair_key("NZL", "AUS") == pair_key("AUS", "NZL") == "AUS-NZL"
    assert code_in(choice_text("NZL", "New Zealand")) == code_in(" NZL ") == "NZL"


@pytest.mark.parametrize(("source", "measure", "period"), sorted(COMBINATIONS))
def test_the_choices_are_the_buttons_of_the_form(source, measure, period):
    asked, form = asks(source, measure), form_of(source, measure)
    offered = choices(asked, DAY)
    if "answer" in form.fields:
        buttons = {text: value for value, text in form.fields["answer"].choices if value}
        assert offered == buttons
    else:
        assert offered == {str(form.fields["not_applicable"].label): NOT_APPLICABLE}


@pytest.mark.parametrize(("source", "measure", "period"), sorted(COMBINATIONS))
def test_a_row_asks_what_the_form_asks(source, measure, period):
    asked, form = asks(source, measure), form_of(source, measure)
    names = {"answer" if name == "not_applicable" else name for name in form.fields} - {"token"}
    assert set(INPUTS[asked]) == names


def form_of(source, measure, data=None) -> AnswerForm:
    reading = ReadingText(
        **{
            name: None if name in ("counts_from", "part", "denominator", "baseline", "confirmed_at") else ""
            for name in ReadingText.__dataclass_fields__
        }
        | {"source": Source(source), "measure": Measure(measure)}
    )
    return AnswerForm(reading, f"{DAY:%d.%m.%y}", data)


@pytest.mark.parametrize(
    ("asked", "said", "says"),
    [
        (Asks.STANDING, {"answer": "planned", "comment": "Soon."}, {"standing": "planned", "comment": "Soon."}),
        (Asks.YES_NO, {"answer": "no"}, {"participated": False}),
        (Asks.COMPLETE, {"answer": "complete"}, {"register_complete": True}),
        (Asks.FIGURE, {"value": "1,250.5", "figure_source": "Books."},
         {"value": Decimal("1250.5"), "figure_source": "Books."}),
        (Asks.FIGURE, {"answer": NOT_APPLICABLE, "comment": "None."}, {"standing": NOT_APPLICABLE, "comment": "None."}),
        (Asks.SHARE, {"numerator": "3", "denominator": "8"}, {"numerator": Decimal(3), "denominator": Decimal(8)}),
    ],
)  # fmt: skip
def test_cells_become_what_the_form_takes(asked, said, says):
    source, measure = next(each[:2] for each in sorted(COMBINATIONS) if asks(*each[:2]) is asked)
    form = form_of(source, measure, fields(asked, said))
    assert form.is_valid(), form.errors
    assert {name: value for name, value in form.says.items() if value not in ("", None) and value is not False} | {
        name: value for name, value in says.items() if value is False
    } == says


# ---------------------------------------------------------------- the stamp


def stamp(**more) -> Stamp:
    about = {"plan": "rsp-2026-2028", "amendment": 2, "round": "interim", "organisation": "FJI", "made_at": MADE}
    return Stamp(**about | more)


def test_the_stamp_is_read_as_it_was_written():
    whole = stamp(
        answers={"1.1.1(b)": ("17.3.dr", "ab12"), "1.1.3-8@2026": ("0", "")},
        activities={"=OP": ("4", "cd")},
        arrangements={"AUS-NZL": ("9", "ef")},
    )
    assert stamp_of(whole.rows()) == whole


def test_numbers_and_missing_cells_in_the_stamp_are_no_harm():
    """A spreadsheet makes a number of 0 when it saves, and leaves the last cells of a row out."""
    rows = [list(row) for row in stamp(answers={"1.1.1(b)": ("0", "")}).rows()]
    assert stamp_of([[*rows[0], None], *rows[1:-1], [Part.ANSWER, "1.1.1(b)", 0]]).answers == {"1.1.1(b)": ("0", "")}


@pytest.mark.parametrize("missing", ["format", "plan", "amendment", "round", "organisation", "made_at"])
def test_a_stamp_that_lacks_something_is_none(missing):
    with pytest.raises(ValueError, match=missing):
        stamp_of(row for row in stamp().rows() if row[1] != missing)


# ---------------------------------------------------------------- was a row touched


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"value": 3}, {"value": Decimal("3.00")}),
        ({"value": 3.0}, {"value": "3"}),
        ({"value": None, "comment": "Ours."}, {"comment": " Ours. "}),
        ({"comment": "a\r\nb"}, {"comment": "a\nb"}),
        ({"start": date(2027, 1, 2)}, {"start": datetime(2027, 1, 2)}),  # noqa: DTZ001 -- as a workbook has it
        ({"value": 0}, {"value": "0"}),
        ({"value": 1, "comment": "a"}, {"comment": "a", "value": 1}),
    ],
)
def test_what_reads_alike_has_the_same_digest(one, other):
    assert digests(one) == digests(other)


@pytest.mark.parametrize(
    ("one", "other"), [({"value": 0}, {}), ({"value": 1}, {"value": 10}), ({"a": "x"}, {"b": "x"}), ({"a": "x"}, {})]
)
def test_what_differs_has_another(one, other):
    assert digests(one) != digests(other)


def test_every_reading_of_the_plan_asks_something(plan):
    asked = {asks(Source(each.source), Measure(each.measure)) for each in readings_of(plan)}
    assert asked == set(Asks)
