import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict

PURE = True

# Implementations may add something like 1e-7 to the norm, so that nothing is compared more closely.
NEAR = {"rtol": 1e-5, "atol": 1e-6}

SHAPES = [(2, 5), (5, 2), (3, 3), (4, 3), (1, 4), (4, 1)]


def polynomial(s, n_steps):
    for _ in range(n_steps):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return s


def with_values(rng, shape, values):
    """Return the orthogonal factors and the product of a matrix with these singular values."""
    k = len(values)
    left, right = (np.linalg.qr(rng.normal(size=(size, size)))[0][:, :k] for size in shape)
    return left, right, left * values @ right.T


def defined(g, n_steps):
    """Return what the definition makes of g: the polynomial of its singular values."""
    left, s, right = np.linalg.svd(g, full_matrices=False)
    return left * polynomial(s / np.sqrt((s**2).sum()), n_steps) @ right


def test_one_step(kata, rng):
    """One step maps the singular values of g / norm(g) by the polynomial, for tall, wide and square matrices."""
    # 3 and 4 over their norm are 0.6 and 0.8.
    step = kata.newton_schulz(np.array([[3.0, 0.0], [0.0, 4.0]]), n_steps=1)
    assert_close(step, [[1.19326944, 0.0], [0.0, 0.97648192]], **NEAR)
    for shape in SHAPES:
        values = rng.uniform(1.0, 4.0, size=min(shape))
        left, right, g = with_values(rng, shape, values)
        mapped = polynomial(values / np.sqrt((values**2).sum()), 1)
        assert_close(kata.newton_schulz(g, n_steps=1), left * mapped @ right.T, **NEAR)


def test_several_steps(kata, rng):
    """Each further step maps the singular values once more, and does not normalize again."""
    for shape in SHAPES:
        values = rng.uniform(1.0, 4.0, size=min(shape))
        left, right, g = with_values(rng, shape, values)
        for n_steps in (2, 5, 6):
            mapped = polynomial(values / np.sqrt((values**2).sum()), n_steps)
            assert_close(kata.newton_schulz(g, n_steps=n_steps), left * mapped @ right.T, **NEAR)


def test_orthogonal(kata, rng):
    """After five steps, singular values lie between 0.68 and 1.21, but those that were tiny do not."""
    for shape in [(6, 6), (4, 9), (9, 4)]:
        values = np.geomspace(1.0, 0.01, min(shape)) * rng.uniform(0.8, 1.2, size=min(shape))
        left, right, g = with_values(rng, shape, values)
        result = kata.newton_schulz(g)
        assert_equal(result.shape, shape)
        core = left.T @ result @ right
        assert_equal(
            bool(np.all((np.diag(core) > 0.68) & (np.diag(core) < 1.21))), True, what="values within the range"
        )
        assert_close(core - np.diag(np.diag(core)), np.zeros(core.shape), **NEAR, what="what is off the diagonal")
    left, right, g = with_values(rng, (5, 3), np.array([4.0, 3.0, 5e-5]))
    # 1e-5 of the norm grows by 3.4445 in each of five steps.
    core = left.T @ kata.newton_schulz(g) @ right
    assert_close(np.diag(core), polynomial(np.array([0.8, 0.6, 1e-5]), 5), rtol=1e-4, atol=1e-6)


def test_scale(kata, rng):
    """The scale of g does not matter, its sign does, and transposing g transposes the result."""
    g = rng.normal(size=(3, 4)) + 1.0
    result = kata.newton_schulz(g)
    for factor in (100.0, 7.0, 0.5):
        assert_close(kata.newton_schulz(factor * g), result, **NEAR)
    assert_close(kata.newton_schulz(-g), -result, **NEAR)
    assert_close(kata.newton_schulz(g.T), result.T, **NEAR)


def test_low_rank(kata, rng):
    """A matrix of rank 1 keeps its directions, and zeros stay zeros."""
    u, v = np.array([0.6, 0.0, 0.8]), np.array([0.28, -0.96])
    for n_steps in (1, 5):
        mapped = polynomial(1.0, n_steps)
        assert_close(kata.newton_schulz(5.0 * np.outer(u, v), n_steps), mapped * np.outer(u, v), **NEAR)
        left, right, g = with_values(rng, (3, 6), np.array([2.0, 1.0, 0.0]))
        values = polynomial(np.array([2.0, 1.0, 0.0]) / 5**0.5, n_steps)
        assert_close(kata.newton_schulz(g, n_steps), left * values @ right.T, **NEAR)
        assert_close(kata.newton_schulz(np.zeros((2, 3)), n_steps), np.zeros((2, 3)))


def test_muon_step(kata, rng):
    """The velocity takes the gradient in; param moves by lr times the orthogonalized Nesterov direction."""
    # 0.5 * (6, 8) + (3, 4), and (3, 4) / 5 times 0.701; the matrix is wide, so that nothing scales it.
    for size in (1.0, 1e3):
        one = np.array([[1.0, 2e3]]), np.array([[3.0, 4.0]]) * size, np.array([[6.0, 8.0]]) * size
        step = kata.muon_step(*one, lr=0.1, momentum=0.5, weight_decay=0.0, n_steps=1)
        assert_close(step.velocity, [[6.0 * size, 8.0 * size]])
        assert_close(step.param, [[1 - 0.04206, 2e3 - 0.05608]], **NEAR)
    for shape in [(3, 3), (2, 4)]:
        param, grad, velocity = rng.normal(size=(3, *shape))
        for momentum, n_steps in ((0.9, 5), (0.5, 2), (0.0, 3)):
            step = kata.muon_step(param, grad, velocity, 0.3, momentum, weight_decay=0.0, n_steps=n_steps)
            grown = momentum * velocity + grad
            assert_close(step.velocity, grown)
            assert_close(step.param, param - 0.3 * defined(grad + momentum * grown, n_steps), **NEAR)


def test_shape(kata, rng):
    """A tall matrix moves by sqrt(n_rows / n_cols) times as much, and no matrix by less."""
    # (3, 4) / 5 times 0.701 * sqrt(2).
    one = np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]]), np.zeros((2, 1))
    step = kata.muon_step(*one, lr=0.1, momentum=0.5, weight_decay=0.0, n_steps=1)
    assert_close(step.param, [[1 - 0.04206 * 2**0.5], [2 - 0.05608 * 2**0.5]], **NEAR)
    for shape, factor in [((8, 2), 2.0), ((2, 8), 1.0), ((6, 4), 1.5**0.5), ((4, 6), 1.0), ((3, 3), 1.0)]:
        param, grad, velocity = rng.normal(size=(3, *shape))
        step = kata.muon_step(param, grad, velocity, lr=0.2, momentum=0.8, weight_decay=0.0)
        update = defined(grad + 0.8 * (0.8 * velocity + grad), 5)
        assert_close(step.param, param - 0.2 * factor * update, **NEAR)


def test_three_steps(kata, rng):
    """The velocity that is handed on is the sum of gradients, neither averaged nor orthogonalized."""
    grads = rng.normal(size=(3, 4, 3))
    param, velocity = rng.normal(size=(4, 3)), np.zeros((4, 3))
    for t in range(3):
        grown = sum(0.7 ** (t - k) * grads[k] for k in range(t + 1))
        expected = param - 0.1 * (4 / 3) ** 0.5 * defined(grads[t] + 0.7 * grown, 5)
        param, velocity = kata.muon_step(param, grads[t], velocity, lr=0.1, momentum=0.7, weight_decay=0.0)
        assert_close(velocity, grown)
        assert_close(param, expected, **NEAR)


def test_decay(kata, rng):
    """Weight decay takes lr * weight_decay times the old param off, whatever the shape and the gradient."""
    param = np.array([[4.0, -0.5]])
    for _ in range(2):
        step = kata.muon_step(param, np.zeros((1, 2)), np.zeros((1, 2)), lr=0.5, weight_decay=0.4)
        assert_close(step.param, 0.8 * param)
        assert_close(step.velocity, np.zeros((1, 2)))
        param = step.param
    for shape, factor in [((8, 2), 2.0), ((2, 3), 1.0)]:
        param, grad, velocity = rng.normal(size=(3, *shape))
        step = kata.muon_step(param, grad, velocity, lr=0.2, momentum=0.6, weight_decay=0.7)
        update = defined(grad + 0.6 * (0.6 * velocity + grad), 5)
        assert_close(step.param, param - 0.2 * 0.7 * param - 0.2 * factor * update, **NEAR)


@strict
def test_long_matrices(kata):
    """A matrix of 40,000 rows and 2 columns takes little time and memory, and so does its transpose."""
    g = np.column_stack([np.tile([1.0, 0.0], 20_000), np.tile([0.0, 2.0], 20_000)])
    columns = g / np.array([1.0, 2.0]) / 20_000**0.5
    expected = columns * polynomial(np.array([1.0, 2.0]) / 5**0.5, 5)
    assert_close(kata.newton_schulz(g), expected, **NEAR)
    assert_close(kata.newton_schulz(g.T), expected.T, **NEAR)


@strict
def test_tiny_gradients(kata):
    """Nothing that is added to the norm shows, for entries of 1e-12 either."""
    g = np.array([[3.0, 0.0], [0.0, 4.0]])
    for unit in (1e-4, 1e-12):
        step = kata.newton_schulz(unit * g, n_steps=1)
        assert_close(step, [[1.19326944, 0.0], [0.0, 0.97648192]])


@strict
def test_defaults(kata):
    """Unless told otherwise, there are 5 steps, lr is 0.001, momentum 0.95 and weight_decay 0.1."""
    g = np.array([[3.0, 1.0], [0.0, 4.0]])
    assert_close(kata.newton_schulz(g), defined(g, 5), **NEAR)
    param, velocity = np.array([[1000.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 2.0], [-1.0, 0.0]])
    step = kata.muon_step(param, g, velocity)
    assert_close(step.velocity, 0.95 * velocity + g)
    expected = -0.001 * defined(g + 0.95 * (0.95 * velocity + g), 5) - 0.0001 * param
    assert_close(step.param - param, expected, rtol=1e-5, atol=1e-8)


@strict
def test_integers(kata):
    """Matrices of integers are not truncated."""
    whole = np.array([[10, 20]]), np.array([[3, 4]]), np.array([[1, 0]])
    step = kata.muon_step(*whole, lr=0.1, momentum=0.5, weight_decay=0.5, n_steps=1)
    assert_close(step.velocity, [[3.5, 4.0]])
    assert_close(step.param, np.array([[9.5, 19.0]]) - 0.1 * defined(np.array([[4.75, 6.0]]), 1), **NEAR)


@strict
def test_not_a_matrix(kata):
    """A vector and a stack of matrices raise ValueError."""
    for shape in ((4,), (2, 3, 3), (3, 3, 3)):
        with pytest.raises(ValueError):
            kata.newton_schulz(np.ones(shape))


def workload(kata, rng, n):
    """Orthogonalize a wide matrix and a singular one, and take a step with a tall one."""
    wide, (param, grad, velocity) = rng.normal(size=(3, n)), rng.normal(size=(3, n, 3))
    return (
        kata.newton_schulz(wide),
        kata.newton_schulz(np.outer(wide[0], [1.0, 2.0]), 3),
        kata.muon_step(param, grad, velocity, 0.3, 0.7, 0.2, 3),
    )


def picture(kata, rng):
    s = np.geomspace(1e-4, 1.0, 120)
    curves = []
    for n_steps in (1, 3, 5):
        # Beside a value of 1, the other one is s / sqrt(1 + s^2) of the norm.
        mapped = [kata.newton_schulz(np.diag([1.0, value]), n_steps)[1, 1] for value in s]
        curves.append(Line(s / np.sqrt(1 + s**2), mapped, f"{n_steps} steps"))
    g = rng.normal(size=(40, 30)) @ np.diag(np.geomspace(1.0, 0.01, 30))
    before = np.linalg.svd(g, compute_uv=False)
    after = np.linalg.svd(kata.newton_schulz(g), compute_uv=False)
    return [
        Panel(
            "What becomes of a singular value",
            "in g / norm(g)",
            "in the result",
            curves,
            log="x",
            note="Five steps lift all but tiny values to about 1. They never settle there.",
        ),
        Panel(
            "The singular values of a gradient",
            "number",
            "share of the largest",
            [
                Points(np.arange(30), before / before[0], "before"),
                Points(np.arange(30), after / after[0], "after"),
            ],
            note="The update moves all directions by about as much, whatever their share of the gradient.",
        ),
    ]


NORM = "X = g / max(np.linalg.norm(g), np.finfo(float).tiny)"
CHANGE = "change = -4.7750 * gram + 2.0315 * gram @ gram"
NEXT = "X = 3.4445 * X + (change @ X if wide else X @ change)"
VELOCITY = "velocity = momentum * velocity + grad\n    update"
UPDATE = "update = newton_schulz(grad + momentum * velocity, n_steps)"
FACTOR = "max(1.0, n_rows / n_cols) ** 0.5 * update"
MOVED = f"param - lr * weight_decay * param - lr * {FACTOR}, velocity)"

MISTAKES = {
    "the spectral norm": (NORM, "X = g / (np.linalg.norm(g, 2) or 1.0)"),
    "the largest entry for the norm": (NORM, "X = g / (np.abs(g).max() or 1.0)"),
    "not normalized": (NORM, "X = g * 1.0"),
    "normalized by columns": (NORM, "X = g / np.maximum(np.linalg.norm(g, axis=0), 1e-300)"),
    "0 / 0 for zeros": (NORM, "X = g / np.linalg.norm(g)"),
    "normalized in each step": (NEXT, f"{NEXT}\n        X = X / (np.linalg.norm(X) or 1.0)"),
    "the classic coefficients": (
        [(CHANGE, "change = -1.25 * gram + 0.375 * gram @ gram"), (NEXT, NEXT.replace("3.4445", "1.875"))]
    ),
    "the cubic iteration": ([(CHANGE, "change = -0.5 * gram"), (NEXT, NEXT.replace("3.4445", "1.5"))]),
    "the exact factor U V'": (
        NORM,
        "left, s, right = np.linalg.svd(g, full_matrices=False)\n    return left * (s > 1e-12) @ right\n    X = g",
    ),
    "a sign of the coefficients": (CHANGE, CHANGE.replace("-4.7750", "4.7750")),
    "b and c swapped": (CHANGE, "change = 2.0315 * gram - 4.7750 * gram @ gram"),
    "the square by entries": (CHANGE, CHANGE.replace("gram @ gram", "gram * gram")),
    "c forgotten": (CHANGE, "change = -4.7750 * gram"),
    "one Gram matrix for all steps": (
        [
            ("for _ in range(n_steps):\n        gram", "first = X\n    for _ in range(n_steps):\n        gram"),
            ("gram = X @ X.T if wide else X.T @ X", "gram = first @ first.T if wide else first.T @ first"),
        ]
    ),
    "not transposed back": ("    return X\n", "    return X if wide else X.T\n"),
    "always 5 steps": ("for _ in range(n_steps):\n        gram", "for _ in range(5):\n        gram"),
    "a step too many": ("for _ in range(n_steps):\n        gram", "for _ in range(n_steps + 1):\n        gram"),
    "the gradient orthogonalized, then averaged": (
        f"{VELOCITY}{UPDATE.removeprefix('update')}",
        "velocity = momentum * velocity + newton_schulz(grad, n_steps)\n    update = velocity",
    ),
    "momentum without Nesterov": (UPDATE, "update = newton_schulz(velocity, n_steps)"),
    "Nesterov with the old velocity": (
        f"{VELOCITY}{UPDATE.removeprefix('update')}",
        f"{UPDATE}\n    velocity = momentum * velocity + grad",
    ),
    "the velocity not weighted": (UPDATE, UPDATE.replace("momentum * velocity", "velocity")),
    "a moving average": (VELOCITY, VELOCITY.replace("+ grad", "+ (1 - momentum) * grad")),
    "no momentum": (UPDATE, "update = newton_schulz(grad, n_steps)"),
    "the velocity replaced by the update": (MOVED, MOVED.replace("velocity)", "update)")),
    "the old velocity handed on": (
        [
            (VELOCITY, "old, velocity = velocity, momentum * velocity + grad\n    update"),
            (MOVED, MOVED.replace("velocity)", "old)")),
        ]
    ),
    "not orthogonalized": (UPDATE, "update = grad + momentum * velocity"),
    "n_steps not handed on": (UPDATE, UPDATE.replace(", n_steps", "")),
    "the shape ignored": (FACTOR, "update"),
    "wide matrices scaled, not tall ones": (FACTOR, FACTOR.replace("n_rows / n_cols", "n_cols / n_rows")),
    "wide matrices scaled down": (FACTOR, "(n_rows / n_cols) ** 0.5 * update"),
    "the ratio without a root": (FACTOR, "max(1.0, n_rows / n_cols) * update"),
    "AdamW's size of step": (FACTOR, "0.2 * max(n_rows, n_cols) ** 0.5 * update"),
    "decay without lr": (MOVED, MOVED.replace("lr * weight_decay", "weight_decay")),
    "decay scaled by shape": (
        MOVED,
        "param - lr * max(1.0, n_rows / n_cols) ** 0.5 * (weight_decay * param + update), velocity)",
    ),
    "decay in the gradient": (
        [
            (VELOCITY, VELOCITY.replace("+ grad", "+ grad + weight_decay * param")),
            (MOVED, MOVED.replace("lr * weight_decay * param - ", "")),
        ]
    ),
    "decay of the new param": (MOVED, f"(param - lr * {FACTOR}) * (1 - lr * weight_decay), velocity)"),
    "decay forgotten": (MOVED, MOVED.replace("lr * weight_decay * param - ", "")),
    "a step uphill": (MOVED, MOVED.replace(f"- lr * {FACTOR}", f"+ lr * {FACTOR}")),
}

STRICT_MISTAKES = {
    "the large Gram matrix": ("wide = X.shape[0] <= X.shape[1]", "wide = True"),
    "1e-7 added to the norm": (NORM, "X = g / (np.linalg.norm(g) + 1e-7)"),
    "PyTorch's lower bound of the norm": (NORM, "X = g / max(np.linalg.norm(g), 1e-7)"),
    "integers truncated": (MOVED, MOVED.replace(", velocity)", ", velocity.astype(grad.dtype))")),
    "any number of axes": ("if g.ndim != 2:", "if False:"),
}
