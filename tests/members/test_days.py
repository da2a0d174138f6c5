"""Days as people type them."""

from datetime import date

import pytest

from members.days import WITH_WHOLE_YEAR, day_of


@pytest.mark.parametrize("text", ["30.06.27", "30.06.2027", "2027-06-30"])
def test_a_day_is_written_in_three_ways(text):
    assert day_of(text) == date(2027, 6, 30)


@pytest.mark.parametrize("text", ["", "x", "31.02.27", "30.06.9999", "0001-01-01", "30/06/27"])
def test_what_is_no_day_of_our_age_is_none(text):
    assert day_of(text) is None


def test_two_digits_do_not_say_the_century():
    assert [day_of(text, WITH_WHOLE_YEAR) for text in ("15.06.64", "15.06.1964")] == [None, date(1964, 6, 15)]
