"""Each operator on a small text makes the mutants that it should, and no others."""

import pytest

from katagrad.authoring.strength.mutants import mutants
from katagrad.authoring.strength.operators import OPERATORS


def made_by(operator, line, header="def f(x, y):"):
    """Return what an operator makes of a function's one line."""
    found = mutants(f"{header}\n    {line}\n    return x\n")
    return [mutant.after for mutant in found if mutant.operator == operator and mutant.line == 2]


@pytest.mark.parametrize(
    ("operator", "line", "expected"),
    [
        ("shape index", "x = np.zeros(y.shape[1])", ["x = np.zeros(y.shape[0])"]),
        ("shape index", "x = y.shape[-1]", ["x = y.shape[0]"]),
        ("shape index", "n, d = x.shape", ["d, n = x.shape"]),
        ("shape index", "x = len(y)", ["x = y.shape[1]"]),
        ("off by one", "x = range(y)", ["x = range(1, y)", "x = range(y + 1)", "x = range(y - 1)"]),
        ("off by one", "x = range(2, 5)", []),
        ("off by one", "x = np.arange(y)", ["x = np.arange(1, y + 1)"]),
        ("off by one", "x = x[y:]", ["x = x[y + 1:]", "x = x[y - 1:]"]),
        ("off by one", "x = x[1:-1]", []),
        ("off by one", "x = x / len(y)", ["x = x / (len(y) - 1)"]),
        ("off by one", "x = x / (len(y) - 1)", []),
        ("off by one", "x = np.searchsorted(x, y)", ['x = np.searchsorted(x, y, side="right")']),
        ("function removed", "x = np.sqrt(x + y) * 2", ["x = (x + y) * 2"]),
        ("function removed", "x = x.copy()", ["x = x"]),
        ("function removed", "x = np.asarray(y, dtype=float)", ["x = y"]),
        ("function removed", "x = y.T @ x", ["x = y @ x"]),
        ("function removed", "x = np.maximum(x, y)", ["x = x", "x = y"]),
        ("function removed", "x = int(x.sum())", []),
        ("function removed", "x = x.mean(axis=0)", []),
        ("index dropped", "x = x[::-1]", ["x = x"]),
        ("index dropped", "x = x[y]", ["x = x"]),
        ("index dropped", "x = x[y > 0]", ["x = x"]),
        ("index dropped", "x = x[:, 0]", []),
        ("index dropped", "x[y] = 1", []),
        ("constant", "x = x * 2", ["x = x * 3", "x = x * 1"]),
        ("constant", "x = x * 0.5", ["x = x * 1.0", "x = x * 0.25"]),
        ("constant", "x = x > 1e-10", ["x = x > 1e-09", "x = x > 1e-11"]),
        ("constant", "x = x + 0.0", ["x = x + 1.0"]),
        ("constant", "x = g(x, full=True)", ["x = g(x, full=False)"]),
        ("constant", 'x = np.searchsorted(x, y, side="right")', ["x = np.searchsorted(x, y, side='left')"]),
        ("constant", "x = np.sum(x, axis=1)", []),
        ("constant", "x = zip(x, y, strict=True)", []),
        ("arithmetic", "x = x + y", ["x = x - y"]),
        ("arithmetic", "x = (x) * (y)", ["x = (x) / (y)"]),
        ("arithmetic", "x = x // y", ["x = x / y"]),
        ("arithmetic", "x = x | ~y", ["x = x & ~y"]),
        ("arithmetic", "x += y", ["x -= y", "x = y"]),
        ("operand dropped", "x = x + y", ["x = x", "x = y"]),
        ("operand dropped", "x = x - y", ["x = x", "x = -y"]),
        ("operand dropped", "x = x / y", ["x = x", "x = 1 / y"]),
        ("operand dropped", "x = 1 / y", ["x = y"]),
        ("operand dropped", "x = (x + 1) * (y)", ["x = (x + 1)", "x = (y)", "x = (x) * (y)"]),
        ("operand dropped", "x = x**y", ["x = x"]),
        ("operand dropped", "x = x or (y == 0) or z", ["x = (y == 0) or z", "x = x or z", "x = x or (y == 0)"]),
        ("statement deleted", "x += y", ["pass"]),
        ("statement deleted", "z = x", []),
        ("changed in place", "x = x - y", ["x -= y"]),
        ("changed in place", "z = x - y", []),
        ("axis", "x = x.sum(axis=0)", ["x = x.sum(axis=1)"]),
        ("axis", "x = x.sum(axis=-1)", ["x = x.sum(axis=0)"]),
        ("axis", "x = x.sum(axis=(0, 2))", ["x = x.sum(axis=0)", "x = x.sum(axis=2)"]),
        ("argument dropped", "x = x.std(axis=0, ddof=1)", ["x = x.std(ddof=1)", "x = x.std(axis=0)"]),
        ("argument dropped", 'x = np.searchsorted(x, y, side="left")', []),
        ("argument dropped", "x = zip(x, y, strict=True)", []),
        ("reduction", "x = x.sum()", ["x = x.mean()"]),
        ("reduction", "x = np.maximum(x, y)", ["x = np.minimum(x, y)"]),
        ("reduction", "x = max(x)", ["x = min(x)"]),
        ("reduction", "x = sum(x)", []),
        ("comparison", "x = x < y", ["x = x <= y", "x = x > y"]),
        ("comparison", "x = 0 <= x < y", ["x = 0 < x < y", "x = 0 >= x < y", "x = 0 <= x <= y", "x = 0 <= x > y"]),
        ("comparison", "x = x == y", ["x = x != y"]),
        ("comparison", "x = x is None", ["x = x is not None"]),
        ("comparison", "x = x and not y", ["x = x or not y"]),
        ("branch dropped", "x = x if y else 0", ["x = x", "x = 0"]),
        ("branch dropped", "x = np.where(y, x, 0)", ["x = x", "x = 0"]),
        ("branch dropped", "x = [i for i in x if i != y]", ["x = [i for i in x if True]"]),
        ("sign", "x = -x", ["x = x"]),
        ("sign", "x = not (x or y)", ["x = (x or y)"]),
        ("sign", "x = y[~x]", ["x = y[x]"]),
        ("sign", "x = np.exp(x + y)", ["x = np.exp(-(x + y))"]),
        ("sign", "x = y.argsort()", ["x = (-y).argsort()"]),
        ("sign", "x = np.inf", ["x = -np.inf"]),
    ],
)
def test_operator(operator, line, expected):
    """An operator makes these mutants of this line."""
    assert sorted(made_by(operator, line)) == sorted(expected)


@pytest.mark.parametrize(
    ("operator", "line", "expected"),
    [
        ("parameter for its default", "x = x * k + eps", ["x = x * 3 + eps", "x = x * k + 1e-5"]),
        ("eps moved", "x = 1 / np.sqrt(x + eps)", ["x = 1 / (np.sqrt(x) + eps)"]),
        ("eps moved", "x = 1 / (np.sqrt(x) + eps)", ["x = 1 / (np.sqrt(x + eps))"]),
        ("eps moved", "x = np.log(np.maximum(x, 1e-12))", ["x = np.log(x + 1e-12)"]),
        ("eps moved", "x = np.log(x + k)", []),
    ],
)
def test_operator_that_knows_defaults(operator, line, expected):
    """An operator looks at the parameters' defaults."""
    assert sorted(made_by(operator, line, "def f(x, k=3, eps=1e-5):")) == sorted(expected)


def test_conditional_statements():
    """A branch is taken always, or never; a check that only raises is left out, once."""
    text = "def f(x):\n    if x > 1:\n        raise ValueError(f'{x + 1}')\n    if x:\n        x += 1\n    return x\n"
    deleted = [(each.line, each.before, each.after) for each in mutants(text) if each.operator == "statement deleted"]
    assert deleted == [
        (2, "if x > 1: raise ValueError(f'{x + 1}')", "pass"),
        (4, "if x:", "if True:"),
        (4, "if x: x += 1", "pass"),
    ]
    with_else = "def f(x):\n    if x:\n        x += 1\n    else:\n        x -= 1\n    return x\n"
    made = [each.after for each in mutants(with_else) if each.operator == "statement deleted"]
    assert made == ["if True:", "if False:", "pass", "pass"]


def test_every_operator_is_tested():
    """The tables above leave out no operator."""
    marks = [*test_operator.pytestmark, *test_operator_that_knows_defaults.pytestmark]
    assert {case[0] for mark in marks for case in mark.args[1]} == OPERATORS.keys()
