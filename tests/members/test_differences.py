"""What became of a text, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from members.differences import in_one, side_by_side, size

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
