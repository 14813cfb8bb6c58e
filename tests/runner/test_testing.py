"""What graders assert with: every pair of values is told right from wrong."""

import numpy as np
import pytest

from katagrad.testing import MismatchError, assert_close, assert_equal, numerical_gradient, stacked_gradient

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        *((1.0, 1.0), (1, 1.0), (True, 1), (np.float32(0.5), 0.5), (1.0 + 1e-10, 1.0), (1e-13, 0.0)),
        *(([1, 2], [1.0, 2.0]), ((1, 2), np.array([1, 2])), (np.zeros((0, 3)), np.zeros((0, 3))), ([], [])),
        *((NAN, NAN), (INF, INF), (-INF, -INF), ([1.0, NAN], [1.0, NAN])),
    ],
)
def test_close(actual, expected):
    """Numbers agree within the tolerance, whatever holds them."""
    assert_close(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        *((1.0 + 1e-8, 1.0), (1e-11, 0.0), (NAN, 1.0), (1.0, NAN), (INF, 1e308), (1e308, INF), (-INF, INF), (INF, NAN)),
        *(
            ([1.0], 1.0),
            (1.0, [1.0]),
            ([1.0, 2.0], [[1.0, 2.0]]),
            ([1.0, 2.0, 3.0], [1.0, 2.0]),
            ([[1.0]] * 2, [[1.0, 1.0]]),
        ),
        *(
            (None, 1.0),
            ("1.0", 1.0),
            (1.0 + 0j, 1.0),
            ([[1.0], [1.0, 2.0]], [1.0]),
            (object(), 1.0),
            (np.array([None]), [1.0]),
        ),
        *((np.array(["1"]), [1.0]), ({}, 1.0)),
    ],
)
def test_not_close(actual, expected):
    """Another shape, another kind, NaN and infinities in the wrong place do not agree: nothing is broadcast."""
    with pytest.raises(MismatchError):
        assert_close(actual, expected)


def test_tolerance():
    """The tolerance is relative to what was expected, and absolute about zero."""
    assert_close(100.05, 100.0, rtol=1e-3)
    with pytest.raises(MismatchError):
        assert_close(100.15, 100.0, rtol=1e-3)
    assert_close(0.05, 0.0, atol=0.1)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        *(
            (1, 1),
            (1.0, 1),
            (None, None),
            ("a", "a"),
            ([1, None], [1, None]),
            ((1, "a"), [1, "a"]),
            ({"a": 1}, {"a": 1}),
        ),
        *((np.array([1, 2]), [1, 2]), ([np.array([1])], [[1]]), (np.array([NAN]), np.array([NAN])), (True, True)),
    ],
)
def test_equal(actual, expected):
    """The same values are equal, whatever holds them."""
    assert_equal(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        *(
            (1, 2),
            (1.0 + 2**-52, 1.0),
            (None, 0),
            (0, None),
            ("a", "b"),
            ("1", 1),
            (1, "1"),
            ([1], 1),
            ([1, 2], [2, 1]),
        ),
        *(
            ([1], [1, 2]),
            ({"a": 1}, {"a": 2}),
            ({"a": 1}, {"b": 1}),
            (1, {"a": 1}),
            ([[1], [2, 3]], [1]),
            (object(), 1),
        ),
        *((np.array([1, 2]), [1, 3]), ([None], [0])),
    ],
)
def test_not_equal(actual, expected):
    """Other values are not, not by the last bit."""
    with pytest.raises(MismatchError):
        assert_equal(actual, expected)


def test_numerical_gradient():
    """Central differences agree with a gradient known in closed form, and leave the point as it was."""
    x = np.random.default_rng(0).normal(size=(2, 3))
    before = x.copy()
    gradient = numerical_gradient(lambda x: (x**3).sum() + x[0, 1] * x[1, 2], x)
    expected = 3 * x**2
    expected[0, 1] += x[1, 2]
    expected[1, 2] += x[0, 1]
    np.testing.assert_allclose(gradient, expected, rtol=1e-8, atol=1e-8)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(numerical_gradient(lambda x: x.sum() ** 2, np.array([1, 2])), [6, 6])
    at_once = stacked_gradient(lambda x: (x**3).sum(axis=(-2, -1)) + x[..., 0, 1] * x[..., 1, 2], x)
    np.testing.assert_allclose(at_once, expected, rtol=1e-8, atol=1e-8)
