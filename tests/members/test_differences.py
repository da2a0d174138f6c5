"""What became of a text, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import differences
from members.differences import MOST_COMPARED, Piece, SideBySide, in_one, side_by_side, size

TEXTS = st.text(alphabet="ab .\n", max_size=30)


@given(TEXTS, TEXTS)
def test_nothing_of_either_text_is_lost(before, after):
    left, right = side_by_side(before, after)
    assert "".join(each.text for each in left) == before
    assert "".join(each.text for each in right) == after
    assert [each.text for each in left if not each.differs] == [each.text for each in right if not each.differs]
    one = list(in_one(before, after))
    assert "".join(text for kind, text in one if kind != "new") == before
    assert "".join(text for kind, text in one if kind != "gone") == after


def test_what_changed_is_found_by_whole_words():
    assert list(in_one("At least 28/35 Members", "At least 30/35 Members")) == [
        ("same", "At least "),
        ("gone", "28"),
        ("new", "30"),
        ("same", "/35 Members"),
    ]


def test_the_size_counts_words_signs_and_spaces():
    assert size("At least 28/35 Members") == 9


def test_long_texts_stand_in_full_without_marks(monkeypatch):
    monkeypatch.setattr(differences, "stretches", lambda before, after: pytest.fail("That takes long."))
    before, after = ("a " * MOST_COMPARED, "b " * MOST_COMPARED)
    assert SideBySide()(before, after) == ((Piece(before, differs=False),), (Piece(after, differs=False),))


def test_many_texts_are_compared_until_it_takes_long():
    half = MOST_COMPARED // 4 - 1
    pair, compare = (f"{'a ' * half}x", f"{'a ' * half}y"), SideBySide()
    marked = [any(piece.differs for piece in compare(*pair)[0]) for _ in range(6)]
    assert marked == [True, True, True, True, False, False]
    assert compare("", "New " * 5000)[1] == (Piece("New " * 5000, differs=True),)
