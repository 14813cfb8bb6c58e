"""What a learner reads of a broken rule: a call that can be pasted, two values that differ, each cause once."""

from typing import NamedTuple

import numpy as np
import pytest

from katagrad.grading.broken_rules import by_cause, tell_way_on
from katagrad.grading.feedback import failure_of, show_call
from katagrad.grading.literals import LONGEST, code
from katagrad.grading.values import pair as shown
from katagrad.katas.catalog import Catalog
from katagrad.katas.interface import read_interface
from katagrad.submission.contract import Handle
from katagrad.submission.proxy import Call, KataProxy, Source, Submission
from katagrad.terminal import Terminal
from katagrad.testing import assert_close, assert_equal
from katagrad.verdict import Failure, Kind, Rule, State, Verdict


class Forward(NamedTuple):
    """What a forward function returns."""

    out: np.ndarray
    cache: object


def test_short_values():
    """Numbers and short arrays are shown in full, lists like arrays."""
    assert shown(0.5, 1.0) == ("0.5", "1.0")
    assert shown([1.0, 2.0], np.array([1.0, 3.0])) == ("[1.0, 2.0]", "[1.0, 3.0]")
    assert shown([[1.0, 2.0], [3.0, 4.0]], np.array([[1.0, 2.0], [3.0, 5.0]])) == (
        "[[1.0, 2.0], [3.0, 4.0]]",
        "[[1.0, 2.0], [3.0, 5.0]]",
    )
    assert shown(None, [1]) == ("None", "[1]")


def test_more_digits_where_it_takes_them():
    """Values that look alike get as many digits as tell them apart."""
    assert shown(1.0, 1.00000001) == ("1.0", "1.00000001")
    expected, got = shown([[1.0, 2.0]], np.array([[1.0, 2.0 + 1e-12]]))
    assert expected != got


@pytest.mark.parametrize(
    ("expected", "got", "texts"),
    [
        (9007199254740992.5, 9007199254740990, ("9007199254740992.0", "9007199254740990.0")),
        (1e16, 10**16 + 2, ("1e+16", "1.0000000000000002e+16")),
        (2, 2.0000001, ("2.0", "2.0000001")),
        ([1, 2], np.array([1.0, 2.5]), ("[1.0, 2.0]", "[1.0, 2.5]")),
    ],
)
def test_a_float_beside_an_integer(expected, got, texts):
    """A float and an integer are written alike, so that what differs is the value."""
    assert shown(expected, got) == texts


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


RANDOM = np.random.default_rng(0)
VALUES = [
    *(1, -2.5, 1 / 3, 1e300, True, None, "it's", np.nan, -np.inf, 2**70),
    *(np.float64(0.1), np.uint8(200), np.float32(0.1), np.bool_(True), np.int64(3)),
    np.array([9, 0, 3], dtype=np.uint8),
    np.array([0.1, np.nan, np.inf, -np.inf, 0.1 + 0.2, 5e-324]),
    np.array([0.1, 1e10], dtype=np.float32),
    *(np.array([True, False]), np.array(["a", "bc"]), np.array(0.5), np.array([[1, 2], [3, 4]])),
    *(np.zeros((0, 3)), np.array([], dtype=int), np.zeros((2, 0, 1), dtype=bool), np.zeros(100)),
    np.asfortranarray(np.arange(6).reshape(2, 3)),
    np.arange(12.0).reshape(3, 4).T,
    np.repeat(np.arange(5.0), 2)[::2],
    np.arange(24.0).reshape(3, 8)[:, ::2],
    *(np.full((30, 2), 7, dtype=np.int8), np.ones(40, dtype=bool), np.arange(1000), np.arange(500.0)),
    *(np.tile([1, 0, 1, 0, 1], 150), np.repeat([0.0, 1.0], [700, 300])),
    RANDOM.normal(size=7),
    [np.ones(2), [1, None]],
    (1.0,),
    ({"a": np.arange(2), "b": (1, "x")}, {1, 2}, set()),
    Forward(np.arange(2.0), 3),
]


def same(one, other):
    if isinstance(one, np.ndarray):
        kept = one.dtype == other.dtype and one.shape == other.shape and one.flags.writeable == other.flags.writeable
        order = one.size < 2 or one.flags.c_contiguous == other.flags.c_contiguous
        return kept and order and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and (one == other or (one != one and other != other))  # noqa: PLR0124 - NaN


@pytest.mark.parametrize("value", VALUES, ids=code)
def test_values_as_python(value):
    """A value that is pasted is the same again: numbers, dtype, shape and memory layout."""
    pasted = eval(code(value), {"np": np, "Forward": Forward})  # noqa: S307 - what this is about
    if isinstance(value, np.float64 | np.int64):
        value = value.item()
    assert same(value, pasted)


def test_read_only_arrays_as_python():
    """A read-only array is pasted as one."""
    array = np.array([1.0, 2.0])
    array.flags.writeable = False
    pasted = eval(code(array), {"np": np})  # noqa: S307
    assert not pasted.flags.writeable
    assert pasted.tolist() == [1.0, 2.0]


def test_a_generator_as_python():
    """A generator is shown as the one that the submission gets, whose seed is the next number drawn."""
    rng = np.random.default_rng(3)
    pasted = eval(code(rng), {"np": np})  # noqa: S307
    assert pasted.random() == np.random.default_rng(rng.integers(2**63)).random()


def test_what_cannot_be_pasted():
    """A long array is abbreviated by shape, dtype and first numbers, in words that are no Python."""
    text = code(RANDOM.normal(size=(50, 3)))
    assert text.startswith("<array of shape (50, 3), float64: ")
    assert len(text) < LONGEST
    with pytest.raises(SyntaxError):
        compile(text, "call", "eval")
    assert code(np.tanh) == "np.tanh"
    assert code(lambda x: x) == "<function <lambda>>"


def test_a_handle_is_the_call_it_came_from():
    """What stays in the submission's process is written as the call that returned it."""
    handle = Handle(1, "a dict", None)
    forward = Call("forward", {"x": np.array([0.5, 2.0])}, Forward(np.ones(2), handle))
    backward = Call("backward", {"grad_out": np.ones(2), "cache": handle})
    text = "backward(grad_out=np.array([1.0, 1.0]), cache=forward(x=np.array([0.5, 2.0])).cache)"
    assert show_call(backward, [forward, backward]) == text


STATEMENT = '''
import numpy as np

def f(x: np.ndarray, kind: str = "mean") -> np.ndarray:
    """F."""
'''


@pytest.fixture
def submission(tmp_path, request):
    """Give a submission whose body of `f` is the parameter, in a checkout of its own."""
    import ast  # noqa: PLC0415 - here alone

    path = tmp_path / "exercises" / "topic" / "first.py"
    path.parent.mkdir(parents=True)
    text = STATEMENT + "".join(f"    {line}\n" for line in request.param.split("\n"))
    given = Submission(Source(path, text), read_interface(ast.parse(STATEMENT)), root=tmp_path)
    yield given
    given.close()


def failure(submission, rule):
    """Return the failure that a rule about the submission comes to."""
    submission.begin_rule()
    grader = submission.root / "tests" / "graders" / "topic" / "test_first.py"
    try:
        rule(KataProxy(submission))
    except BaseException as error:  # noqa: BLE001 - whatever a rule raises
        return failure_of(error, submission, grader)
    raise AssertionError("the rule holds")


@pytest.mark.parametrize("submission", ["return np.product(x) + x"], indirect=True)
def test_names_that_numpy_no_longer_has(submission):
    """A name of NumPy 1 gets its successor."""
    found = failure(submission, lambda kata: kata.f(np.ones(2)))
    assert found.kind is Kind.RAISED
    assert found.reason == "NumPy 2 has no np.product: use np.prod."
    assert found.trace == ("exercises/topic/first.py:6  return np.product(x) + x",)


@pytest.mark.parametrize("submission", ["return [x[int(i)] for i in x]"], indirect=True)
def test_a_line_is_told_once(submission):
    """A comprehension is no second place, though it is a frame of its own."""
    found = failure(submission, lambda kata: kata.f(np.array([7.0])))
    assert found.trace == ("exercises/topic/first.py:6  return [x[int(i)] for i in x]",)


@pytest.mark.parametrize("submission", ["return x"], indirect=True)
def test_a_warning_is_called_one(submission, monkeypatch):
    """A warning of NumPy's is told apart from what the file printed, once."""
    place = f"{submission.source.path}:7"
    warning = f"{place}: RuntimeWarning: divide by zero encountered in divide\n  return x / 0\n"
    submission.load()
    monkeypatch.setattr(submission.process.output, "text", lambda: f"hello\n{warning}  indented\n{warning}")
    found = failure(submission, lambda kata: assert_close(kata.f(np.ones(2)), [2.0, 2.0]))
    assert found.printed == "hello\n  indented"
    assert found.warned == ("RuntimeWarning: divide by zero encountered in divide (exercises/topic/first.py:7)",)


@pytest.mark.parametrize("submission", ["return x"], indirect=True)
def test_what_a_rule_derives_is_named(submission):
    """A derived quantity has the name that the rule gives it; one without a name is said to be derived."""
    named = lambda kata: assert_close(kata.f(np.ones(2)).sum(), 0, what="the condition at 0 is missed by")  # noqa: E731
    found = failure(submission, named)
    assert (found.what, found.expected, found.got) == ("the condition at 0 is missed by", "0.0", "2.0")
    found = failure(submission, lambda kata: assert_equal(kata.f(np.ones(2)).sum(), 0, what="the sum"))
    assert found.what == "the sum"
    found = failure(submission, lambda kata: assert_close(kata.f(np.ones(2)).sum(), 0))
    assert "computed from what was returned" in found.reason


@pytest.mark.parametrize("submission", ["breakpoint()\nreturn x"], indirect=True)
def test_breakpoint(submission):
    """A breakpoint is told how to stop there."""
    found = failure(submission, lambda kata: kata.f(np.ones(2)))
    assert "--pdb" in found.reason
    assert found.got == ""


@pytest.mark.parametrize("submission", ["return x * (x.dtype == float)"], indirect=True)
def test_the_dtype_that_breaks_it_is_shown(submission):
    """A call that fails for its dtype alone says that dtype."""
    given = np.array([9, 0, 3], dtype=np.uint8)
    found = failure(submission, lambda kata: assert_close(kata.f(given, kind="sum"), given))
    assert found.call == "f(x=np.array([9, 0, 3], dtype=np.uint8), kind='sum')"


def rule(name, kind=Kind.RAISED, got="KeyError: 1", where="a.py:3", **texts):
    return Rule(name, f"{name}.", Failure(kind, got=got, where=where, **texts))


def test_one_cause_is_shown_once():
    """Rules that die of the same exception at the same line are one cause; others are not."""
    rules = [
        rule("one"),
        rule("two", got="KeyError: 2"),
        rule("three", where="a.py:4"),
        rule("four", got="ValueError: 1"),
        rule("five", kind=Kind.WRONG),
        rule("six", kind=Kind.WRONG),
    ]
    groups = [[each.name for each in group] for group in by_cause(rules)]
    assert groups == [["one", "two"], ["three"], ["four"], ["five"], ["six"]]


@pytest.mark.parametrize("columns", [30, 80, 200])
def test_commands_are_not_wrapped(columns, capsys):
    """Each command stands on one line in a narrow terminal, too, and the debug line names the first rule shown."""
    kata = max(Catalog().katas, key=lambda kata: len(kata.name))
    long = "a_rule_with_a_name_that_leaves_hardly_any_room_in_a_line"
    rules = (rule("waits", kind=Kind.UNWRITTEN), rule(long))
    terminal = Terminal()
    terminal.console.width = columns
    tell_way_on(terminal, kata, Verdict(kata.path, State.FAILING, rules, seed=2**32 - 1), rules, hints=0)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert any(line.endswith(f"grade {kata.name} --case {long} --pdb") for line in lines)
    assert any(line.endswith(f"--seed {2**32 - 1}") for line in lines)
