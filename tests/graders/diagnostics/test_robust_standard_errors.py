import numpy as np
import pytest

from katagrad.testing import assert_close

KINDS = ("HC0", "HC1", "HC2", "HC3")


@pytest.fixture
def data(rng):
    """Two correlated features, not centred: few samples, of unequal leverage, with errors that grow with the first."""
    X = 2.0 + rng.integers(-2, 3, size=(10, 1)) + rng.integers(-5, 6, size=(10, 2))
    X[:2, 0] += [9.0, 12.0]
    return X, X @ [1.0, -2.0] + (1.0 + np.abs(X[:, 0])) * rng.normal(size=10)


def covariance(X, y, kind=None):
    """Return the covariance of the coefficients by the definition, the usual one for no kind, sample by sample."""
    A = np.column_stack([np.ones(len(X)), X])
    n_samples, n_coef = A.shape
    bread = np.linalg.inv(sum(np.outer(row, row) for row in A))
    coef = bread @ sum(row * target for row, target in zip(A, y, strict=True))
    squares = [(target - row @ coef) ** 2 for row, target in zip(A, y, strict=True)]
    if kind is None:
        return bread * sum(squares) / (n_samples - n_coef)
    rests = [1 - row @ bread @ row for row in A]
    factors = {
        "HC0": [1.0] * n_samples,
        "HC1": [n_samples / (n_samples - n_coef)] * n_samples,
        "HC2": [1 / rest if rest > 1e-10 else np.nan for rest in rests],
        "HC3": [1 / rest**2 if rest > 1e-10 else np.nan for rest in rests],
    }[kind]
    meat = sum(np.outer(row, row) * e2 * factor for row, e2, factor in zip(A, squares, factors, strict=True))
    return bread @ meat @ bread


def defined(X, y, kind=None):
    return np.sqrt(np.diag(covariance(X, y, kind)))


def test_line(kata, data):
    """Of a line, the slope's standard error is s over the root of s_xx, and the intercept's comes first."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    # Residuals 1/2, -1 and 1/2: s^2 = 3/2 with one degree of freedom. s_xx = 2.
    assert_close(kata.standard_errors(X, y), np.sqrt([1.5 * (1 / 3 + 1 / 2), 1.5 / 2]))
    X, y = data
    assert_close(kata.standard_errors(X[:, :1], y), defined(X[:, :1], y), rtol=1e-8)


def test_usual_errors(kata, data):
    """The usual covariance is s^2 (A'A)^-1, with a column of ones in A and s^2 over n - p."""
    assert_close(kata.standard_errors(*data), defined(*data), rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kata, data, kind):
    """HC0 weighs by e^2, HC1 times n / (n - p), HC2 over 1 - h, HC3 over (1 - h)^2."""
    # Leverage is 1/2 for each of these, and the residuals are y.
    X, y = np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    factor = {"HC0": 1, "HC1": 2, "HC2": 2, "HC3": 4}[kind]
    assert_close(kata.sandwich_standard_errors(X, y, kind), [(20 * factor / 16) ** 0.5] * 2)
    assert_close(kata.sandwich_standard_errors(*data, kind), defined(*data, kind), rtol=1e-8)


def test_two_groups(kata, rng):
    """For an indicator of two groups, the slope's HC2 is Welch's standard error of a difference of two means."""
    one, other = rng.normal(0.0, 1.0, size=4), rng.normal(3.0, 5.0, size=7)
    X, y = np.append(np.zeros(4), np.ones(7))[:, None], np.append(one, other)
    expected = np.sqrt([one.var(ddof=1) / 4, one.var(ddof=1) / 4 + other.var(ddof=1) / 7])
    assert_close(kata.sandwich_standard_errors(X, y, kind="HC2"), expected)


def test_default_kind(kata, data):
    """The kind is HC3 unless given."""
    assert_close(kata.sandwich_standard_errors(*data), defined(*data, "HC3"), rtol=1e-8)


@pytest.mark.parametrize("unit", [2.0**20, 2.0**-20], ids=["large", "tiny"])
def test_units_and_origin(kata, data, unit):
    """A feature in a unit of its own, a thousand times its spread from zero, has the same errors, in that unit."""
    X, y = data
    far, scale = np.array([0.0, 5e3]), np.array([unit, 1.0])
    # The intercept moves by the shift times the slopes.
    back = np.eye(3)
    back[0, 1:] = -far
    for kind in (None, "HC0", "HC3"):
        expected = np.sqrt(np.diag(back @ covariance(X, y, kind) @ back.T)) / [1.0, *scale]
        moved = (X + far) * scale
        found = kata.sandwich_standard_errors(moved, y, kind) if kind else kata.standard_errors(moved, y)
        assert_close(found, expected, rtol=1e-5)


def test_leverage_of_one(kata, data):
    """At leverage 1, HC2 and HC3 raise ValueError; HC0, HC1 and the usual errors are as defined."""
    X, y = data
    own = np.column_stack([X, np.arange(10) == 6])
    for kind in ("HC2", "HC3"):
        with pytest.raises(ValueError):
            kata.sandwich_standard_errors(own, y, kind)
    assert_close(kata.standard_errors(own, y), defined(own, y), rtol=1e-7)
    for kind in ("HC0", "HC1"):
        assert_close(kata.sandwich_standard_errors(own, y, kind), defined(own, y, kind), rtol=1e-7)


def test_high_leverage(kata):
    """A leverage just below 1 is large and no more."""
    # 1 - h is 4e-7, with nine digits left.
    X, y = (
        np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1e4])[:, None],
        np.array([1.0, 0.0, 2.0, 2.0, 5.0, 3.0, 4.0, 9.0]),
    )
    for kind in ("HC2", "HC3"):
        assert_close(kata.sandwich_standard_errors(X, y, kind), defined(X, y, kind), rtol=1e-5)


def test_few_samples(kata):
    """With no more samples than coefficients there is ValueError; one more is enough."""
    X, y = np.array([[0.0], [1.0], [3.0]]), np.array([1.0, 3.0, 8.0])
    for n_samples in (1, 2):
        with pytest.raises(ValueError):
            kata.standard_errors(X[:n_samples], y[:n_samples])
        for kind in KINDS:
            with pytest.raises(ValueError):
                kata.sandwich_standard_errors(X[:n_samples], y[:n_samples], kind)
    assert_close(kata.standard_errors(X, y), defined(X, y))
    assert_close(kata.sandwich_standard_errors(X, y, "HC1"), defined(X, y, "HC1"))


def test_other_kinds(kata, data):
    """A kind other than HC0, HC1, HC2 and HC3 raises ValueError."""
    for kind in ("HC4", "HC", "HAC", ""):
        with pytest.raises(ValueError):
            kata.sandwich_standard_errors(*data, kind)


def test_whole_numbers(kata, data):
    """Whole numbers are numbers too: nothing is truncated where X and y are of integers."""
    X, y = data[0].astype(int), np.rint(data[1]).astype(int)
    assert_close(kata.standard_errors(X, y), defined(X, y), rtol=1e-8)
    assert_close(kata.sandwich_standard_errors(X, y, kind="HC2"), defined(X, y, "HC2"), rtol=1e-8)


def test_many_samples(kata, rng):
    """30,000 samples take well under a second: no matrix is n by n."""
    x = rng.normal(size=30_000)
    x -= x.mean()
    y = x * rng.normal(size=30_000)
    e = y - y.mean() - x * (x @ y) / (x @ x)
    assert_close(kata.standard_errors(x[:, None], y), np.sqrt([e @ e / 30_000, e @ e / (x @ x)]) / 29_998**0.5)
    w = e**2 / (1 - 1 / 30_000 - x**2 / (x @ x)) ** 2
    expected = np.sqrt([w.sum() / 30_000**2, (w * x**2).sum() / (x @ x) ** 2])
    assert_close(kata.sandwich_standard_errors(x[:, None], y, kind="HC3"), expected, rtol=1e-8)


def workload(kata, rng, n):
    """Take correlated features, some of them counts, errors that grow with one, and one sample far out."""
    X = 2 + rng.normal(size=(n + 6, 3)) + rng.normal(size=(n + 6, 1))
    X[:, 2] = np.rint(3 * X[:, 2])
    X[0] *= 6
    y = 5 + X @ rng.normal(size=3) + np.abs(X[:, 1]) * rng.normal(size=n + 6)
    robust = [kata.sandwich_standard_errors(X, y, kind) for kind in KINDS]
    return kata.standard_errors(X, y), kata.sandwich_standard_errors(X, y), *robust


MISTAKES = {
    "no column of ones": (
        "    q, r = np.linalg.qr(np.column_stack([np.ones(len(X)), X]))\n",
        "    q, r = np.linalg.qr(X)\n",
    ),
    "centred, and no error for the intercept": (
        "    q, r = np.linalg.qr(np.column_stack([np.ones(len(X)), X]))\n",
        "    q, r = np.linalg.qr(X - X.mean(axis=0))\n",
    ),
    "the intercept last": (
        "np.linalg.qr(np.column_stack([np.ones(len(X)), X]))",
        "np.linalg.qr(np.column_stack([X, np.ones(len(X))]))",
    ),
    "centred, so that the intercept is the mean of y": (
        "np.linalg.qr(np.column_stack([np.ones(len(X)), X]))",
        "np.linalg.qr(np.column_stack([np.ones(len(X)), X - X.mean(axis=0)]))",
    ),
    "variances for standard errors": (
        "return np.sqrt(variance * (reach**2).sum(axis=1))",
        "return variance * (reach**2).sum(axis=1)",
    ),
    "the variance divides by n": ("residual @ residual / (len(X) - len(reach))", "residual @ residual / len(X)"),
    "the variance divides by n - 1": (
        "residual @ residual / (len(X) - len(reach))",
        "residual @ residual / (len(X) - 1)",
    ),
    "p without the intercept": (
        "residual @ residual / (len(X) - len(reach))",
        "residual @ residual / (len(X) - X.shape[1])",
    ),
    "the diagonal of A'A inverted, number by number": (
        "    return np.sqrt(variance * (reach**2).sum(axis=1))",
        "    A = np.column_stack([np.ones(len(X)), X])\n    return np.sqrt(variance / (A**2).sum(axis=0))",
    ),
    "the error of the mean residual": (
        "return np.sqrt(variance * (reach**2).sum(axis=1))",
        "return np.sqrt(variance / len(X) * np.ones(len(reach)))",
    ),
    "sandwich variances for standard errors": ("return np.sqrt(reach**2 @ weights)", "return reach**2 @ weights"),
    "the usual errors, whatever the kind": ("return np.sqrt(reach**2 @ weights)", "return standard_errors(X, y)"),
    "residuals for their squares": ("weights = residual**2 / (1 - h)", "weights = np.abs(residual) / (1 - h)"),
    "HC0 with residuals for their squares": (
        "if powers[kind] else residual**2\n",
        "if powers[kind] else np.abs(residual)\n",
    ),
    "HC1 without the intercept": (
        "weights * len(X) / (len(X) - len(reach))",
        "weights * len(X) / (len(X) - X.shape[1])",
    ),
    "HC1 with n - 1": ("weights * len(X) / (len(X) - len(reach))", "weights * (len(X) - 1) / (len(X) - len(reach))"),
    "HC1 on the standard error": (
        "    return np.sqrt(reach**2 @ weights)",
        (
            "    error = np.sqrt(reach**2 @ weights)\n"
            '    return error * (len(X) / (len(X) - len(reach))) ** 0.5 if kind == "HC1" else error'
        ),
    ),
    "HC1 everywhere": ('    if kind == "HC1":\n        weights =', '    if kind != "HC0":\n        weights ='),
    "HC1 is HC0": ('    if kind == "HC1":\n        weights =', "    if False:\n        weights ="),
    "HC2 with the root of 1 - h": ('"HC2": 1, "HC3": 2}', '"HC2": 0.5, "HC3": 2}'),
    "HC3 with 1 - h once": ('"HC2": 1, "HC3": 2}', '"HC2": 1, "HC3": 1}'),
    "HC2 and HC3 swapped": ('"HC2": 1, "HC3": 2}', '"HC2": 2, "HC3": 1}'),
    "times 1 - h": ("residual**2 / (1 - h) ** powers[kind]", "residual**2 * (1 - h) ** powers[kind]"),
    "over h": ("residual**2 / (1 - h) ** powers[kind]", "residual**2 / h ** powers[kind]"),
    "leverage without the intercept": ("(q**2).sum(axis=1)\n", "(q[:, 1:] ** 2).sum(axis=1)\n"),
    "the mean leverage for each": ("(q**2).sum(axis=1)\n", "np.full(len(X), q.shape[1] / len(X))\n"),
    "HC0 by default": (
        'kind: str = "HC3") -> np.ndarray:\n    """Return standard',
        'kind: str = "HC0") -> np.ndarray:\n    """Return standard',
    ),
    "the kind is ignored": ("powers[kind] if powers[kind] else residual**2", "2"),
    "any other kind is HC3": (
        "    if kind not in powers:\n        raise",
        "    powers = {kind: 2} | powers\n    if kind not in powers:\n        raise",
    ),
    "any other kind is HC0": (
        "    if kind not in powers:\n",
        '    kind = kind if kind in powers else "HC0"\n    if kind not in powers:\n',
    ),
    "leverage 1 is divided by": ("if powers[kind] and h.max() > 1 - 1e-10:", "if False:"),
    "leverage 1 is refused for every kind": ("if powers[kind] and h.max() > 1 - 1e-10:", "if h.max() > 1 - 1e-10:"),
    "high leverage is refused": ("if powers[kind] and h.max() > 1 - 1e-10:", "if powers[kind] and h.max() > 0.999:"),
    "too few samples pass": ("    if len(X) <= X.shape[1] + 1:\n", "    if len(X) < X.shape[1]:\n"),
    "a sample too many is asked for": ("    if len(X) <= X.shape[1] + 1:\n", "    if len(X) <= X.shape[1] + 2:\n"),
    "a diagonal matrix of weights": (
        "np.sqrt(reach**2 @ weights)",
        "np.sqrt(np.diag(reach @ np.diag(weights) @ reach.T))",
    ),
    "all samples in one product": (
        "return np.sqrt(reach**2 @ weights)",
        "return np.sqrt((reach @ np.sqrt(weights)) ** 2)",
    ),
    "residuals truncated": ("return y - q @ (q.T @ y), ", "return (y - q @ (q.T @ y)).astype(y.dtype), "),
}
