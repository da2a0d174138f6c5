"""Numbers with what they count, in words."""

import pytest

from members.numbers import counted


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (counted(1, "answer"), "1 answer"),
        (counted(0, "answer"), "0 answers"),
        (counted(0, "answer", zero="No"), "No answers"),
        (counted(1, "answer is", "answers are"), "1 answer is"),
        (counted(1250, "answer is", "answers are"), "1,250 answers are"),
    ],
)
def test_a_number_is_said_with_what_it_counts(said, words):
    assert said == words
