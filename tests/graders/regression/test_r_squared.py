import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [5.0]]), np.array([1.0, 2.0, 2.0, 6.0])
# The line is 0.75 + x. Its residuals are 1, 1, -3 and 1 quarters, its leverages 15, 9, 7 and 25 of 28.
FITTED = X_SMALL[:, 0] + 0.75
PREDICTED = 1 - ((7 / 13) ** 2 + (7 / 19) ** 2 + 1 + (7 / 3) ** 2) / 14.75


@pytest.fixture
def data(rng):
    """Twelve samples of three features, away from zero, and a y that depends on the first two."""
    X = [20.0, -3.0, 1.0] + rng.normal(size=(12, 3)) * [4.0, 1.0, 2.0] + rng.normal(size=(12, 1))
    return X, 7 + X @ [0.5, -1.0, 0.0] + rng.normal(size=12)


def defined_r2(y_true, y_pred):
    mean = sum(y_true) / len(y_true)
    missed = sum((a - b) ** 2 for a, b in zip(y_true, y_pred, strict=True))
    return 1 - missed / sum((a - mean) ** 2 for a in y_true)


def left_out(X, y):
    """Predict each sample by a fit to the others."""
    predictions = []
    for i in range(len(X)):
        rows = np.arange(len(X)) != i
        design = np.column_stack([np.ones(len(X) - 1), X[rows]])
        predictions.append(np.append(1.0, X[i]) @ np.linalg.lstsq(design, y[rows])[0])
    return np.array(predictions)


def test_r2(kata, rng):
    """R2 is 1 less the sum of squared errors over that of the deviations of y_true from its mean."""
    assert_close(kata.r2_score(np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 5.0])), 1 - 2 / 14)
    for n in (2, 3, 8, 25):
        y_true = rng.normal(5.0, 2.0, size=n)
        y_pred = 1 + 0.7 * y_true + rng.normal(size=n)
        assert_close(kata.r2_score(y_true, y_pred), defined_r2(y_true, y_pred))
    # Exact predictions, and the mean.
    assert_close(kata.r2_score(Y_SMALL, Y_SMALL.copy()), 1.0)
    assert_close(kata.r2_score(Y_SMALL, np.full(4, 2.75)), 0.0)


def test_worse_than_the_mean(kata, rng):
    """Predictions worse than the mean have a negative R2, even if they are perfectly correlated with y_true."""
    assert_close(kata.r2_score(np.array([1.0, 2.0, 6.0]), np.array([6.0, 2.0, 1.0])), 1 - 50 / 14)
    y_true = rng.normal(5.0, 2.0, size=9)
    for y_pred in (-y_true, y_true + 10, 3 * y_true, np.zeros(9)):
        assert_close(kata.r2_score(y_true, y_pred), defined_r2(y_true, y_pred))
    assert_close(kata.adjusted_r2(np.array([1.0, 2.0, 6.0]), np.array([6.0, 2.0, 1.0]), 1), 1 - 100 / 14)


def test_constant_y(kata):
    """If y_true is constant, R2 is 1 if all predictions are exact, and otherwise 0."""
    assert_close(kata.r2_score(np.array([2.0, 2.0, 2.0]), np.array([2.0, 2.0, 2.0])), 1.0)
    for value in (2.0, 0.0, -3.0):
        for y_pred in ([3.0, 2.5, 7.0], [value, value, value + 1e-6], [value + 1] * 3):
            assert_close(kata.r2_score(np.full(3, value), np.array(y_pred)), 0.0)
    assert_close(kata.r2_score(np.zeros(4), np.zeros(4)), 1.0)
    # The adjusted R2 follows from that: 1 - 4 / 2.
    assert_close(kata.adjusted_r2(np.full(5, 2.0), np.arange(5.0), 2), -1.0)
    assert_close(kata.adjusted_r2(np.full(5, 2.0), np.full(5, 2.0), 2), 1.0)


def test_small_spread(kata):
    """A small spread is not 0: y_true in a small unit, or close to a large constant."""
    assert_close(kata.r2_score(np.array([1e-6, 2e-6, 6e-6]), np.array([2e-6, 2e-6, 5e-6])), 1 - 2 / 14)
    # Sums of powers of two, which add no rounding.
    step = 2.0**-10
    y_true, y_pred = np.array([0.0, 1.0, 2.0, 9.0]), np.array([1.0, 1.0, 4.0, 7.0])
    assert_close(kata.r2_score(1024 + step * y_true, 1024 + step * y_pred), 1 - 9 / 50, rtol=1e-3)
    assert_close(kata.adjusted_r2(1e-6 * y_true, 1e-6 * y_pred, 2), 1 - 9 / 50 * 3)
    assert_close(kata.predicted_r2(X_SMALL, 1e-6 * Y_SMALL), PREDICTED, rtol=1e-6)


def test_adjusted_r2(kata, rng):
    """Adjusted R2 multiplies 1 - R2 by (n - 1) / (n - p - 1). The intercept is no feature."""
    assert_close(kata.adjusted_r2(np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 5.0]), 1), 1 - 4 / 14)
    y_true = rng.normal(5.0, 2.0, size=9)
    y_pred = y_true + rng.normal(size=9)
    for p in (0, 1, 3, 6, 7):
        expected = 1 - (1 - defined_r2(y_true, y_pred)) * 8 / (8 - p)
        assert_close(kata.adjusted_r2(y_true, y_pred, p), expected)
    assert_close(kata.adjusted_r2(y_true, y_true.copy(), 4), 1.0)


def test_too_many_features(kata):
    """Adjusted R2 raises ValueError if n <= p + 1."""
    for y_pred in (FITTED, Y_SMALL.copy()):
        for n_features in (3, 4, 7):
            with pytest.raises(ValueError):
                kata.adjusted_r2(Y_SMALL, y_pred, n_features)
    assert_close(kata.adjusted_r2(Y_SMALL, FITTED, 2), 1 - 0.75 / 14.75 * 3)


def test_predicted_r2(kata, data):
    """Predicted R2 takes the error of each sample under the fit to the others. SST is that of all samples."""
    assert_close(kata.predicted_r2(X_SMALL, Y_SMALL), PREDICTED)
    X, y = data
    for columns in ([0], [0, 1], [0, 1, 2], [2]):
        assert_close(kata.predicted_r2(X[:, columns], y), defined_r2(y, left_out(X[:, columns], y)))
    # An exact line; and noise, for which it is negative.
    assert_close(kata.predicted_r2(X, 3 + X @ [1.0, 2.0, -1.0]), 1.0)
    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    assert_close(kata.predicted_r2(X, y), 1 - 50 / 9 - 50 / 49)
    # One sample more than coefficients.
    X, y = np.array([[0.0, 3.0], [1.0, 1.0], [2.0, 4.0], [5.0, 1.0]]), np.array([1.0, 2.0, 2.0, 6.0])
    assert_close(kata.predicted_r2(X, y), defined_r2(y, left_out(X, y)))


def test_units(kata, data):
    """The units of features and of y do not matter, nor their origin."""
    assert_close(kata.predicted_r2(X_SMALL / 1024, Y_SMALL), PREDICTED, rtol=1e-6)
    X, y = data
    expected = defined_r2(y, left_out(X, y))
    assert_close(kata.predicted_r2(X * [1.0, 2.0**10, 2.0**-10], y * 2.0**-16), expected, rtol=1e-6)
    assert_close(kata.predicted_r2(X * 2.0**-14, y), expected, rtol=1e-6)
    assert_close(kata.predicted_r2(X + np.array([100.0, 0.0, -200.0]), y + 1000), expected, rtol=1e-6)


def test_leverage_one(kata, data):
    """A sample of leverage 1 cannot be left out: ValueError. A leverage a little below 1 is fine."""
    marked = np.column_stack([[0.0, 1.0, 2.0, 3.0, 5.0], [0.0, 0.0, 0.0, 1.0, 0.0]])
    with pytest.raises(ValueError):
        kata.predicted_r2(marked, np.array([1.0, 0.0, 0.5, 2.0, 7.0]))
    X, y = data
    for i in (0, 5, 11):
        with pytest.raises(ValueError):
            kata.predicted_r2(np.column_stack([X[:, :2], np.arange(12) == i]), y)
    # As many samples as coefficients.
    with pytest.raises(ValueError):
        kata.predicted_r2(np.array([[0.0, 1.0], [1.0, 3.0], [5.0, 2.0]]), np.array([1.0, 0.0, 4.0]))
    for far in (10.0, 500.0):  # 1 - h is about 2 / far^2
        X, y = np.array([[-1.0], [0.0], [1.0], [far]]), np.array([2.0, 5.0, 3.0, 5.0])
        assert_close(kata.predicted_r2(X, y), defined_r2(y, left_out(X, y)), rtol=1e-6)


def test_many_samples(kata, rng):
    """20,000 samples take O(n p^2): no fit for each sample, and no n by n matrix."""
    x, noise = rng.normal(2.0, 1.0, size=(2, 20_000))
    y = x + noise
    a, b = x - x.mean(), y - y.mean()
    missed = (b - a * (a @ b) / (a @ a)) / (1 - 1 / 20_000 - a**2 / (a @ a))
    assert_close(kata.predicted_r2(x[:, None], y), 1 - (missed @ missed) / (b @ b))


@strict
def test_leverage_near_one(kata):
    """A leverage up to 1 - 1e-8 is allowed, and none above."""
    y = np.array([2.0, 5.0, 3.0, 5.0])
    for far in (1000.0, 10_000.0):  # 1 - h is about 2 / far^2
        X = np.array([[-1.0], [0.0], [1.0], [far]])
        assert_close(kata.predicted_r2(X, y), defined_r2(y, left_out(X, y)), rtol=1e-5)
    with pytest.raises(ValueError):
        kata.predicted_r2(np.array([[-1.0], [0.0], [1.0], [20_000.0]]), y)


@strict
def test_far_from_zero(kata):
    """Targets may lie a million times their spread from zero, and features may differ in unit by 1e11."""
    truth, predicted = np.array([0.25, 0.5, 1.0, 4.25]), np.array([0.5, 0.5, 2.0, 3.5])
    expected = defined_r2(truth, predicted)
    tenths = 999_999 + np.array([0.1, 0.2, 0.4, 0.7])
    assert_close(kata.r2_score(tenths, 999_999 + np.array([0.1, 0.3, 0.4, 0.6])), 19 / 21, rtol=1e-6)
    for level in (1e6, -4e6):
        assert_close(kata.r2_score(level + truth, level + predicted), expected, rtol=1e-7)
        assert_close(kata.predicted_r2(X_SMALL, level + Y_SMALL), PREDICTED, rtol=1e-6)
    X = np.column_stack([X_SMALL[:, 0], [3.0, 1.0, 4.0, 1.0]])
    expected = defined_r2(Y_SMALL, left_out(X, Y_SMALL))
    assert_close(kata.predicted_r2(X * [1e5, 1e-6], Y_SMALL), expected, rtol=1e-4)


@strict
def test_constant_with_a_rounded_mean(kata):
    """A constant y_true is recognised even if its computed mean differs from it."""
    for n in (3, 6, 10):
        assert_close(kata.r2_score(np.full(n, 0.1), np.full(n, 0.1)), 1.0)
        assert_close(kata.r2_score(np.full(n, 0.1), np.arange(n) / 7), 0.0)
        assert_close(kata.adjusted_r2(np.full(n, 0.1), np.arange(n) / 7, 1), 1 - (n - 1) / (n - 2))


@strict
def test_shapes(kata):
    """Predictions of another shape raise ValueError."""
    for shape in ((4, 1), (3,), (1,)):
        with pytest.raises(ValueError):
            kata.r2_score(Y_SMALL, np.ones(shape))
        with pytest.raises(ValueError):
            kata.r2_score(np.ones(4), np.ones(shape))
        with pytest.raises(ValueError):
            kata.adjusted_r2(Y_SMALL, np.ones(shape), 1)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_integers(kata, kind):
    """Arrays may hold integers of any type: nothing wraps around."""
    y_true, y_pred = np.array([1, 2, 120]), np.array([100, 127, 0])
    expected = defined_r2(y_true.astype(float), y_pred.astype(float))
    assert_close(kata.r2_score(y_true.astype(kind), y_pred.astype(kind)), expected)
    assert_close(kata.adjusted_r2(y_true.astype(kind), y_pred.astype(kind), 1), 1 - 2 * (1 - expected))
    assert_close(kata.predicted_r2(X_SMALL.astype(kind), Y_SMALL.astype(kind)), PREDICTED)
    assert_close(kata.predicted_r2(20 * X_SMALL.astype(kind), 20 * Y_SMALL.astype(kind)), PREDICTED)


def workload(kata, rng, n):
    """Judge a fit to features of which some are counts; and predictions of a constant y."""
    X = rng.normal(size=(n + 8, 3)) + rng.normal(size=(n + 8, 1))
    X[:, 2] = np.rint(3 * X[:, 2])
    y = 5 + X @ rng.normal(size=3) + rng.normal(size=n + 8)
    y_pred = 5 + X @ rng.normal(size=3)
    return (
        kata.r2_score(y, y_pred),
        kata.r2_score(np.rint(y), np.rint(y_pred)),
        kata.r2_score(np.full(n, 2.0), np.full(n, 2.0)),
        kata.r2_score(np.full(n, 2.0), y_pred[:n]),
        kata.adjusted_r2(y, y_pred, 3),
        kata.predicted_r2(X, y),
    )


def picture(kata, rng):
    """Draw the three against the number of features, of which only the first two matter."""
    X = rng.normal(size=(40, 20))
    y = X[:, 0] + X[:, 1] + 1.5 * rng.normal(size=40)
    counts = np.arange(1, 21)
    curves = [[], [], []]
    for p in counts:
        design = np.column_stack([np.ones(40), X[:, :p]])
        y_pred = design @ np.linalg.lstsq(design, y)[0]
        values = (kata.r2_score(y, y_pred), kata.adjusted_r2(y, y_pred, int(p)), kata.predicted_r2(X[:, :p], y))
        for curve, value in zip(curves, values, strict=True):
            curve.append(value)
    names = ("R2", "adjusted R2", "predicted R2")
    return [
        Panel(
            "40 samples; from the third feature on, noise",
            "features",
            "R2",
            [Line(counts, curve, name) for curve, name in zip(curves, names, strict=True)],
            note="R2 rises all the way, adjusted R2 stays about level, and predicted R2 falls: noise costs accuracy.",
        ),
    ]


SCORE = "return float(1 - residual @ residual / (spread @ spread))"
CONSTANT = "if np.ptp(y_true) == 0:\n        return float((y_true == y_pred).all())"
ADJUSTED = "(n_samples - 1) / (n_samples - n_features - 1)"
FEW = "if n_samples <= n_features + 1:"
MISSED = "missed = (spread - basis @ (basis.T @ spread)) / unfitted"
CENTRED = "np.linalg.qr(X - X.mean(axis=0))[0], y - y.mean()"
LEVERAGE = "if (unfitted < 1e-8).any():"
PRESS = "return float(1 - missed @ missed / (spread @ spread))"
MISTAKES = {
    "y_true and y_pred mixed up": ("y_true - y_true.mean()", "y_pred - y_pred.mean()"),
    "the squared correlation": (SCORE, "return float(np.corrcoef(y_true, y_pred)[0, 1] ** 2)"),
    "the share explained, not 1 less the share missed": (
        SCORE,
        "return float(((y_pred - y_true.mean()) ** 2).sum() / (spread @ spread))",
    ),
    "explained variance, which forgives a bias": (
        SCORE,
        "return float(1 - residual.var() / spread.var())",
    ),
    "SST about 0": ("y_true - y_true.mean()", "y_true"),
    "absolute errors": (SCORE, "return float(1 - np.abs(residual).sum() / np.abs(spread).sum())"),
    "sample variance below, mean squared error above": (
        SCORE,
        "return float(1 - np.mean(residual**2) / y_true.var(ddof=1))",
    ),
    "not below 0": (SCORE, "return float(max(0.0, 1 - residual @ residual / (spread @ spread)))"),
    "not below -1": (SCORE, "return float(max(-1.0, 1 - residual @ residual / (spread @ spread)))"),
    "constant y_true divides by 0": (CONSTANT, "pass"),
    "constant y_true is NaN": (CONSTANT, "if np.ptp(y_true) == 0:\n        return float('nan')"),
    "constant y_true is 0, exact or not": (CONSTANT, "if np.ptp(y_true) == 0:\n        return 0.0"),
    "constant y_true is 1, exact or not": (CONSTANT, "if np.ptp(y_true) == 0:\n        return 1.0"),
    "constant y_true raises": (CONSTANT, "if np.ptp(y_true) == 0:\n        raise ValueError('constant')"),
    "almost exact is exact": (CONSTANT, CONSTANT.replace("(y_true == y_pred).all()", "np.allclose(y_true, y_pred)")),
    "almost constant is constant": (
        CONSTANT,
        CONSTANT.replace("np.ptp(y_true) == 0", "np.allclose(y_true, y_true[0])"),
    ),
    "a small SST is 0": (CONSTANT, CONSTANT.replace("np.ptp(y_true) == 0", "np.var(y_true) < 1e-8")),
    "a small number added below": (SCORE, "return float(1 - residual @ residual / (spread @ spread + 1e-12))"),
    "adjusted: the intercept is a feature": (ADJUSTED, "(n_samples - 1) / (n_samples - n_features - 2)"),
    "adjusted: n - p": (ADJUSTED, "(n_samples - 1) / (n_samples - n_features)"),
    "adjusted: n above": (ADJUSTED, "n_samples / (n_samples - n_features - 1)"),
    "adjusted: turned round": (ADJUSTED, "(n_samples - n_features - 1) / (n_samples - 1)"),
    "adjusted: not below 0": (
        "return 1 - (1 - r2_score(y_true, y_pred)) * (n_samples - 1) / (n_samples - n_features - 1)",
        "return max(0.0, 1 - (1 - r2_score(y_true, y_pred)) * (n_samples - 1) / (n_samples - n_features - 1))",
    ),
    "adjusted: R2 times the factor": (
        "return 1 - (1 - r2_score(y_true, y_pred)) * (n",
        "return r2_score(y_true, y_pred) * (n",
    ),
    "adjusted: no degree of freedom left": (FEW, "if n_samples < n_features + 1:"),
    "adjusted: a negative number of them passes": (FEW, "if n_samples == n_features + 1:"),
    "adjusted: one sample more is asked for": (FEW, "if n_samples <= n_features + 2:"),
    "PRESS of the raw residuals": (MISSED, "missed = spread - basis @ (basis.T @ spread)"),
    "PRESS with a root, as for studentising": (MISSED, MISSED.replace("unfitted", "np.sqrt(unfitted)")),
    "PRESS divided by the leverage": (MISSED, MISSED.replace("unfitted", "(1 - unfitted)")),
    "generalised cross-validation: the mean leverage": (MISSED, MISSED.replace("unfitted", "unfitted.mean()")),
    "no intercept in the leverage": ("unfitted = 1 - 1 / len(X) - (basis", "unfitted = 1 - (basis"),
    "no intercept at all": (CENTRED, "np.linalg.qr(X)[0], y - y.mean()"),
    "SST by leaving out, too": (
        PRESS,
        "return float(1 - missed @ missed / (spread @ spread) * (1 - 1 / len(X)) ** 2)",
    ),
    "predicted R2 not below 0": (PRESS, "return float(max(0.0, 1 - missed @ missed / (spread @ spread)))"),
    "leverage 1 goes unnoticed": (LEVERAGE, "if len(X) == 0:"),
    "leverage 1 counted as an error of 0": [
        (LEVERAGE, "if len(X) == 0:"),
        (PRESS, "missed = missed * (unfitted > 1e-8)\n    " + PRESS),
    ],
    "too few samples only": (LEVERAGE, "if len(X) <= X.shape[1] + 1:"),
    "high leverage raises": (LEVERAGE, "if (unfitted < 1e-3).any():"),
    "leverage kept away from 1": (MISSED, MISSED.replace("unfitted", "np.maximum(unfitted, 0.01)")),
    "a fit for each sample": (
        MISSED,
        (
            "missed = np.empty(len(X))\n"
            "    for i in range(len(X)):\n"
            "        Z = np.column_stack([np.ones(len(X) - 1), np.delete(X, i, axis=0)])\n"
            "        missed[i] = y[i] - np.append(1, X[i]) @ np.linalg.lstsq(Z, np.delete(y, i))[0]"
        ),
    ),
    "an n by n matrix": (
        "unfitted = 1 - 1 / len(X) - (basis**2).sum(axis=1)",
        "unfitted = np.diag(np.eye(len(X)) - 1 / len(X) - basis @ basis.T)",
    ),
}

STRICT_MISTAKES = {
    "constant by the computed variance": (
        CONSTANT,
        CONSTANT.replace("np.ptp(y_true) == 0", "((y_true - y_true.mean()) ** 2).sum() == 0"),
    ),
    "predictions may broadcast": (
        "if y_true.shape != y_pred.shape:",
        "if y_true.size % y_pred.size:",
    ),
    "bytes wrap around": ("y_true - y_pred.astype(float)", "(y_true - y_pred) * 1.0"),
    "leverage 1 by isclose": (LEVERAGE, "if np.isclose(1 - unfitted, 1).any():"),
}
