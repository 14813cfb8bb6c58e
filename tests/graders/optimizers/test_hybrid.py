from collections import namedtuple

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict

PURE = True

SparseGradient = namedtuple("SparseGradient", "rows grads")  # noqa: PYI024

OPTIONS = {"lr": 0.3, "betas": (0.8, 0.6), "eps": 0.2, "sparse_lr": 0.5, "sparse_eps": 0.4}
BY_HAND = {"lr": 0.5, "betas": (0.5, 0.5), "eps": 2.0, "sparse_lr": 2.0, "sparse_eps": 1.0}


def dense_path(param, grads, lr, betas, eps):
    """Yield what Adam makes of a parameter after each gradient, each step by sums over the past."""
    own = []
    for grad in grads:
        if grad is not None:
            own.append(grad)
            t, m, v = len(own), np.zeros(param.shape), np.zeros(param.shape)
            for age, past in enumerate(reversed(own)):
                m += (1 - betas[0]) * betas[0] ** age * past
                v += (1 - betas[1]) * betas[1] ** age * past**2
            param = param - lr * (m / (1 - betas[0] ** t)) / ((v / (1 - betas[1] ** t)) ** 0.5 + eps)
        yield param


def sparse_path(table, grads, lr, eps):
    """Yield what Adagrad makes of a table after each gradient, one number at a time."""
    table, totals = table.astype(float), np.zeros(table.shape)
    for grad in grads:
        if grad is not None:
            for row, values in zip(*grad, strict=True):
                for column, value in enumerate(values):
                    totals[row, column] += value**2
                    table[row, column] -= lr * value / (totals[row, column] ** 0.5 + eps)
        yield table.copy()


def path(param, kind, grads, lr=0.001, betas=(0.9, 0.999), eps=1e-8, sparse_lr=0.01, sparse_eps=1e-10):
    """Return what the definition makes of one parameter after each gradient; None is no step."""
    if kind == "dense":
        return list(dense_path(param, grads, lr, betas, eps))
    return list(sparse_path(param, grads, sparse_lr, sparse_eps))


def draw_grad(rng, param, kind):
    """Draw a gradient for a parameter; for a sparse one on two of its rows, in any order."""
    if kind == "dense":
        return rng.normal(size=param.shape)
    return SparseGradient(rng.permutation(len(param))[:2], rng.normal(size=(2, param.shape[1])))


def assert_params(actual, expected):
    assert_equal(len(actual), len(expected))
    for have, want in zip(actual, expected, strict=True):
        assert_close(have, want)


def assert_walk(kata, params, kinds, steps, options):
    """Check the parameters after each of several steps."""
    now, state = params, None
    columns = zip(params, kinds, zip(*steps, strict=True), strict=True)
    paths = [path(param, kind, grads, **options) for param, kind, grads in columns]
    for grads, *expected in zip(steps, *paths, strict=True):
        now, state = kata.hybrid_step(now, grads, kinds, state, **options)
        assert_params(now, expected)


def test_dense(kata, rng):
    """A dense parameter takes Adam's steps, of any shape."""
    # m = 1, v = 2; over 1 - 0.5 they are 2 and 4; the step is 0.5 * 2 / (2 + 2).
    for size in (1.0, 1e3, 1e-4):
        options = BY_HAND | {"eps": 2.0 * size}
        step = kata.hybrid_step([np.array([10.0 * size])], [np.array([2.0 * size])], ["dense"], **options)
        assert_params(step.params, [[10.0 * size - 0.25]])
    shapes = (3,), (2, 3), (2, 1, 2)
    steps = [[rng.normal(size=shape) for shape in shapes] for _ in range(4)]
    assert_walk(kata, [rng.normal(size=shape) for shape in shapes], ["dense"] * 3, steps, OPTIONS)


def test_sparse(kata, rng):
    """A sparse parameter takes Adagrad's steps, in the rows that have a gradient."""
    # 3^2 = 9, and the step is 2 * 3 / (3 + 1); then 9 + 4^2 = 25, and the step is 2 * 4 / (5 + 1).
    table, rows = np.array([[7.0], [10.0]]), np.array([1])
    for size in (1.0, 1e3, 1e-4):
        first, second = (SparseGradient(rows, np.array([[grad * size]])) for grad in (3.0, 4.0))
        options = BY_HAND | {"sparse_eps": size}
        step = kata.hybrid_step([size * table], [first], ["sparse"], **options)
        assert_params(step.params, [[[7.0 * size], [10.0 * size - 1.5]]])
        step = kata.hybrid_step(step.params, [second], ["sparse"], step.state, **options)
        assert_params(step.params, [[[7.0 * size], [10.0 * size - 1.5 - 4 / 3]]])
    table = rng.normal(size=(5, 3))
    assert_walk(kata, [table], ["sparse"], [[draw_grad(rng, table, "sparse")] for _ in range(4)], OPTIONS)
    # All rows have a gradient, in another order than theirs.
    grads = SparseGradient(np.array([3, 0, 4, 1, 2]), rng.normal(size=(5, 3)))
    assert_walk(kata, [table], ["sparse"], [[grads], [grads]], OPTIONS)


def test_order(kata, rng):
    """The params come back in their order, whatever the order of kinds."""
    params = [np.array([[7.0], [10.0]]), np.array([10.0])]
    grads = [SparseGradient(np.array([1]), np.array([[3.0]])), np.array([2.0])]
    step = kata.hybrid_step(params, grads, ["sparse", "dense"], **BY_HAND)
    assert_params(step.params, [[[7.0], [8.5]], [9.75]])
    for kinds in (["dense", "sparse", "dense"], ["sparse", "dense", "sparse", "dense"], ["sparse", "sparse"]):
        params = [rng.normal(size=(3, 2)) for _ in kinds]
        grads = [draw_grad(rng, param, kind) for param, kind in zip(params, kinds, strict=True)]
        assert_walk(kata, params, kinds, [grads], OPTIONS)


def test_several_steps(kata, rng):
    """Each parameter keeps its own state from step to step."""
    kinds = ["sparse", "dense", "dense", "sparse", "dense"]
    params = [rng.normal(size=shape) for shape in ((4, 2), (4, 2), (4, 2), (4, 2), (3,))]
    steps = [[draw_grad(rng, param, kind) for param, kind in zip(params, kinds, strict=True)] for _ in range(5)]
    assert_walk(kata, params, kinds, steps, OPTIONS)


def test_untouched_rows(kata, rng):
    """Rows without a gradient keep their exact values, and their accumulator until they have one again."""
    table, ones = rng.normal(size=(4, 2)), np.ones((1, 2))
    steps = [[SparseGradient(np.array([row]), scale * ones)] for row, scale in ((2, 3.0), (0, 1.0), (2, 4.0))]
    assert_walk(kata, [table], ["sparse"], steps, OPTIONS)
    grads = [SparseGradient(np.array([3, 0]), rng.normal(size=(2, 2)))]
    after = kata.hybrid_step([table], grads, ["sparse"], **OPTIONS).params[0]
    expected = after.copy()
    expected[[1, 2]] = table[[1, 2]]
    assert_equal(after, expected)


def test_no_gradient(kata, rng):
    """With gradient None a parameter and its state stay, and its t does not count; a gradient of 0 is a step."""
    kinds, params = ["dense", "sparse", "dense"], [np.zeros(1), np.zeros((2, 1)), np.zeros(1)]
    ones, row = np.ones(1), SparseGradient(np.array([1]), np.ones((1, 1)))
    # The second step is the first one of the last parameter: it moves by lr.
    options = {"lr": 0.5, "eps": 1e-12, "sparse_lr": 0.5, "sparse_eps": 1e-12}
    step = kata.hybrid_step(params, [ones, row, None], kinds, **options)
    assert_params(step.params, [[-0.5], [[0.0], [-0.5]], [0.0]])
    step = kata.hybrid_step(step.params, [None, None, ones], kinds, step.state, **options)
    assert_params(step.params, [[-0.5], [[0.0], [-0.5]], [-0.5]])
    params = [rng.normal(size=(3, 2)) for _ in kinds]
    steps = [[draw_grad(rng, param, kind) for param, kind in zip(params, kinds, strict=True)] for _ in range(6)]
    for n, place in ((0, 2), (1, 0), (1, 1), (2, 0), (3, 2), (4, 1)):
        steps[n][place] = None
    steps[3][0], steps[4][2] = np.zeros((3, 2)), np.zeros((3, 2))
    steps[2][1] = SparseGradient(np.array([1, 2]), np.zeros((2, 2)))
    assert_walk(kata, params, kinds, steps, OPTIONS)


def test_options(kata, rng):
    """Each option belongs to its kind: changed alone or set to 0, it leaves the other kind alone."""
    kinds, params = ["dense", "sparse"], [rng.normal(size=(3, 2)), rng.normal(size=(3, 2))]
    steps = [[draw_grad(rng, param, kind) for param, kind in zip(params, kinds, strict=True)] for _ in range(2)]
    for change in ({"lr": 0.0}, {"sparse_lr": 0.0}, {"betas": (0.0, 0.0)}, {"eps": 3.0}, {"sparse_eps": 3.0}):
        assert_walk(kata, params, kinds, steps, OPTIONS | change)


def test_old_state(kata, rng):
    """A step leaves the old state as it was: another step can start from there."""
    kinds, params = ["dense", "sparse"], [rng.normal(size=(3, 2)), rng.normal(size=(3, 2))]
    first, *others = [
        [draw_grad(rng, param, kind) for param, kind in zip(params, kinds, strict=True)] for _ in range(4)
    ]
    one = kata.hybrid_step(params, first, kinds, **OPTIONS)
    for second in others:
        two = kata.hybrid_step(one.params, second, kinds, one.state, **OPTIONS)
        columns = zip(params, kinds, first, second, strict=True)
        expected = [path(param, kind, grads, **OPTIONS)[-1] for param, kind, *grads in columns]
        assert_params(two.params, expected)


def test_unknown_kind(kata):
    """A kind that is neither dense nor sparse raises ValueError, wherever it stands."""
    params, grads = [np.ones((2, 1)), np.ones((2, 1))], [np.ones((2, 1)), np.ones((2, 1))]
    for kind in ("embedding", "adam", "Dense", ""):
        for kinds in (["dense", kind], [kind, "dense"], [kind, kind]):
            with pytest.raises(ValueError):
                kata.hybrid_step(params, grads, kinds)
        row = SparseGradient(np.array([0]), np.ones((1, 1)))
        with pytest.raises(ValueError):
            kata.hybrid_step(params, [row, row], ["sparse", kind])


@strict
def test_unknown_kind_without_gradient(kata):
    """A kind that is neither dense nor sparse raises ValueError also where there is no gradient."""
    with pytest.raises(ValueError):
        kata.hybrid_step([np.ones(2), np.ones(2)], [np.ones(2), None], ["dense", "spares"])


@strict
def test_defaults(kata):
    """Unless told otherwise, lr is 0.001, betas (0.9, 0.999), eps 1e-8, sparse_lr 0.01 and sparse_eps 1e-10."""
    params, kinds = [np.zeros(1), np.zeros((2, 1))], ["dense", "sparse"]
    # A gradient of eps takes half a step.
    tiny = [np.array([1e-8]), SparseGradient(np.array([1]), np.array([[1e-10]]))]
    assert_params(kata.hybrid_step(params, tiny, kinds).params, [[-0.0005], [[0.0], [-0.005]]])
    grads = [np.array([1.0]), None], [np.array([-3.0]), None], [np.array([2.0]), None]
    assert_walk(kata, params, kinds, grads, {})


@strict
def test_nothing(kata):
    """There may be no parameters, and no rows in a sparse gradient."""
    step = kata.hybrid_step([], [], [])
    assert_equal(len(step.params), 0)
    assert_equal(len(kata.hybrid_step([], [], [], step.state).params), 0)
    table, empty = np.array([[1.0, 2.0]]), SparseGradient(np.empty(0, dtype=int), np.empty((0, 2)))
    step = kata.hybrid_step([table], [empty], ["sparse"])
    assert_equal(step.params[0], table)
    full = SparseGradient(np.array([0]), np.array([[3.0, 4.0]]))
    assert_walk(kata, [table], ["sparse"], [[empty], [full], [empty]], OPTIONS)


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    params, kinds = [np.array([10, 20]), np.array([[7], [10]])], ["dense", "sparse"]
    steps = [
        [np.array([2, -1]), SparseGradient(np.array([1]), np.array([[3]]))],
        [np.array([1, 1]), SparseGradient(np.array([1, 0]), np.array([[0.5], [2.0]]))],
    ]
    assert_walk(kata, params, kinds, steps, BY_HAND)


def workload(kata, rng, n):
    """Two steps of two layers and two tables; some gradients are zero or None."""
    kinds = ["sparse", "dense", "sparse", "dense"]
    params = [rng.normal(size=shape) for shape in ((n + 1, 4), (4, n), (n + 2, 2), (n,))]
    step, results = None, []
    for missing in ((), (0, 3)):
        grads = []
        for place, param in enumerate(params):
            rows = rng.permutation(len(param))[: n // 2 + 1]
            values = rng.normal(size=param.shape) * (rng.random(size=param.shape) < 0.7)
            sparse = SparseGradient(rows, values[rows]) if kinds[place] == "sparse" else values
            grads.append(None if place in missing else sparse)
        if step is None:
            step = kata.hybrid_step(params, grads, kinds)
        else:
            step = kata.hybrid_step(step.params, grads, kinds, step.state, 0.3, (0.7, 0.8), 0.1, 0.2, 0.05)
        results.append(step.params)
    return tuple(results)


def picture(kata, rng):
    n_steps, every, noise = 400, 20, 0.3
    kinds, params, state = ["dense", "sparse"], [np.zeros(1), np.zeros((2, 1))], None
    names = "dense: Adam", "frequent row: Adagrad", f"row in every {every}th step: Adagrad"
    paths = [[0.0], [0.0], [0.0]]
    for t in range(1, n_steps + 1):
        rows = np.array([0, 1]) if t % every == 0 else np.array([0])
        values = 1.0 + noise * rng.normal(size=(3, 1))
        grads = [values[2], SparseGradient(rows, values[rows])]
        params, state = kata.hybrid_step(params, grads, kinds, state, lr=0.01, sparse_lr=0.1)
        for path, value in zip(paths, (params[0][0], params[1][0, 0], params[1][1, 0]), strict=True):
            path.append(-value)
    steps = np.arange(n_steps + 1)
    return [
        Panel(
            "The way under gradients of about 1",
            "step",
            "way so far",
            [Line(steps, np.array(path), name) for path, name in zip(paths, names, strict=True)],
            note="Adam keeps one pace. The rate of a row falls with its own lookups, so the rare row takes long steps.",
        )
    ]


LOOP = "zip(params, grads, kinds, state, strict=True):\n"
DENSE = "updated.append(_adam(param, grad, *memory, lr, betas, eps))"
SPARSE = "updated.append(_adagrad(param, grad, memory, sparse_lr, sparse_eps))"
RETURN = "return Step([param for param, _ in updated], [memory for _, memory in updated])"
MOMENTS = "t, m, v = t + 1, beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2"
COPIES = "table, accumulator = table.astype(float), np.zeros(table.shape) + accumulator  # both are new"
UNKNOWN = 'if kind not in ("dense", "sparse"):\n            raise ValueError(f'
ADAM_RETURN = "(np.sqrt(v_hat) + eps), (t, m, v)"
ADAGRAD_STEP = "(np.sqrt(accumulator[grad.rows]) + eps)"

MISTAKES = {
    "an unknown kind is sparse": (UNKNOWN, UNKNOWN.replace('kind not in ("dense", "sparse")', "False")),
    "kinds in any spelling": (UNKNOWN, UNKNOWN.replace("kind not in", "kind.lower() not in")),
    "only the first kind is checked": (
        "for kind in kinds:\n        if kind not",
        "for kind in kinds[:1]:\n        if kind not",
    ),
    "dense ones first": (
        RETURN,
        (
            "order = sorted(range(len(kinds)), key=lambda i: kinds[i])\n"
            "    return Step([updated[i][0] for i in order], [memory for _, memory in updated])"
        ),
    ),
    "state not handed on": (RETURN, RETURN.replace("[memory for _, memory in updated]", "None")),
    "the old state handed on": (RETURN, RETURN.replace("[memory for _, memory in updated]", "state")),
    "state of one parameter for all of its kind": (
        RETURN,
        (
            "last = {kind: memory for kind, (_, memory) in zip(kinds, updated)}\n"
            "    return Step([param for param, _ in updated], [last[kind] for kind in kinds])"
        ),
    ),
    "t counts parameters, not steps": (
        "    updated = []\n    for param",
        (
            "    grown = max([0] + [memory[0] for memory, kind in zip(state, kinds) if kind == 'dense'])\n"
            "    state = [(grown + place, *memory[1:]) if kinds[place] == 'dense' else memory\n"
            "             for place, memory in enumerate(state)]\n"
            "    updated = []\n    for param"
        ),
    ),
    "one t for all": (
        "            updated.append((param, memory))",
        "            updated.append((param, (memory[0] + 1, *memory[1:]) if kind == 'dense' else memory))",
    ),
    "None is a gradient of 0": (
        LOOP,
        LOOP + "        if grad is None and kind == 'dense':\n            grad = np.zeros(param.shape)\n",
    ),
    "None ends the state": (
        "updated.append((param, memory))",
        "updated.append((param, (0, 0.0, 0.0) if kind == 'dense' else 0 * memory))",
    ),
    "a gradient of 0 is none": ("if grad is None:", "if grad is None or (kind == 'dense' and not grad.any()):"),
    "Adagrad for all": (
        DENSE,
        "updated.append((param - lr * grad / (np.sqrt(memory[1] + grad**2) + eps), (0, memory[1] + grad**2, 0.0)))",
    ),
    "SGD for the sparse": (ADAGRAD_STEP, "1.0"),
    "options of Adam for the sparse": (SPARSE, SPARSE.replace("sparse_lr, sparse_eps", "lr, eps")),
    "sparse_eps ignored": (SPARSE, SPARSE.replace("sparse_eps", "eps")),
    "sparse_lr for all": (DENSE, DENSE.replace("lr, betas", "sparse_lr, betas")),
    "sparse_eps for all": (DENSE, DENSE.replace("eps))", "sparse_eps))")),
    "betas fixed at their defaults": (DENSE, DENSE.replace("betas", "(0.9, 0.999)")),
    "betas swapped": ("beta1, beta2 = betas\n    t, m, v", "beta2, beta1 = betas\n    t, m, v"),
    "Adam: bias not corrected": ("m / (1 - beta1**t), v / (1 - beta2**t)\n", "m, v\n"),
    "Adam: t counts from 0": (MOMENTS, MOMENTS.replace("t + 1,", "max(t, 1),")),
    "Adam: corrected averages kept": (ADAM_RETURN, ADAM_RETURN.replace("(t, m, v)", "(t, m_hat, v_hat)")),
    "Adam: eps inside the root": (ADAM_RETURN, ADAM_RETURN.replace("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)")),
    "Adagrad: eps inside the root": (ADAGRAD_STEP, "np.sqrt(accumulator[grad.rows] + eps)"),
    "Adagrad: an average": (
        "accumulator[grad.rows] += grad.grads**2",
        "accumulator[grad.rows] = 0.9 * accumulator[grad.rows] + 0.1 * grad.grads**2",
    ),
    "Adagrad: the sum forgotten": (
        "accumulator[grad.rows] += grad.grads**2",
        "accumulator[grad.rows] = grad.grads**2",
    ),
    "Adagrad: other rows' sums forgotten": (
        COPIES,
        COPIES.replace(
            "np.zeros(table.shape) + accumulator", "accumulator * np.isin(np.arange(len(table)), grad.rows)[:, None]"
        ),
    ),
    "Adagrad: one accumulator a row": (
        "accumulator[grad.rows] += grad.grads**2",
        "accumulator[grad.rows] += (grad.grads**2).mean(axis=1, keepdims=True)",
    ),
    "Adagrad: the first rows": (
        "table[grad.rows] -= lr * grad.grads /",
        "table[: len(grad.rows)] -= lr * grad.grads /",
    ),
    "the old accumulator changed": (
        COPIES,
        COPIES.replace(
            "np.zeros(table.shape) + accumulator", "accumulator if np.ndim(accumulator) else np.zeros(table.shape)"
        ),
    ),
    "the old table changed": (COPIES, COPIES.replace("table.astype(float)", "table")),
}

STRICT_MISTAKES = {
    "integer tables truncated": (COPIES, COPIES.replace("table.astype(float)", "table.copy()")),
}
