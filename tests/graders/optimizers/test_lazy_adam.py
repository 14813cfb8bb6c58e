import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict

PURE = True

OPTIONS = {"lr": 0.3, "betas": (0.8, 0.6), "eps": 0.2}


@pytest.fixture
def lookups(rng):
    """Draw a table of seven rows, seven lookups of its rows 1, 2, 4 and 5, their gradients, m and v."""
    table, grads, m = rng.normal(size=(3, 7, 3))
    return table, rng.permutation([1, 2, 2, 4, 5, 5, 5]), grads, m, rng.uniform(0.1, 4.0, size=(7, 3))


def adam(param, grad, m, v, t, lr, betas, eps):
    """Return what Adam makes of one coordinate: its new value, m and v."""
    m, v = betas[0] * m + (1 - betas[0]) * grad, betas[1] * v + (1 - betas[1]) * grad * grad
    return param - lr * (m / (1 - betas[0] ** t)) / ((v / (1 - betas[1] ** t)) ** 0.5 + eps), m, v


def defined(lookups, t, lr, betas, eps):
    """Return what the definition makes of a table, one cell at a time."""
    table, rows, grads, m, v = lookups
    table, m, v = table.astype(float), m.astype(float), v.astype(float)
    for row in sorted(set(rows.tolist())):
        for column in range(table.shape[1]):
            cell = row, column
            total = sum(grads[i, column] for i in range(len(rows)) if rows[i] == row)
            table[cell], m[cell], v[cell] = adam(table[cell], total, m[cell], v[cell], t, lr, betas, eps)
    return table, m, v


def assert_step(step, expected):
    table, m, v = expected
    assert_close(step.m, m)
    assert_close(step.v, v)
    assert_close(step.table, table)


def test_step(kata, lookups):
    """Each row that was looked up takes Adam's step."""
    # Of two rows the second: m = 1.5, v = 3; over 1 - 0.5^2 they are 2 and 4; the step is 0.5 * 2 / (2 + 2).
    table, rows, ones = np.array([[7.0], [10.0]]), np.array([1]), np.ones((2, 1))
    for size in (1.0, 1e3, 1e-4):
        small = size * table, rows, np.array([[2.0 * size]]), size * ones, 2.0 * size**2 * ones
        step = kata.sparse_adam_step(*small, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0 * size)
        m, v = [[size], [1.5 * size]], [[2.0 * size**2], [3.0 * size**2]]
        assert_step(step, ([[7.0 * size], [10.0 * size - 0.25]], m, v))
    # At t = 1 with m = 1 and v = 12: they become 1.5 and 8; over 0.5 they are 3 and 16; the step is 0.5 * 3 / (4 + 1).
    small = np.array([[10.0]]), np.array([0]), np.array([[2.0]]), np.ones((1, 1)), np.full((1, 1), 12.0)
    step = kata.sparse_adam_step(*small, t=1, lr=0.5, betas=(0.5, 0.5), eps=1.0)
    assert_step(step, ([[9.7]], [[1.5]], [[8.0]]))
    table, _, grads, m, v = lookups
    lookups = table, np.array([5, 0, 3]), grads[:3], m, v
    for t in (1, 3):
        assert_step(kata.sparse_adam_step(*lookups, t=t, **OPTIONS), defined(lookups, t, **OPTIONS))


def test_duplicates(kata, lookups):
    """A row looked up several times takes one step, with the sum of its gradients."""
    # 3 - 1 = 2; the rest is as above.
    small = np.array([[10.0]]), np.array([0, 0]), np.array([[3.0], [-1.0]]), np.ones((1, 1)), np.full((1, 1), 2.0)
    step = kata.sparse_adam_step(*small, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0)
    assert_step(step, ([[9.75]], [[1.5]], [[3.0]]))
    # Large gradients of one row leave those of another as they are.
    zeros, rows, grads = np.zeros((2, 1)), np.array([0, 1, *[0] * 60]), np.full((62, 1), 7e5)
    grads[1] = 2e-6
    step = kata.sparse_adam_step(zeros, rows, grads, zeros, zeros, t=1, lr=0.5, betas=(0.5, 0.5), eps=2e-6)
    assert_step(step, ([[-0.5], [-0.25]], [[61 * 3.5e5], [1e-6]], [[(61 * 7e5) ** 2 / 2], [2e-12]]))
    assert_step(kata.sparse_adam_step(*lookups, t=3, **OPTIONS), defined(lookups, 3, **OPTIONS))


def test_untouched_rows(kata, lookups):
    """Rows that were not looked up keep their exact values in the table, in m and in v: nothing decays."""
    table, rows, grads, m, v = lookups
    step = kata.sparse_adam_step(table, rows, grads, m, v, t=3, **OPTIONS)
    for after, before in ((step.table, table), (step.m, m), (step.v, v)):
        expected = after.copy()
        expected[[0, 3, 6]] = before[[0, 3, 6]]
        assert_equal(after, expected)


def test_zero_gradient(kata):
    """A row that was looked up takes the step also where its gradient is 0, or its gradients cancel."""
    # m = 1, v = 1; over 0.75 and 0.75 the step is 0.5 * (4/3) / sqrt(4/3).
    way, two = 0.5 * (4 / 3) ** 0.5, np.full((3, 1), 2.0)
    rows, grads = np.array([2, 0, 2]), np.array([[4.0], [0.0], [-4.0]])
    step = kata.sparse_adam_step(np.zeros((3, 1)), rows, grads, two, two, t=2, lr=0.5, betas=(0.5, 0.5), eps=1e-12)
    assert_step(step, ([[-way], [0.0], [-way]], [[1.0], [2.0], [1.0]], [[1.0], [2.0], [1.0]]))
    # The same for single coordinates of a row.
    step = kata.sparse_adam_step(
        np.zeros((1, 2)), np.array([0]), np.array([[0.0, 2.0]]), *np.full((2, 1, 2), 2.0), t=2, **OPTIONS
    )
    expected = [adam(0.0, grad, 2.0, 2.0, 2, **OPTIONS) for grad in (0.0, 2.0)]
    assert_step(step, ([[cell[i] for cell in expected]] for i in range(3)))


def test_several_steps(kata, rng):
    """Between its lookups a row stands still; at each of them it is corrected by the t of all rows."""
    seen = {1: [0, 1], 2: [1, 1], 3: [1], 4: [0, 2], 5: [1], 6: [0, 2, 0]}
    table = rng.normal(size=(4, 2))
    m, v = np.zeros((4, 2)), np.zeros((4, 2))
    for t, rows in seen.items():
        lookups = table, np.array(rows), rng.normal(size=(len(rows), 2)), m, v
        expected = defined(lookups, t, **OPTIONS)
        step = kata.sparse_adam_step(*lookups, t, **OPTIONS)
        assert_step(step, expected)
        table, m, v = step
    # Row 1 had four lookups, in steps 1, 2, 3 and 5: the gradient of step 3 counts beta1 times less, not beta1^2.
    table, m, v = np.zeros((2, 1)), np.zeros((2, 1)), np.zeros((2, 1))
    for t, row in ((1, 1), (2, 0), (3, 0), (4, 1)):
        table, m, v = kata.sparse_adam_step(table, np.array([row]), np.ones((1, 1)), m, v, t, 1.0, (0.5, 0.5), 1e-12)
        assert_close(m[row], [0.5 if t < 3 else 0.75])
    # Each first gradient: 0.5 / (1 - 0.5^t) over the root of the same; each second one: 0.75 in place of 0.5.
    first, late, second, last = 1.0, (0.5 / 0.75) ** 0.5, (0.75 / 0.875) ** 0.5, (0.75 / 0.9375) ** 0.5
    assert_close(table, [[-late - second], [-first - last]])


def test_late_row(kata):
    """A row that is looked up for the first time in step t is corrected by t, as all rows are."""
    zeros, rows, grads = np.zeros((3, 1)), np.array([1]), np.full((1, 1), 5.0)
    for t in (2, 1_000, 100_000):
        step = kata.sparse_adam_step(zeros, rows, grads, zeros, zeros, t, lr=0.5, eps=1e-9)
        way = 0.5 * 0.1 / (1 - 0.9**t) / (0.001 / (1 - 0.999**t)) ** 0.5
        assert_close(step.table, [[0.0], [-way], [0.0]], rtol=1e-6)


def test_at_zero(kata, lookups):
    """With betas of 0 nothing is remembered; with lr = 0 only m and v change."""
    step = kata.sparse_adam_step(*lookups, t=2, lr=0.3, betas=(0.0, 0.0), eps=0.2)
    assert_step(step, defined(lookups, 2, lr=0.3, betas=(0.0, 0.0), eps=0.2))
    step = kata.sparse_adam_step(*lookups, t=2, lr=0.0, betas=(0.8, 0.6), eps=0.2)
    assert_step(step, defined(lookups, 2, lr=0.0, betas=(0.8, 0.6), eps=0.2))


def test_first_number(kata, lookups):
    """Steps count from 1: t = 0 raises ValueError, and so does a negative t."""
    for t in (0, -1, -10):
        with pytest.raises(ValueError):
            kata.sparse_adam_step(*lookups, t)


def test_many_lookups(kata, rng):
    """100,000 lookups in a table of 45,000 rows take far less than a pass over all lookups for every row."""
    rows, grads = rng.integers(0, 45_000, size=100_000), rng.normal(size=(100_000, 1))
    zeros, ones = np.zeros((45_000, 1)), np.ones((45_000, 1))
    step = kata.sparse_adam_step(zeros, rows, grads, zeros, ones, 4, **OPTIONS)
    total = np.bincount(rows, weights=grads[:, 0], minlength=45_000)
    seen = np.bincount(rows, minlength=45_000) > 0
    expected = np.where(seen, adam(0.0, total, 0.0, 1.0, 4, **OPTIONS)[0], 0.0)
    assert_close(step.table, expected[:, None])


@strict
def test_defaults(kata):
    """Unless told otherwise, lr is 0.001, betas are 0.9 and 0.999, and eps is 1e-8."""
    zeros, rows = np.zeros((2, 1)), np.array([1])
    # A gradient of eps takes half a step.
    step = kata.sparse_adam_step(zeros, rows, np.array([[1e-8]]), zeros, zeros, 1)
    assert_close(step.table, [[0.0], [-0.0005]])
    step = kata.sparse_adam_step(zeros, rows, np.ones((1, 1)), zeros, zeros, 1)
    assert_close(step.m, [[0.0], [0.1]])
    assert_close(step.v, [[0.0], [0.001]])


@strict
def test_no_lookups(kata, lookups):
    """Without lookups nothing changes."""
    table, _, _, m, v = lookups
    step = kata.sparse_adam_step(table, np.empty(0, dtype=int), np.empty((0, 3)), m, v, 2)
    assert_equal(step.table, table)
    assert_equal(step.m, m)
    assert_equal(step.v, v)


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    table, m, v = np.array([[10, 20], [30, 40]]), np.array([[5, 6], [1, 0]]), np.array([[7, 8], [2, 0]])
    for grads in (np.array([[1, -1], [2, 2]]), np.array([[0.5, -1.0], [0.7, 0.0]])):
        lookups = table, np.array([1, 1]), grads, m, v
        step = kata.sparse_adam_step(*lookups, t=2, lr=1, betas=(0.5, 0.5), eps=2)
        assert_step(step, defined(lookups, 2, lr=1, betas=(0.5, 0.5), eps=2))


def workload(kata, rng, n):
    """Two steps on a table whose first rows are looked up most; some gradients are zero."""
    table, grads = rng.normal(size=(2, n + 1, 4))
    grads[rng.random(size=grads.shape) < 0.3] = 0.0
    rows = np.minimum(rng.geometric(0.2, size=n), n)
    zeros = np.zeros(table.shape)
    first = kata.sparse_adam_step(table, rows, grads[:n], zeros, zeros, 1)
    return first, kata.sparse_adam_step(first.table, rows[::-1], grads[1:], first.m, first.v, 2, 0.3, (0.7, 0.8), 0.1)


def picture(kata, rng):
    n_steps, every = 300, 60
    noise = 0.2 * rng.normal(size=n_steps)
    paths = {"lazy: only these steps": [0.0], "dense: gradient 0 in all others": [0.0]}
    for path, dense in zip(paths.values(), (False, True), strict=True):
        table, m, v = np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 1))
        for t in range(1, n_steps + 1):
            grad = 1.0 + noise[t - 1] if t % every == 1 else 0.0
            if grad or dense:
                table, m, v = kata.sparse_adam_step(table, np.array([0]), np.array([[grad]]), m, v, t, lr=1.0)
            path.append(table.item())
    return [
        Panel(
            f"A gradient of about 1 in every {every}th step",
            "step",
            "value of the row, in lr",
            [Line(np.arange(n_steps + 1), np.array(path), name) for name, path in paths.items()],
            note="Dense Adam goes on moving the row without a gradient. Lazy Adam waits for the next lookup.",
        )
    ]


SUMMED = "np.add.at(grad, place, grads)\n    table, m"
MOMENT = "m[touched] = beta1 * m[touched] + (1 - beta1) * grad\n"
SQUARE = "v[touched] = beta2 * v[touched] + (1 - beta2) * grad**2\n"
HATS = "m_hat, v_hat = m[touched] / (1 - beta1**t), v[touched] / (1 - beta2**t)"
STEP = "table[touched] -= lr * m_hat / (np.sqrt(v_hat) + eps)"

MISTAKES = {
    "dense Adam: all averages decay": [
        ("    m[touched] = beta1 * m[touched]", "    m, v = beta1 * m, beta2 * v\n    m[touched] = m[touched]"),
        (SQUARE, SQUARE.replace("beta2 * v", "v")),
    ],
    "dense Adam: all rows move": (
        "touched, place = np.unique(rows, return_inverse=True)\n",
        "touched, place = np.arange(len(table)), rows\n",
    ),
    "rows of zero gradient skipped": (
        SUMMED,
        SUMMED.replace("grads)\n", "grads)\n    touched, grad = touched[grad.any(axis=1)], grad[grad.any(axis=1)]\n"),
    ),
    "coordinates of zero gradient skipped": (
        "    table[touched] -= lr * m_hat /",
        "    table[touched] -= (grad != 0) * lr * m_hat /",
    ),
    "duplicates: the last one wins": (SUMMED, SUMMED.replace("np.add.at(grad, place, grads)", "grad[place] = grads")),
    "duplicates: += keeps the last one only": (
        SUMMED,
        SUMMED.replace("np.add.at(grad, place, grads)", "grad[place] += grads"),
    ),
    "duplicates: averaged": (
        SUMMED,
        SUMMED.replace("grads)\n", "grads)\n    grad /= np.bincount(place, minlength=len(touched))[:, None]\n"),
    ),
    "duplicates: squared before they are summed": [
        (
            SUMMED,
            SUMMED.replace(
                "grads)\n", "grads)\n    squares = np.zeros(grad.shape)\n    np.add.at(squares, place, grads**2)\n"
            ),
        ),
        (SQUARE, SQUARE.replace("grad**2", "squares")),
    ],
    "duplicates: one step each": (
        "    touched, place = np.unique(rows, return_inverse=True)\n",
        (
            "    for i in range(len(rows) - 1):\n"
            "        one = rows[i : i + 1], grads[i : i + 1]\n"
            "        table, m, v = sparse_adam_step(table, *one, m, v, t, lr, betas, eps)\n"
            "    rows, grads = rows[-1:], grads[-1:]\n"
            "    touched, place = np.unique(rows, return_inverse=True)\n"
        ),
    ),
    "every row looked up is divided among all": (STEP, STEP.replace("lr *", "lr / len(touched) *")),
    "each row's first step is its own t = 1": (
        HATS,
        (
            "t = np.where((v[touched] - (1 - beta2) * grad**2 > 0).any(axis=1), t, 1)[:, None]\n"
            "    m_hat, v_hat = m[touched] / (1 - beta1**t), v[touched] / (1 - beta2**t)"
        ),
    ),
    "eps beside the uncorrected root": (
        STEP,
        STEP.replace("(np.sqrt(v_hat) + eps)", "((np.sqrt(v[touched]) + eps) / np.sqrt(1 - beta2**t))"),
    ),
    "eps inside the root": (STEP, STEP.replace("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)")),
    "eps fixed at its default": (STEP, STEP.replace("+ eps", "+ 1e-8")),
    "root forgotten": (STEP, STEP.replace("np.sqrt(v_hat)", "v_hat")),
    "a step uphill": (STEP, STEP.replace("-=", "+=")),
    "bias not corrected": (HATS, "m_hat, v_hat = m[touched], v[touched]"),
    "corrected as if always in the first step": (HATS, HATS.replace("**t", "")),
    "m and v taken for 0 at t = 1": (
        HATS,
        HATS + "\n    if t == 1:\n        m_hat, v_hat = grad, grad**2",
    ),
    "t counts from 0": (HATS, HATS.replace("**t", "**(t + 1)")),
    "corrected averages handed on": (
        "    return SparseStep(table, m, v)\n\n\ndef sparse_adam_step_via_mask",
        (
            "    m[touched], v[touched] = m_hat, v_hat\n"
            "    return SparseStep(table, m, v)\n\n\ndef sparse_adam_step_via_mask"
        ),
    ),
    "a step by the gradient": (STEP, STEP.replace("m_hat", "grad")),
    "gradients join whole": (MOMENT, MOMENT.replace("(1 - beta1) * grad", "grad")),
    "v of the size, not of the square": (SQUARE, SQUARE.replace("grad**2", "np.abs(grad)")),
    "betas fixed at their defaults": ("beta1, beta2 = betas\n    touched", "beta1, beta2 = 0.9, 0.999\n    touched"),
    "betas swapped": ("beta1, beta2 = betas\n    touched", "beta2, beta1 = betas\n    touched"),
    "t not checked": ("if t < 1:\n        raise ValueError(f", "if False:\n        raise ValueError(f"),
    "t = 0 passes": ("if t < 1:\n        raise ValueError(f", "if t < 0:\n        raise ValueError(f"),
    "m not stored": (
        "    return SparseStep(table, m, v)\n\n\ndef sparse_adam_step_via_mask",
        "    return SparseStep(table, np.zeros(m.shape), v)\n\n\ndef sparse_adam_step_via_mask",
    ),
    "a pass over all lookups for every row": (
        SUMMED,
        SUMMED.replace(
            "np.add.at(grad, place, grads)",
            "for i, row in enumerate(touched):\n        grad[i] = grads[rows == row].sum(axis=0)",
        ),
    ),
    "changed in place": (
        "table, m, v = table.astype(float), m.astype(float), v.astype(float)  # copies\n",
        "pass\n",
    ),
}

STRICT_MISTAKES = {
    "integer table truncated": ("table, m, v = table.astype(float), m.astype", "table, m, v = table.copy(), m.astype"),
    "gradients truncated to the table's type": (
        SUMMED,
        SUMMED.replace("np.add.at(grad, place, grads)", "np.add.at(grad, place, grads.astype(table.dtype))"),
    ),
}
