from fractions import Fraction

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# The fit is -0.9 + 2.6 x, and the residuals are 1.9, -1.7, -2.3 and 2.1.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 2.0, 9.0])
X_FEW = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [3.0, 1.0, 1.0], [4.0, 5.0, 2.0], [2.0, 2.0, 7.0], [7.0, 3.0, 4.0]])
Y_FEW = np.array([2.0, 5.0, 1.0, 4.0, 4.5, 9.0])
WITHOUT_SMALL = [[-16 / 3, 4.5], [1 / 14, 33 / 14], [-4 / 7, 41 / 14], [0.5, 0.5]]


@pytest.fixture
def data(rng):
    """Three features with a common part, away from zero: few samples of small whole numbers, one far from the rest."""
    X = 20.0 + rng.integers(-3, 4, size=(9, 1)) + rng.integers(-9, 10, size=(9, 3)) * [1, 2, 4]
    X[2] += [30.0, -20.0, 50.0]
    X += np.linspace(0.0, 1.0, 27).reshape(9, 3) ** 2
    return X, 50.0 + rng.integers(-400, 400, size=9) / 16


def fit(X, y):
    """Return the coefficients and the mean square of the residuals over the degrees of freedom."""
    design = np.column_stack([np.ones(len(X)), X])
    coef = np.linalg.lstsq(design, y)[0]
    n_free = len(X) - design.shape[1]
    return coef, ((y - design @ coef) ** 2).sum() / n_free if n_free else np.nan


def refits(X, y):
    """Fit without each sample in turn."""
    return [fit(np.delete(X, i, axis=0), np.delete(y, i)) for i in range(len(X))]


def defined_dfbetas(X, y):
    design, coef = np.column_stack([np.ones(len(X)), X]), fit(X, y)[0]
    diagonal = np.diag(np.linalg.inv(design.T @ design))
    return np.array([(coef - without) / np.sqrt(variance * diagonal) for without, variance in refits(X, y)])


def test_leave_one_out_coefficients(kata, data):
    """Row i has the coefficients of the fit to all samples but i, the intercept first."""
    assert_close(kata.leave_one_out_coefficients(X_SMALL, Y_SMALL), WITHOUT_SMALL)
    X, y = data
    for n_features in (1, 2, 3):
        actual = kata.leave_one_out_coefficients(X[:, :n_features], y)
        assert_close(actual, np.array([coef for coef, _ in refits(X[:, :n_features], y)]), rtol=1e-7)
    # Each of three samples is left out, and a line goes through the other two.
    lines = kata.leave_one_out_coefficients(np.array([[1.0], [2.0], [4.0]]), np.array([3.0, 0.0, 6.0]))
    assert_close(lines, [[-6.0, 3.0], [2.0, 1.0], [6.0, -3.0]])


def test_dfbetas(kata, data):
    """DFBETAS is b minus b_(i), over s_(i) and the root of the diagonal of (Z'Z)^-1."""
    diagonal, variances = np.array([0.7, 0.2]), [25 / 6, 169 / 14, 121 / 14, 1.5]
    expected = ([-0.9, 2.6] - np.array(WITHOUT_SMALL)) / np.sqrt(np.outer(variances, diagonal))
    assert_close(kata.dfbetas(X_SMALL, Y_SMALL), expected)
    X, y = data
    for n_features in (1, 2, 3):
        assert_close(kata.dfbetas(X[:, :n_features], y), defined_dfbetas(X[:, :n_features], y), rtol=1e-7)


def test_outlier(kata, data):
    """An outlier does not raise the variance that its own row is divided by."""
    X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [6.0]])
    y = np.array([1.0, 2.0, 2.0, 4.0, 5.0, -60.0])
    assert_close(kata.dfbetas(X, y), defined_dfbetas(X, y), rtol=1e-7)
    X, y = data
    y = y + 5000.0 * (np.arange(9) == 4)
    assert_close(kata.dfbetas(X[:, :2], y), defined_dfbetas(X[:, :2], y), rtol=1e-5)


def test_sample_on_the_line(kata):
    """A sample that lies on the fit of the others moves nothing; the others still count."""
    # The fit without the last sample is -0.9 + 2.6 x.
    X, y = np.array([[0.0], [1.0], [2.0], [3.0], [8.0]]), np.array([1.0, 0.0, 2.0, 9.0, 19.9])
    assert_close(kata.leave_one_out_coefficients(X, y)[4], [-0.9, 2.6])
    assert_close(kata.dfbetas(X, y), defined_dfbetas(X, y), rtol=1e-7, atol=1e-9)


def test_leverage_one(kata, data):
    """A sample of leverage 1 raises ValueError: without it the coefficients are not determined."""
    X, y = data
    for at in (0, 5, 8):
        marked = np.column_stack([X[:, 0], np.arange(9) == at])
        for function in (kata.leave_one_out_coefficients, kata.dfbetas):
            with pytest.raises(ValueError):
                function(marked, y)
            with pytest.raises(ValueError):
                function(1.0 * (np.arange(9) == at)[:, None], y)


def test_few_samples(kata, data):
    """With n <= p, and in dfbetas with n <= p + 1, ValueError is raised."""
    X, y = data
    for n_features in (1, 2, 3):
        p = n_features + 1
        for n in range(2, p + 2):
            with pytest.raises(ValueError):
                kata.dfbetas(X[:n, :n_features], y[:n])
            if n <= p:
                with pytest.raises(ValueError):
                    kata.leave_one_out_coefficients(X[:n, :n_features], y[:n])
        few, few_y = X_FEW[: p + 2, :n_features], Y_FEW[: p + 2]
        assert_close(kata.dfbetas(few, few_y), defined_dfbetas(few, few_y), rtol=1e-6, atol=1e-9)


def test_units(kata, data):
    """DFBETAS does not depend on the units of y and of the features, and coefficients follow them."""
    X, y = data
    X = X[:, :2]
    expected, coef = defined_dfbetas(X, y), np.array([each for each, _ in refits(X, y)])
    for of_features, of_y in [([1.0, 1.0], 2.0**-36), ([2.0**-18, 2.0**10], 2.0**-10), ([2.0**-16] * 2, 2.0**12)]:
        units = np.array(of_features)
        assert_close(kata.dfbetas(X * units, y * of_y), expected, rtol=1e-6)
        actual = kata.leave_one_out_coefficients(X * units, y * of_y)
        assert_close(actual * [1.0, *units] / of_y, coef, rtol=1e-6)


def test_many_samples(kata, rng):
    """20,000 samples take n p^2 time: no n by n matrix, and no fit for each sample."""
    X, y = rng.normal(size=(20_000, 2)), rng.normal(size=20_000)
    X[7] += 3.0
    coef, moves = kata.leave_one_out_coefficients(X, y), kata.dfbetas(X, y)
    design = np.column_stack([np.ones(20_000), X])
    diagonal, whole = np.diag(np.linalg.inv(design.T @ design)), fit(X, y)[0]
    for i in (7, 19_999):
        without, variance = fit(np.delete(X, i, axis=0), np.delete(y, i))
        assert_close(np.asarray(coef)[i], without)
        assert_close(np.asarray(moves)[i], (whole - without) / np.sqrt(variance * diagonal), rtol=1e-6, atol=1e-9)


@strict
@pytest.mark.parametrize("far", [100, 1_000, 10_000, 20_000], ids=["2e-4", "2e-6", "2e-8", "5e-9"])
def test_leverage_near_one(kata, far):
    """A leverage counts as 1 only if 1 - h is below 1e-8."""
    X, y = np.array([[-1.0], [0.0], [1.0], [far]]), np.array([2.0, 5.0, 2.0, 4.0])
    if far > 15_000:  # 1 - h is about 2 / far^2
        for function in (kata.leave_one_out_coefficients, kata.dfbetas):
            with pytest.raises(ValueError):
                function(X, y)
        return
    # Without the last sample the fit is 3 everywhere, and its squares sum to 6 with one degree of freedom.
    assert_close(kata.leave_one_out_coefficients(X, y)[3], [3.0, 0.0], rtol=1e-5, atol=1e-5)
    deviation = [Fraction(x) - Fraction(far, 4) for x in (-1, 0, 1, far)]
    length = sum(d**2 for d in deviation)
    slope = sum(d * Fraction(value) for d, value in zip(deviation, y, strict=True)) / length
    assert_close(kata.dfbetas(X, y)[3, 1], float(slope) / (6 / float(length)) ** 0.5, rtol=1e-5)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, kind):
    """X and y may hold integers of any type: nothing wraps around or is truncated."""
    X = np.array([[100, 3], [127, 90], [0, 50], [40, 120], [9, 9], [77, 1]])
    y = np.array([120, 3, 99, 0, 127, 50])
    actual = kata.leave_one_out_coefficients(X.astype(kind), y.astype(kind))
    assert_close(actual, np.array([coef for coef, _ in refits(X, y)]))
    assert_close(kata.dfbetas(X.astype(kind), y.astype(kind)), defined_dfbetas(X, y), rtol=1e-7)


def workload(kata, rng, n):
    """Correlated features, one of them a count, and an outlier."""
    X = rng.normal(size=(n + 8, 3)) + rng.normal(size=(n + 8, 1))
    X[:, 2] = np.rint(3 * X[:, 2])
    y = 5 + X @ rng.normal(size=3) + rng.normal(size=n + 8)
    y[3] += 20
    return kata.leave_one_out_coefficients(X, y), kata.dfbetas(X, y), kata.dfbetas(X[:, :1], y)


BACK = "return pinv @ y - (pinv * (residual / unfitted)).T"
VARIANCE = "variance = (residual @ residual - residual**2 / unfitted) / n_free"
SCALE = "scale = np.sqrt((pinv**2).sum(axis=1))"
MOVES = "return (pinv * (residual / unfitted / np.sqrt(variance))).T / scale"
RAISE = "    if unfitted.min() < 1e-8:  # n <= p, too"
FEW = "    if n_free < 1:"
DESIGN = "np.linalg.qr(np.column_stack([np.ones(len(X)), X]))"
MISTAKES = {
    "the intercept is last": (DESIGN, "np.linalg.qr(np.column_stack([X, np.ones(len(X))]))"),
    "no intercept": (BACK, BACK.replace(").T", ").T * ([0] + [1] * X.shape[1])")),
    "the raw residual, not over 1 - h": (BACK, "return pinv @ y - (pinv * residual).T"),
    "over the root of 1 - h": (BACK, "return pinv @ y - (pinv * (residual / np.sqrt(unfitted))).T"),
    "over the leverage": (BACK, "return pinv @ y - (pinv * (residual / (1 - unfitted))).T"),
    "the sample is added, not taken away": (BACK, BACK.replace("y - (", "y + (")),
    "the changes, not the coefficients": (BACK, "return -(pinv * (residual / unfitted)).T"),
    "coefficients by sample, not samples by coefficient": (BACK, BACK.replace("y - (", "(y)[:, None] - (")),
    "the sign of b_(i) - b": (MOVES, MOVES.replace("return (", "return -(")),
    "the size without the sign": (MOVES, MOVES.replace("return (", "return abs(")),
    "the variance of all samples": (VARIANCE, "variance = residual @ residual / (n_free + 1)"),
    "the variance of all samples over fewer degrees of freedom": (VARIANCE, "variance = residual @ residual / n_free"),
    "the own square is left out, but the fit is still to all": (
        VARIANCE,
        "variance = (residual @ residual - residual**2) / n_free",
    ),
    "the degrees of freedom of all samples": (VARIANCE, VARIANCE + " * n_free / (n_free + 1)"),
    "the variance over n - 1": (VARIANCE, VARIANCE.replace("n_free", "(len(X) - 1)")),
    "not standardised (DFBETA)": (MOVES, "return (pinv * (residual / unfitted)).T"),
    "only over s_(i)": (MOVES, MOVES.replace(" / scale", "")),
    "over the variance of the coefficient": (SCALE, "scale = (pinv**2).sum(axis=1)"),
    "over the diagonal of Z'Z": (SCALE, "scale = 1 / np.sqrt(1 + np.append(len(X) - 1, (X**2).sum(axis=0) - 1))"),
    "over the size of the coefficient": (MOVES, MOVES.replace("/ scale", "/ abs(pinv @ y)")),
    "dfbetas with 1 - h twice": (MOVES, MOVES.replace("residual / unfitted", "residual / unfitted**2")),
    "DFFITS' factor": (MOVES, MOVES.replace("residual / unfitted", "residual * np.sqrt(1 - unfitted) / unfitted")),
    "leverage 1 passes": (RAISE, "    if False:"),
    "leverage 1 compared with rounding": (RAISE, "    if unfitted.min() < -1e-8:"),
    "leverage 1 gives NaN": (RAISE, "    unfitted[unfitted < 1e-8] = np.nan\n    if False:"),
    "leverage 1 below a floor": (RAISE, "    unfitted = np.maximum(unfitted, 1e-8)\n    if False:"),
    "a floor under the variance": (VARIANCE, VARIANCE + "\n    variance = np.maximum(variance, 1e-6)"),
    "eps beside the scale": (MOVES, MOVES + " * (scale / (scale + 1e-6))"),
    "dfbetas without a degree of freedom": (FEW, "    if n_free < 0:"),
    "dfbetas asks for one sample too many": (FEW, "    if n_free < 2:"),
    "a refit for each sample": (
        BACK,
        (
            "return np.array([np.linalg.lstsq(np.column_stack([np.ones(len(X) - 1), np.delete(X, i, axis=0)]), "
            "np.delete(y, i))[0] for i in range(len(X))]) + 0 * pinv.T"
        ),
    ),
}

STRICT_MISTAKES = {
    "leverage 1 too early": (RAISE, "    if np.isclose(unfitted, 0, atol=1e-5).any():"),
    "leverage 1 too late": (RAISE, "    if unfitted.min() < 1e-10:"),
}
