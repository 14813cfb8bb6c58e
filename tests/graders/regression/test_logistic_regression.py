import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def data(rng):
    """Three features of unequal spread, away from zero. Both classes at four points, which nothing separates."""
    X = rng.normal([3.0, -1.0, 0.5], [1.0, 2.0, 0.5], size=(18, 3)) + 0.5 * rng.normal(size=(18, 1))
    X[:8] = np.repeat([[3.0, -1.0, 0.5], [4.0, -1.0, 0.5], [3.0, 1.0, 0.5], [3.0, -1.0, 1.0]], 2, axis=0)
    return X, np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1])


def grouped(values, zeros, ones):
    """Return samples of one feature: at each value so many of class 0 and so many of class 1."""
    x = np.repeat(np.array(values, dtype=float), np.add(zeros, ones))
    y = np.concatenate([np.repeat([0, 1], counts) for counts in zip(zeros, ones, strict=True)])
    return x[:, None], y


def assert_fit(fit, intercept, coef, rtol=1e-5):
    assert_close(fit.coef, coef, rtol=rtol, atol=1e-7)
    assert_close(fit.intercept, intercept, rtol=rtol, atol=1e-6)


def assert_minimum(fit, X, y, alpha, atol=2e-6):
    """Check the conditions of the minimum."""
    margins = fit.intercept + X.astype(float) @ fit.coef
    left = [(1 - p if label else -p) for label, p in zip(y, 0.5 + 0.5 * np.tanh(margins / 2), strict=True)]
    missed = [sum(left), *(X.astype(float).T @ left - alpha * np.asarray(fit.coef))]
    assert_close(missed, np.zeros(1 + X.shape[1]), atol=atol, what="the conditions of the minimum are missed by")


def test_probabilities(kata, rng):
    """The probability of class 1 is 1 / (1 + exp(-margin)), one number for each sample."""
    X = np.array([[0.0, 1.0], [1.0, 0.0], [-2.0, 3.0]])
    expected = [1 / (1 + np.exp(-4.0)), 1 / (1 + np.exp(1.0)), 1 / (1 + np.exp(-14.0))]
    assert_close(kata.predict_proba(X, 1.0, np.array([-2.0, 3.0])), expected)
    assert_close(kata.predict_proba(X, 0.0, np.array([0.0, 0.0])), [0.5, 0.5, 0.5])
    assert_close(kata.predict_proba(X[:1], -4.0, np.array([7.0, 4.0])), [0.5])
    X, coef = rng.normal(size=(7, 4)), rng.normal(size=4)
    assert_close(kata.predict_proba(X, -0.3, coef), [1 / (1 + np.exp(0.3 - row @ coef)) for row in X])
    assert_close(kata.predict_proba(1e6 * X[:, :1], 1e-6, np.array([1e-6])), 1 / (1 + np.exp(-1e-6 - X[:, 0])))


def test_large_margins(kata):
    """A margin of 1,000 or 1e6 in size gives 1 or 0, and no NaN."""
    X = np.array([[1000.0], [-1000.0], [1.0], [1e6], [-1e6], [0.0], [30.0], [-20.0]])
    expected = [1.0, 0.0, 1 / (1 + np.exp(-1.0)), 1.0, 0.0, 0.5, 1.0, 1 / (1 + np.exp(20.0))]
    assert_close(kata.predict_proba(X, 0.0, np.array([1.0])), expected)
    assert_close(kata.predict_proba(X[:2], 5e5, np.array([300.0])), [1.0, 1.0])


def test_two_values(kata):
    """Without a penalty and at two values of x, the fitted odds are the observed ones."""
    X, y = grouped([0, 1], [2, 1], [1, 1])
    assert_fit(kata.fit_logistic(X, y, 0.0), np.log(1 / 2), [np.log(2)])
    assert_fit(kata.fit_logistic(X, 1 - y, 0.0), np.log(2), [-np.log(2)])
    assert_fit(kata.fit_logistic(X[::-1], y[::-1], 0.0), np.log(1 / 2), [np.log(2)])
    # Halves at both values: all is 0.
    X, y = grouped([2, 5], [1, 2], [1, 2])
    assert_fit(kata.fit_logistic(X, y, 0.0), 0.0, [0.0])
    # Odds of 3 at x = 2 and of 1/4 at x = 5.
    X, y = grouped([2, 5], [1, 4], [3, 1])
    assert_fit(kata.fit_logistic(X, y, 0.0), np.log(3) + 2 * np.log(12) / 3, [-np.log(12) / 3])


def test_many_steps(kata):
    """Probabilities near 0 and 1 need more steps, and the fit goes on until it is there."""
    X, y = grouped([0, 1], [999, 1], [1, 999])
    assert_fit(kata.fit_logistic(X, y, 0.0), -np.log(999), [2 * np.log(999)])
    X, y = grouped([-1, 1], [400, 1], [1, 400])
    assert_fit(kata.fit_logistic(X / 10, y, 0.0), 0.0, [10 * np.log(400)])
    # Margins of 22 are not cut off.
    X, y = grouped([-30, -3, -2, -1, 1, 2, 3, 30], [1, 1, 1, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 1, 1, 1])
    assert_minimum(kata.fit_logistic(X, y, 0.0), X, y, 0.0)
    # Two samples of many lie on the wrong side, next to the middle.
    X, y = grouped([-8, -1, 1, 8], [3, 0, 1, 0], [0, 1, 0, 3])
    assert_minimum(kata.fit_logistic(X, y, 0.0), X, y, 0.0)


def test_penalty(kata, data):
    """The minimum is where the pull of the residuals on each coefficient is alpha times the coefficient."""
    # One sample of each class, at -1 and 1: slope * alpha = 2 / (1 + exp(slope)), and a slope of log 3 gives 1/2.
    X, y = np.array([[-1.0], [1.0]]), np.array([0, 1])
    assert_fit(kata.fit_logistic(X, y, 0.5 / np.log(3)), 0.0, [np.log(3)])
    assert_fit(kata.fit_logistic(X, 1 - y, 0.5 / np.log(3)), 0.0, [-np.log(3)])
    # The same twice: the sum over the samples is not a mean.
    assert_fit(kata.fit_logistic(np.vstack([X, X]), np.append(y, y), 1 / np.log(3)), 0.0, [np.log(3)])
    X, y = data
    for alpha in (0.0, 0.01, 0.5, 1.0, 20.0):
        assert_minimum(kata.fit_logistic(X, y, alpha), X, y, alpha)
        assert_minimum(kata.fit_logistic(X[:, :1], y, alpha), X[:, :1], y, alpha)


def test_intercept_is_free(kata, data):
    """The intercept has no penalty: shifted features leave coef as it is, and the mean of p is the mean of y."""
    X, y = data
    fit = kata.fit_logistic(X, y, 2.0)
    shift = np.array([50.0, 0.0, -20.0])
    assert_fit(kata.fit_logistic(X + shift, y, 2.0), fit.intercept - shift @ fit.coef, fit.coef, rtol=1e-4)
    # A penalty of 1e6 leaves next to nothing but the intercept, at the log odds of 12 to 6 and of 17 to 1.
    assert_close(kata.fit_logistic(X - X.mean(axis=0), y, 1e6).intercept, np.log(2), rtol=1e-4)
    rare = np.array([0] * 17 + [1])
    assert_close(kata.fit_logistic(X - X.mean(axis=0), rare, 1e6).intercept, -np.log(17), rtol=1e-4)
    assert_minimum(kata.fit_logistic(X, rare, 0.5), X, rare, 0.5)


def test_units(kata, data):
    """Features are not standardised: in another unit, alpha has to change by the square of it."""
    X, y = data
    fit = kata.fit_logistic(X, y, 0.5)
    for unit in (1e-3, 0.1, 1e3):
        assert_fit(kata.fit_logistic(unit * X, y, 0.5 * unit**2), fit.intercept, fit.coef / unit)
    units = np.array([1e-2, 1.0, 1e2])
    fit = kata.fit_logistic(X, y, 0.0)
    assert_fit(kata.fit_logistic(X * units, y, 0.0), fit.intercept, fit.coef / units, rtol=1e-4)
    assert_minimum(kata.fit_logistic(X * units, y, 0.7), X * units, y, 0.7, atol=2e-4)
    # As far as conditions of 1e-9 determine a coefficient of 7e5, and one of 3e-5.
    X, y = grouped([0, 1], [2, 1], [1, 1])
    assert_close(kata.fit_logistic(1e-6 * X, y, 0.0).coef * 1e-6, [np.log(2)], rtol=0.02)
    X, y = 1e5 * np.array([[-5.0], [-3.0], [-1.0], [1.0], [3.0], [5.0]]), np.array([0, 0, 1, 0, 1, 1])
    assert_minimum(kata.fit_logistic(X, y, 0.0), X, y, 0.0)


def test_dependent_features(kata, data):
    """With a penalty, features may be copies or constant, and there may be more of them than samples."""
    X, y = data
    # Two copies share the coefficient of one feature of sqrt(2) times the size.
    one = kata.fit_logistic(np.sqrt(2) * X[:, :1], y, 0.5)
    assert_fit(kata.fit_logistic(X[:, [0, 0]], y, 0.5), one.intercept, np.repeat(one.coef, 2) / np.sqrt(2))
    fit = kata.fit_logistic(X, y, 0.5)
    for value in (0.0, 7.0):
        constant = np.column_stack([X[:, 0], np.full(18, value), X[:, 1:]])
        assert_fit(kata.fit_logistic(constant, y, 0.5), fit.intercept, [fit.coef[0], 0.0, *fit.coef[1:]])
    wide = np.column_stack([X, X**2 / 4, X[:, ::-1] * X / 3])[[0, 6, 1, 8, 14]]
    assert_minimum(kata.fit_logistic(wide, np.array([0, 1, 1, 0, 1]), 0.1), wide, np.array([0, 1, 1, 0, 1]), 0.1)


def test_separable(kata):
    """Separable classes have no minimum at alpha = 0: ValueError. With a penalty they have one."""
    line = np.array([[0.0], [1.0], [3.0], [4.0]]), np.array([0, 0, 1, 1])
    # Neither feature separates these alone, but their sum does.
    plane = np.array([[0.0, 3.0], [3.0, 0.0], [1.0, 1.0], [4.0, 1.0], [1.0, 4.0], [3.0, 3.0]]), np.repeat([0, 1], 3)
    for X, y in (line, plane, (line[0][1:3], line[1][1:3]), (line[0] / 1000, 1 - line[1]), (100 * plane[0], plane[1])):
        with pytest.raises(ValueError):
            kata.fit_logistic(X, y, 0.0)
    for X, y in (line, plane, (line[0][1:3], line[1][1:3])):
        for alpha in (0.01, 1.0):
            assert_minimum(kata.fit_logistic(X, y, alpha), X, y, alpha)
    # 14 full Newton steps.
    assert_minimum(kata.fit_logistic(*line, 1e-5), *line, 1e-5)
    # One sample on the wrong side, and there is a minimum, also if another has a probability of 1 but for rounding.
    for far in (5, 40):
        X, y = grouped([0, 1, 2, 3, 4, far], [1, 1, 0, 1, 0, 0], [0, 0, 1, 0, 1, 1])
        assert_minimum(kata.fit_logistic(X, y, 0.0), X, y, 0.0)


def test_one_class(kata, data):
    """If all labels are equal it raises ValueError, whatever alpha is."""
    for X in (data[0], data[0][:1]):
        for y in (np.zeros(len(X), dtype=int), np.ones(len(X), dtype=int)):
            for alpha in (0.0, 1.0):
                with pytest.raises(ValueError):
                    kata.fit_logistic(X, y, alpha)


@strict
def test_overshooting(kata):
    """The minimum is reached where full Newton steps overshoot, too."""
    for values, zeros, ones in [
        ([-4, -2, 226], [1, 0, 0], [1, 200, 10]),
        ([-181, -25, -18], [0, 0, 50], [1, 1, 0]),
        ([-296, 1, 3], [10, 210, 0], [0, 0, 1]),
    ]:
        X, y = grouped(values, zeros, ones)
        assert_minimum(kata.fit_logistic(X, y, 0.1), X, y, 0.1)


@strict
def test_mixed_units(kata, data):
    """Units of features may differ by 1e9."""
    X, y = data
    units = np.array([1e-4, 1.0, 1e5])
    for alpha in (0.0, 1e-3):
        fit, penalty = kata.fit_logistic(X * units, y, alpha), alpha * units**-2
        margins = fit.intercept + (X * units) @ fit.coef
        left = y - 0.5 - 0.5 * np.tanh(margins / 2)
        missed = X.T @ left - penalty * np.asarray(fit.coef) * units
        assert_close(missed, np.zeros(3), atol=1e-4, what="the conditions in the old units are missed by")


@strict
def test_small_probabilities(kata):
    """A small probability is right to nine digits."""
    margins = np.array([-25.0, -30.0, -50.0, -300.0])
    expected = 1 / (1 + np.exp(margins))
    assert_close(kata.predict_proba(margins[:, None], 0.0, np.array([1.0])) / np.exp(margins), expected)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X and y may be integers of any type, and y booleans."""
    X = np.array([[100, 3], [120, 9], [7, 1], [90, 2], [101, 5], [0, 0]], dtype=kind)
    y = np.array([0, 1, 0, 0, 1, 1], dtype=kind)
    for labels in (y, y == 1):
        assert_minimum(kata.fit_logistic(X, labels, 2.0), X, y, 2.0, atol=1e-4)
    coef = np.array([0.25, -8.0])
    assert_close(kata.predict_proba(X, 0.5, coef), 0.5 + 0.5 * np.tanh((0.5 + X.astype(float) @ coef) / 2))


@strict
def test_negative_alpha(kata, data):
    """A negative alpha raises ValueError."""
    for alpha in (-1.0, -1e-9):
        with pytest.raises(ValueError):
            kata.fit_logistic(*data, alpha)


def workload(kata, rng, n):
    """Three features, one of counts, with and without a penalty; separable data; probabilities of other samples."""
    X = rng.normal([1.0, 0.0, 0.0], [1.0, 3.0, 2.0], size=(n + 12, 3))
    X[:, 2] = np.rint(X[:, 2])
    X[:8] = np.repeat([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 2.0]], 2, axis=0)
    y = (X @ [1.0, 0.3, -0.5] + rng.logistic(size=n + 12) > 0.5).astype(int)
    y[:8] = [0, 1, 0, 1, 0, 1, 0, 1]
    fits = [kata.fit_logistic(X, y, alpha) for alpha in (0.0, 0.3, 5.0)]
    separable = kata.fit_logistic(X[:, :2], (X[:, 0] > np.median(X[:, 0])).astype(int), 0.5)
    return *fits, separable, kata.predict_proba(10 * rng.normal(size=(n, 3)), -0.5, np.array([2.0, -1.0, 0.5]))


SIGMOID = "return np.exp(-np.logaddexp(0, -margin))"
GRADIENT = "return penalty * theta - design.T @ (sign * _sigmoid(-sign * (design @ theta)))"
PENALTY = "penalty = np.append(0.0, np.full(X.shape[1], float(alpha)))"
STOP = "if np.abs(design @ step).max() < TOLERANCE:"
CERTIFICATE = "if (alpha == 0 or sign.min() == sign.max()) and (np.sign(margin) == sign).all():"
CENTRE = "mean, sign = X.mean(axis=0), np.where(y, 1.0, -1.0)"
DESIGN = "design = np.column_stack([np.ones(len(X)), X - mean])\n    penalty"
LOOP = "for _ in STEPS:\n        margin"
SIZE = "size = min(HALVES, key=lambda size: abs(gradient(theta - size * step) @ step))"
ANSWER = "return Fit(float(theta[0] - mean @ theta[1:]), theta[1:])"
PREDICT = "return _sigmoid(intercept + X @ coef)"
MISTAKES = {
    "exp overflows": (SIGMOID, "return np.exp(margin) / (1 + np.exp(margin))"),
    "margins clipped at 10": (SIGMOID, "margin = np.clip(margin, -10, 10)\n    return 1 / (1 + np.exp(-margin))"),
    "probability of class 0": (PREDICT, "return _sigmoid(-(intercept + X @ coef))"),
    "no intercept in predictions": (PREDICT, "return _sigmoid(X @ coef)"),
    "two columns": (PREDICT, "p = _sigmoid(intercept + X @ coef)\n    return np.column_stack([1 - p, p])"),
    "labels instead of probabilities": (PREDICT, "return 1.0 * (intercept + X @ coef > 0)"),
    "the penalty of a mean": (PENALTY, PENALTY.replace("float(alpha)", "float(alpha * len(X))")),
    "alpha without its half": (PENALTY, PENALTY.replace("float(alpha)", "2.0 * alpha")),
    "C instead of alpha": (PENALTY, PENALTY.replace("float(alpha)", "1 / alpha if alpha else 0.0")),
    "no penalty": (PENALTY, "penalty = np.zeros(X.shape[1] + 1)"),
    "a small ridge at alpha 0": (PENALTY, PENALTY.replace("float(alpha)", "max(float(alpha), 1e-3)")),
    "the intercept is penalised": [
        (PENALTY, "penalty = np.full(X.shape[1] + 1, float(alpha))"),
        (CENTRE, CENTRE.replace("X.mean(axis=0)", "0 * X[0]")),
    ],
    "the intercept of centred features is penalised": (PENALTY, "penalty = np.full(X.shape[1] + 1, float(alpha))"),
    "the intercept of centred features": (ANSWER, "return Fit(float(theta[0]), theta[1:])"),
    "no intercept": (ANSWER, "return Fit(0.0, theta[1:])"),
    "standardised features": (DESIGN, DESIGN.replace("X - mean", "(X - mean) / np.maximum(X.std(axis=0), 1e-12)")),
    "one step": (STOP, "if True:"),
    "five steps": [(LOOP, "for turn in range(5):\n        margin"), (STOP, "if turn == 4:")],
    "eight steps": [(LOOP, "for turn in range(8):\n        margin"), (STOP, "if turn == 7:")],
    "ends when steps are below 0.1": (STOP, "if np.abs(design @ step).max() < 0.1:"),
    "ends when the gradient is small": (STOP, "if np.abs(gradient(theta)).max() < 1e-2:"),
    "separable data pass": (CERTIFICATE, CERTIFICATE.replace("alpha == 0 or ", "")),
    "one class has a fit with a penalty": (CERTIFICATE, CERTIFICATE.replace(" or sign.min() == sign.max()", "")),
    "separable data raise with a penalty as well": (CERTIFICATE, "if (np.sign(margin) == sign).all():"),
    "one wrong sample of many is separable": (
        CERTIFICATE,
        "if alpha == 0 and (np.sign(margin) == sign).mean() >= 0.8:",
    ),
    "large margins are taken for separable data": (CERTIFICATE, "if alpha == 0 and np.abs(margin).max() > 6:"),
    "margins clipped at 15 in the fit": (
        GRADIENT,
        GRADIENT.replace("design @ theta)", "np.clip(design @ theta, -15, 15))"),
    ),
    "classes of equal weight": (
        GRADIENT,
        GRADIENT.replace("(sign *", "(np.where(y, np.mean(y == 0), np.mean(y == 1)) * 2 * sign *"),
    ),
    "squared error of the probabilities": [
        (GRADIENT, GRADIENT.replace("theta)))", "theta)) * _sigmoid(design @ theta) * _sigmoid(-design @ theta))")),
        (SIZE, "size = 1.0"),
    ],
    "the linear probability model": (ANSWER, "return Fit(float(y.mean()), np.linalg.lstsq(design, y)[0][1:])"),
    "negative coefficients are cut off": (ANSWER, ANSWER.replace(", theta[1:])", ", np.maximum(theta[1:], 0))")),
    "coefficients below 0.1 are cut off": (
        ANSWER,
        ANSWER.replace(", theta[1:])", ", np.where(np.abs(theta[1:]) < 0.1, 0.0, theta[1:]))"),
    ),
}

STRICT_MISTAKES = {
    "full steps": (SIZE, "size = 1.0"),
    "1 minus the probability of class 0": (SIGMOID, "return 1 - 1 / (1 + np.exp(np.minimum(margin, 700.0)))"),
    "probabilities cut off": (SIGMOID, "return np.maximum(1e-15, np.exp(-np.logaddexp(0, -margin)))"),
    "a negative alpha passes": ("if alpha < 0:", "if alpha < -9:"),
    "labels keep their type": ("np.where(y, 1.0, -1.0)", "2 * y - 1"),
}
