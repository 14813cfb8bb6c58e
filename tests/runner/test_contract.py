"""What a submission returns, held against the annotation: lenient in form, clear where it cannot be."""

import ast

import numpy as np
import pytest

from katagrad.katas.interface import read_interface
from katagrad.submission.contract import ContractError, Handle, conform
from katagrad.submission.wire import Named

INTERFACE = read_interface(
    ast.parse("""
class Fit(NamedTuple):
    weights: np.ndarray
    loss: float
""")
)


def given(value, annotation):
    return conform(value, ast.parse(annotation, mode="eval").body, INTERFACE, "f returned")


@pytest.mark.parametrize(
    ("value", "annotation", "expected"),
    [
        *((1, "float", 1), (np.float64(1.5), "float", 1.5), (np.array(1.5), "float", 1.5), (True, "float", True)),
        *(
            (2.0, "int", 2),
            (np.int64(2), "int", 2),
            (np.array(2), "int", 2),
            (1, "bool", True),
            (np.bool_(False), "bool", False),
        ),
        *(
            ("a", "str", "a"),
            ({"a": 1}, "dict", {"a": 1}),
            (None, "None", None),
            (None, "int | None", None),
            (2, "int | None", 2),
        ),
        *(
            ([1, 2.0], "list[float]", [1, 2.0]),
            ((1, 2), "list[int]", [1, 2]),
            ([1, 2.0], "tuple[int, float]", (1, 2.0)),
        ),
        *(
            (np.array([1, 2]), "list[int]", [1, 2]),
            ((1, 2, 3), "tuple[int, ...]", (1, 2, 3)),
            ("anything", "object", "anything"),
        ),
    ],
)
def test_right_forms(value, annotation, expected):
    """A value in another form that means the same is taken, in the form that was promised."""
    result = given(value, annotation)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize("value", [[1.0, 2.0], (1, 2), np.array([1, 2]), [[1], [2]], 1.0, []])
def test_arrays(value):
    """Nested lists and numbers are arrays."""
    result = given(value, "np.ndarray")
    assert isinstance(result, np.ndarray)
    np.testing.assert_array_equal(result, value)


@pytest.mark.parametrize(
    "value",
    [
        *((np.ones(2), 3.0), [np.ones(2), 3.0], Named("Fit", ("weights", "loss"), (np.ones(2), 3.0))),
        *({"weights": np.ones(2), "loss": 3.0}, Named("Other", ("loss", "weights"), (3.0, np.ones(2)))),
    ],
)
def test_named_tuples(value):
    """A named tuple of the kata may come as a tuple in its order, or as anything with its names."""
    result = given(value, "Fit")
    assert result._fields == ("weights", "loss")
    assert result.loss == 3.0
    np.testing.assert_array_equal(result.weights, [1.0, 1.0])


@pytest.mark.parametrize(
    ("value", "annotation", "words"),
    [
        (None, "np.ndarray", "f returned None, expected an array"),
        (np.ones(3), "float", "an array of shape (3,), expected a number"),
        ("1", "float", "a str, expected a number"),
        (1 + 2j, "float", "a complex, expected a number"),
        (2.5, "int", "2.5, expected a whole number"),
        (float("nan"), "int", "nan, expected a whole number"),
        (float("inf"), "int", "inf, expected a whole number"),
        (None, "int", "None, expected a whole number"),
        ([[1], [1, 2]], "np.ndarray", "rows differ in length"),
        (np.array([1j]), "np.ndarray", "complex"),
        ([None], "np.ndarray", "expected an array"),
        (Handle(0, "a generator"), "np.ndarray", "a generator, expected an array"),
        ((1, 2), "tuple[int, int, int]", "2 values, expected 3"),
        (3, "list[int]", "expected a list"),
        ((np.ones(1), 2.0, 3.0), "Fit", "3 values, expected 2: Fit(weights, loss)"),
        (None, "Fit", "None, expected Fit(weights, loss)"),
        ((np.ones(1), None), "Fit", "whose loss is None, expected a number"),
        (1, "None", "expected None"),
        (1, "dict", "expected a dict"),
        (1, "str", "expected a string"),
    ],
)
def test_wrong_kinds(value, annotation, words):
    """A value of another kind is described in a sentence that names both."""
    with pytest.raises(ContractError) as error:
        given(value, annotation)
    assert words in error.value.problem
