import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

PURE = True


@pytest.fixture
def lookups(rng):
    """Draw a table of seven rows, seven lookups of its rows 1, 2, 4 and 5, their gradients, and an accumulator."""
    table, accumulator = rng.normal(size=(7, 3)), rng.uniform(0.1, 4.0, size=(7, 3))
    return table, rng.permutation([1, 2, 2, 4, 5, 5, 5]), rng.normal(size=(7, 3)), accumulator


def defined(param, grad, accumulator, lr, eps):
    """Return what the definition makes of one coordinate: its new value and accumulator."""
    accumulator = accumulator + grad * grad
    return param - lr * grad / (accumulator**0.5 + eps), accumulator


def defined_on_lookups(lookups, lr, eps):
    """Return what the definition makes of a table, one cell at a time."""
    table, rows, grads, accumulator = lookups
    table, accumulator = table.astype(float), accumulator.astype(float)
    for row in sorted(set(rows.tolist())):
        for column in range(table.shape[1]):
            total = sum(grads[i, column] for i in range(len(rows)) if rows[i] == row)
            cell = table[row, column], total, accumulator[row, column]
            table[row, column], accumulator[row, column] = defined(*cell, lr, eps)
    return table, accumulator


def test_step(kata, rng):
    """The squared gradient joins the accumulator first; the step divides by its root plus eps, coordinate-wise."""
    # 16 + 3^2 = 25, whose root is 5; eps = 1 makes that 6. The size of the gradients does not matter.
    for size in (1.0, 1e3, 1e-4):
        one = np.array([10.0 * size]), np.array([3.0 * size]), np.array([16.0 * size**2])
        step = kata.adagrad_step(*one, lr=2.0, eps=size)
        assert_close(step.accumulator, [25.0 * size**2])
        assert_close(step.param, [10.0 * size - 1.0])
    # A rate of 0, as in a warm-up, and a large one.
    for lr in (0.0, 600.0):
        step = kata.adagrad_step(np.array([10.0]), np.array([3.0]), np.array([16.0]), lr=lr, eps=1.0)
        assert_close(step.accumulator, [25.0])
        assert_close(step.param, [10.0 - lr / 2])
    # The very first step divides by eps, too.
    assert_close(kata.adagrad_step(np.zeros(1), np.array([3.0]), np.zeros(1), lr=2.0, eps=1.0).param, [-1.5])
    for shape in ((4,), (2, 4), (2, 3, 2)):
        param, grad, accumulator = rng.normal(size=(3, *shape))
        step = kata.adagrad_step(param, grad, accumulator**2, lr=0.3, eps=0.2)
        moved, grown = np.vectorize(defined)(param, grad, accumulator**2, 0.3, 0.2)
        assert_close(step.accumulator, grown)
        assert_close(step.param, moved)


def test_first_step(kata):
    """From zero, a coordinate moves by lr against its gradient, large or small; one without gradient stays."""
    step = kata.adagrad_step(np.zeros(4), np.array([1e5, -2.0, 1e-3, 0.0]), np.zeros(4), lr=0.5)
    assert_close(step.param, [-0.5, 0.5, -0.5, 0.0], rtol=1e-6)
    # eps takes a millionth of the smallest step.
    step = kata.adagrad_step(np.zeros(2), np.array([1e-6, -1e-6]), np.zeros(2), lr=0.5, eps=1e-12)
    assert_close(step.param, [-0.5, 0.5], rtol=2e-6)
    grads = np.array([[0.0, 1e-6], [-1e-6, 0.0]])
    step = kata.adagrad_sparse_step(np.zeros((3, 2)), np.array([2, 0]), grads, np.zeros((3, 2)), lr=0.5, eps=1e-12)
    assert_close(step.table, [[0.5, 0.0], [0.0, 0.0], [0.0, -0.5]], rtol=2e-6)


def test_several_steps(kata):
    """The accumulator forgets nothing: under a constant gradient step t is lr / sqrt(t)."""
    param, accumulator = np.array([3.0]), np.zeros(1)
    for t in range(1, 8):
        expected = param - 0.5 / t**0.5
        param, accumulator = kata.adagrad_step(param, np.array([2.0]), accumulator, lr=0.5)
        assert_close(param, expected)
        assert_close(accumulator, [4.0 * t])


def test_sparse_step(kata, lookups):
    """Each row that was looked up takes Adagrad's step, coordinate by coordinate."""
    # Of two rows the second: 16 + 3^2 = 25, and the step is 2 * 3 / (5 + 1). One coordinate has no gradient.
    table, squares, rows = np.array([[7.0, 8.0], [10.0, 20.0]]), np.array([[4.0, 9.0], [16.0, 0.0]]), np.array([1])
    for size in (1.0, 1e3, 1e-4):
        small = size * table, rows, np.array([[3.0 * size, 0.0]]), size**2 * squares
        step = kata.adagrad_sparse_step(*small, lr=2.0, eps=size)
        assert_close(step.accumulator, size**2 * np.array([[4.0, 9.0], [25.0, 0.0]]))
        assert_close(step.table, size * table - np.array([[0.0, 0.0], [1.0, 0.0]]))
    # Numbers that add up to 0 are a gradient, too.
    step = kata.adagrad_sparse_step(table, rows, np.array([[3.0, -3.0]]), squares, lr=2.0, eps=1.0)
    assert_close(step.accumulator, [[4.0, 9.0], [25.0, 9.0]])
    assert_close(step.table, [[7.0, 8.0], [9.0, 21.5]])
    step = kata.adagrad_sparse_step(table, rows, np.array([[3.0, 0.0]]), squares, lr=0.0, eps=1.0)
    assert_close(step.accumulator, [[4.0, 9.0], [25.0, 0.0]])
    assert_close(step.table, table)
    table, _, grads, accumulator = lookups
    lookups = table, np.array([5, 0, 3]), grads[:3], accumulator
    step = kata.adagrad_sparse_step(*lookups, lr=0.3, eps=0.2)
    moved, grown = defined_on_lookups(lookups, lr=0.3, eps=0.2)
    assert_close(step.accumulator, grown)
    assert_close(step.table, moved)


def test_duplicates(kata, lookups):
    """A row looked up several times takes one step, with the sum of its gradients."""
    # 0.5 + 2 + 0.5 = 3, and 16 + 3^2 = 25.
    grads = np.array([[0.5], [2.0], [0.5]])
    small = kata.adagrad_sparse_step(
        np.array([[10.0]]), np.array([0, 0, 0]), grads, np.array([[16.0]]), lr=2.0, eps=1.0
    )
    assert_close(small.accumulator, [[25.0]])
    assert_close(small.table, [[9.0]])
    # Gradients that cancel leave their row where it is, and its accumulator too.
    table, accumulator = np.array([[10.0, 20.0]]), np.array([[16.0, 0.0]])
    cancelling = kata.adagrad_sparse_step(table, np.array([0, 0]), np.array([[4.0, -0.5], [-4.0, 0.5]]), accumulator)
    assert_close(cancelling.accumulator, accumulator)
    assert_close(cancelling.table, table)
    # Large gradients of row 0 leave the small sum of row 1 exact.
    rows, grads, squares = np.array([1, 0, 0, 1]), np.array([[1e-3], [1e6], [7e5], [2e-3]]), np.array([[0.0], [16e-6]])
    step = kata.adagrad_sparse_step(np.zeros((2, 1)), rows, grads, squares, lr=2.0, eps=1e-3)
    assert_close(step.table[1], [-1.0])
    assert_close(step.accumulator, [[1.7e6**2], [25e-6]])
    # 500 lookups of a row sum up to 250.
    rows, grads = np.zeros(500, dtype=int), np.full((500, 1), 0.5)
    step = kata.adagrad_sparse_step(np.zeros((1, 1)), rows, grads, np.ones((1, 1)))
    assert_close(step.accumulator, [[62_501.0]])
    step = kata.adagrad_sparse_step(*lookups, lr=0.3, eps=0.2)
    moved, grown = defined_on_lookups(lookups, lr=0.3, eps=0.2)
    assert_close(step.accumulator, grown)
    assert_close(step.table, moved)


def test_untouched_rows(kata, lookups):
    """Rows that were not looked up stay as they are, bit for bit, in the table and in the accumulator."""
    table, rows, grads, accumulator = lookups
    accumulator[3] = 0.0
    step = kata.adagrad_sparse_step(table, rows, grads, accumulator, lr=0.3, eps=1e-3)
    for after, before in ((step.table, table), (step.accumulator, accumulator)):
        expected = after.copy()
        expected[[0, 3, 6]] = before[[0, 3, 6]]
        assert_equal(after, expected)


def test_many_lookups(kata, rng):
    """200,000 lookups in a table of 20,000 rows take far less than a pass over all lookups for every row."""
    rows, grads = rng.integers(0, 20_000, size=200_000), rng.normal(size=(200_000, 1))
    step = kata.adagrad_sparse_step(np.zeros((20_000, 1)), rows, grads, np.ones((20_000, 1)), lr=0.1, eps=0.5)
    total = np.bincount(rows, weights=grads[:, 0], minlength=20_000)
    assert_close(step.table, defined(0.0, total, 1.0, 0.1, 0.5)[0][:, None])


@strict
def test_defaults(kata):
    """Unless told otherwise, lr is 0.01 and eps is 1e-10."""
    # A gradient of eps takes half a step.
    assert_close(kata.adagrad_step(np.zeros(1), np.array([1e-10]), np.zeros(1)).param, [-0.005])
    step = kata.adagrad_sparse_step(np.zeros((2, 1)), np.array([1]), np.array([[1e-10]]), np.zeros((2, 1)))
    assert_close(step.table, [[0.0], [-0.005]])


@strict
def test_no_lookups(kata, lookups):
    """Without lookups nothing changes."""
    table, *_, accumulator = lookups
    step = kata.adagrad_sparse_step(table, np.empty(0, dtype=int), np.empty((0, 3)), accumulator)
    assert_equal(step.table, table)
    assert_equal(step.accumulator, accumulator)


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    param, grad, accumulator = np.array([10, 20]), np.array([3, -1]), np.array([16, 2])
    step = kata.adagrad_step(param, grad, accumulator, lr=1, eps=1)
    assert_close(step.param, [9.5, 20 + 1 / (3**0.5 + 1)])
    assert_close(step.accumulator, [25.0, 3.0])
    table, rows, accumulator = np.array([[10, 20], [30, 40]]), np.array([1, 1]), np.array([[5, 6], [16, 2]])
    for grads in (np.array([[1, -1], [2, 0]]), np.array([[0.5, -1.0], [0.7, 0.0]])):
        lookups = table, rows, grads, accumulator
        step = kata.adagrad_sparse_step(*lookups, lr=1, eps=1)
        moved, grown = defined_on_lookups(lookups, lr=1, eps=1)
        assert_close(step.accumulator, grown)
        assert_close(step.table, moved)


def workload(kata, rng, n):
    """Two dense steps, and two sparse ones on a table whose first rows are looked up most; some gradients are zero."""
    param, grad = rng.normal(size=(2, n + 1, 4))
    grad[rng.random(size=grad.shape) < 0.3] = 0.0
    first = kata.adagrad_step(param, grad, np.zeros(param.shape))
    second = kata.adagrad_step(first.param, grad[::-1], first.accumulator, 0.3, 0.1)
    rows = np.minimum(rng.geometric(0.2, size=n), n)
    third = kata.adagrad_sparse_step(second.param, rows, grad[:n], second.accumulator)
    fourth = kata.adagrad_sparse_step(third.table, rows[::-1], grad[:n], third.accumulator, 0.3, 0.1)
    return first, second, third, fourth


MISTAKES = {
    "accumulator updated after the step": (
        "+ grad**2\n    return Step(param - lr * grad / (np.sqrt(accumulator) + eps), accumulator)",
        "+ 0\n    return Step(param - lr * grad / (np.sqrt(accumulator) + eps), accumulator + grad**2)",
    ),
    "eps inside the root": ("lr * grad / (np.sqrt(accumulator) + eps)", "lr * grad / np.sqrt(accumulator + eps)"),
    "eps fixed at its default": (
        "lr * grad / (np.sqrt(accumulator) + eps)",
        "lr * grad / (np.sqrt(accumulator) + 1e-10)",
    ),
    "root forgotten": ("lr * grad / (np.sqrt(accumulator) + eps)", "lr * grad / (accumulator + eps)"),
    "a step uphill": ("param - lr * grad / (np", "param + lr * grad / (np"),
    "another algorithm: RMSprop": ("accumulator + grad**2\n", "0.9 * accumulator + 0.1 * grad**2\n"),
    "the sum forgotten": ("accumulator + grad**2\n", "grad**2\n"),
    "one rate for the whole array": ("accumulator + grad**2\n", "accumulator + (grad**2).mean()\n"),
    "rate falls by time, not by gradients": ("accumulator + grad**2\n", "accumulator + 1.0\n"),
    "sparse: lr and eps not handed on": ("summed, accumulator[touched], lr, eps)", "summed, accumulator[touched])"),
    "sparse: accumulator not stored": ("table[touched], accumulator[touched] = step", "table[touched] = step.param"),
    "sparse: a zero gradient wears untouched rows down": (
        "table, accumulator = table.astype(float), accumulator.astype(float)",
        "table, accumulator = table * (1 - 1e-12), accumulator.astype(float)",
    ),
    "sparse: a row with a 0 in its gradient takes no step": (
        "np.add.at(summed, place, grads)",
        (
            "np.add.at(summed, place, grads)\n    full = summed.all(axis=1)\n"
            "    touched, summed = touched[full], summed[full]"
        ),
    ),
    "duplicates: the last one wins": ("np.add.at(summed, place, grads)", "summed[place] = grads"),
    "duplicates: += keeps the last one only": ("np.add.at(summed, place, grads)", "summed[place] += grads"),
    "duplicates: averaged": (
        "np.add.at(summed, place, grads)",
        "np.add.at(summed, place, grads)\n    summed /= np.bincount(place, minlength=len(touched))[:, None]",
    ),
    "duplicates: equal ones count once": (
        "    touched, place = np.unique(rows, return_inverse=True)\n",
        (
            "    pairs = np.unique(np.column_stack([rows, grads]), axis=0)\n"
            "    rows, grads = pairs[:, 0].astype(int), pairs[:, 1:]\n"
            "    touched, place = np.unique(rows, return_inverse=True)\n"
        ),
    ),
    "duplicates: squared before they are summed": [
        ("np.add.at(summed, place, grads)", "squares = summed.copy()\n    np.add.at(summed, place, grads)"),
        (
            "    step = adagrad_step(table[touched], summed",
            "    np.add.at(squares, place, grads**2)\n    step = adagrad_step(table[touched], summed",
        ),
        ("summed, accumulator[touched], lr", "summed, accumulator[touched] + squares - summed**2, lr"),
    ],
    "duplicates: one step each": (
        "    touched, place = np.unique(rows, return_inverse=True)\n",
        (
            "    for i in range(len(rows) - 1):\n"
            "        one = rows[i : i + 1], grads[i : i + 1]\n"
            "        table, accumulator = adagrad_sparse_step(table, *one, accumulator, lr, eps)\n"
            "    rows, grads = rows[-1:], grads[-1:]\n"
            "    touched, place = np.unique(rows, return_inverse=True)\n"
        ),
    ),
    "a pass over all lookups for every row": (
        "np.add.at(summed, place, grads)",
        "for i, row in enumerate(touched):\n        summed[i] = grads[rows == row].sum(axis=0)",
    ),
}

STRICT_MISTAKES = {
    "sparse: integer table truncated": ("table.astype(float), acc", "table.copy(), acc"),
}
