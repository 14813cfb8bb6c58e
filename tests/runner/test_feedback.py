"""Two values are shown such that a learner sees where they differ."""

import numpy as np
import pytest

from katagrad.grading.feedback import _pair as shown
from katagrad.grading.feedback import show_call
from katagrad.submission.proxy import Call


def test_short_values():
    """Numbers and short arrays are shown in full, lists like arrays."""
    assert shown(0.5, 1.0) == ("0.5", "1.0")
    assert shown([1.0, 2.0], np.array([1.0, 3.0])) == ("[1.0 2.0]", "[1.0 3.0]")
    assert shown([[1.0, 2.0], [3.0, 4.0]], np.array([[1.0, 2.0], [3.0, 5.0]])) == (
        "[[1.0 2.0], [3.0 4.0]]",
        "[[1.0 2.0], [3.0 5.0]]",
    )
    assert shown(None, [1]) == ("None", "[1]")


def test_more_digits_where_it_takes_them():
    """Values that look alike get as many digits as tell them apart."""
    assert shown(1.0, 1.00000001) == ("1.0", "1.00000001")
    expected, got = shown([[1.0, 2.0]], np.array([[1.0, 2.0 + 1e-12]]))
    assert expected != got


@pytest.mark.parametrize("size", [30, 8])
def test_the_worst_place(size):
    """Of many numbers, or several of many digits, the place is shown at which they differ most."""
    expected = np.arange(size) / 7
    got = expected + 1e-9 * (np.arange(size) == 5)
    shape = f"shape ({size},)"
    assert shown(expected, got) == ("0.7142857143 at [5]", f"0.7142857153 at [5]; 1 of {size} places differ, {shape}")


def test_differences_below_the_usual_tolerance():
    """A rule about relative precision fails where the usual tolerance sees no difference: the places are counted."""
    expected, got = np.full(40, 1e-20), np.full(40, 1e-20)
    got[7] = 0.0
    assert shown(expected, got) == ("1e-20 at [7]", "0.0 at [7]; 1 of 40 places differ, shape (40,)")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0, 2.0, 2.0, 1 / 3], "[1.0 2.0 2.0 0.333333]"),
        ([1e6, 1e6 + 1, 1e6 + 2], "[1000000.0 1000001.0 1000002.0]"),
        ([0.3, 0.1 + 0.2, np.nan, np.inf], "[0.29999999999999999 0.30000000000000004 nan inf]"),
    ],
)
def test_arguments_that_differ(values, text):
    """Different numbers of an argument look different, or the call would not show what it is about."""
    assert show_call(Call("f", {"x": np.array(values), "n": 1 / 3})) == f"f(x={text}, n=0.333333)"
