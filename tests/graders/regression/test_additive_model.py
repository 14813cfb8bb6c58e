import numpy as np
import pytest

from katagrad.testing import assert_close, strict

X_SMALL, Y_SMALL = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]]), np.array([1.0, 3.0, 8.0])


@pytest.fixture
def data(rng):
    """Three features of unequal spread that are not centred, two of them correlated, and targets away from zero."""
    X = rng.integers(-9, 10, size=(9, 3)) * [1.0, 2.0, 0.5] + rng.integers(-9, 10, size=(9, 1)) + [4.0, -7.0, 0.0]
    return X, 50.0 + rng.integers(-90, 91, size=9) / 4


def ray(x, r):
    """Fit a line through the origin, whose mean is not 0."""
    return x * (x @ r) / (x @ x)


def line(x, r):
    """Fit a line by least squares."""
    deviation = x - np.mean(x)
    return np.mean(r) + deviation * (deviation @ r) / (deviation @ deviation)


def groups(x, r):
    """Take the mean over equal values."""
    return np.array([np.mean(r[x == value]) for value in x])


def bent(x, r):
    """Fit a curve that is neither linear in r nor centred."""
    return np.abs(ray(np.abs(x) + 1, r)) * np.cos(x) + 3.0


def smoothed(x, r, bandwidth):
    """Return the weighted means by the definition."""
    result = []
    for a in x:
        weights = [np.exp(-((a - b) ** 2) / bandwidth**2 / 2) for b in x]
        result.append(sum(w * v for w, v in zip(weights, r, strict=True)) / sum(weights))
    return np.array(result)


def defined(X, y, smoother, n_iter):
    """Return the components by the definition, one sample at a time."""
    n, n_features = X.shape
    mean, f = sum(y) / n, np.zeros((n_features, n))
    for _ in range(n_iter):
        for j in range(n_features):
            rest = [y[i] - mean - sum(f[k][i] for k in range(n_features) if k != j) for i in range(n)]
            curve = smoother(X[:, j].copy(), np.array(rest))
            f[j] = curve - sum(curve) / n
    return f.T


def assert_fit(fit, intercept, components):
    assert_close(fit.intercept, intercept)
    assert_close(fit.components, components, atol=1e-9)


def test_one_sweep(kata, data):
    """A sweep smooths, feature by feature, what the latest components of the others leave, and centres each curve."""
    components = np.transpose([[-1.4, 0.0, 1.4], [-0.12, 0.12, 0.0]])
    assert_fit(kata.backfit(X_SMALL, Y_SMALL, ray, 1), 4.0, components)
    # The means over equal values of (-3, 0, 3) are -1.5 and 3; what is left is (-1.5, 1.5, 0).
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([0.0, 3.0, 6.0])
    assert_fit(kata.backfit(X, y, groups, 1), 3.0, np.transpose([[-1.5, -1.5, 3.0], [-1.5, 0.75, 0.75]]))
    X, y = data
    for smoother in (ray, line, bent):
        assert_fit(kata.backfit(X, y, smoother, 1), y.mean(), defined(X, y, smoother, 1))


def test_more_sweeps(kata, data):
    """A second sweep begins with the components of the first: each is replaced, not added to."""
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([0.0, 3.0, 6.0])
    # What is left by (-1.5, 0.75, 0.75) is (-1.5, -0.75, 2.25), and by the new component (-1.875, 1.125, 0.75).
    expected = np.transpose([[-1.125, -1.125, 2.25], [-1.875, 0.9375, 0.9375]])
    assert_fit(kata.backfit(X, y, groups, 2), 3.0, expected)
    X, y = data
    for smoother in (ray, line, bent):
        for n_iter in (2, 3, 5):
            assert_fit(kata.backfit(X, y, smoother, n_iter), y.mean(), defined(X, y, smoother, n_iter))


def test_number_of_sweeps(kata):
    """There are exactly n_iter sweeps, however little the last one changes; 0 leaves all components at 0."""
    # Lines through features with a correlation of 1/2: the error falls to a quarter in each sweep.
    X = np.array([[-1.0, 0.0], [0.0, -1.0], [1.0, 1.0], [0.0, 0.0]])
    y = np.array([4.0, -8.0, 4.0, 0.0])
    for n_iter in (1, 2, 5, 8, 12):
        assert_fit(kata.backfit(X, y, line, n_iter), 0.0, defined(X, y, line, n_iter))
    # A correlation of 0.98: nothing is settled after 40 sweeps.
    X = np.column_stack([np.arange(6.0), [0.3, 0.7, 2.3, 3.3, 3.7, 4.7]])
    y = np.array([3.0, -3.0, 1.0, 2.0, -4.0, 1.0])
    assert_fit(kata.backfit(X, y, line, 40), 0.0, defined(X, y, line, 40))
    for smoother in (line, bent):
        assert_fit(kata.backfit(X_SMALL, Y_SMALL, smoother, 0), 4.0, np.zeros((3, 2)))


def test_fixed_point(kata, data):
    """After many sweeps of straight lines, the sum of all is the least-squares fit, whatever the order of features."""
    X, y = np.random.default_rng(5).normal([0.0, 5.0, -2.0], 1.0, size=(10, 3)), data[1].repeat(2)[:10]
    design = np.column_stack([np.ones(10), X])
    fitted = design @ np.linalg.lstsq(design, y)[0]
    for order in ([0, 1, 2], [2, 0, 1]):
        fit = kata.backfit(X[:, order], y, line, 100)
        assert_close(fit.intercept + np.sum(fit.components, axis=1), fitted, rtol=1e-7)
        assert_close(np.sum(fit.components, axis=0), np.zeros(3), atol=1e-9, what="the components sum to")


def test_additive_truth(kata):
    """On a full grid, one sweep of group means finds two curves that sum to y."""
    a, b = np.repeat([1.0, 2.0, 5.0], 4), np.tile([0.0, 3.0, 4.0, 9.0], 3)
    first, second = (a - 2) ** 2 - 10 / 3, np.sqrt(b) - (np.sqrt(3) + 5) / 4
    for order in (np.arange(12), np.array([7, 2, 11, 0, 5, 9, 1, 8, 3, 10, 6, 4])):
        X, y = np.column_stack([a, b])[order], (20 + first + second)[order]
        for n_iter in (1, 2):
            assert_fit(kata.backfit(X, y, groups, n_iter), 20.0, np.column_stack([first, second])[order])


def test_special_fits(kata):
    """One feature, a feature that is constant, a y that is constant and one sample are fitted like any other."""
    assert_fit(kata.backfit(X_SMALL[:, :1], Y_SMALL, ray, 3), 4.0, [[-1.4], [0.0], [1.4]])
    X = np.array([[7.0, 0.0], [7.0, 1.0], [7.0, 1.0]])
    assert_fit(kata.backfit(X, np.array([1.0, 2.0, 6.0]), groups, 2), 3.0, [[0.0, -2.0], [0.0, 1.0], [0.0, 1.0]])
    assert_fit(kata.backfit(X_SMALL, np.full(3, -2.0), ray, 2), -2.0, np.zeros((3, 2)))
    assert_fit(kata.backfit(np.array([[2.0, 3.0]]), np.array([5.0]), ray, 2), 5.0, [[0.0, 0.0]])
    tiny = kata.backfit(X_SMALL, Y_SMALL * 2.0**-18, ray, 1)
    assert_fit(kata.backfit(X_SMALL, Y_SMALL * 2.0**17, ray, 1), 2.0**19, defined(X_SMALL, Y_SMALL * 2.0**17, ray, 1))
    assert_close(np.asarray(tiny.components) * 2.0**18, np.transpose([[-1.4, 0.0, 1.4], [-0.12, 0.12, 0.0]]))


def test_kernel_smooth(kata, data):
    """kernel_smooth gives weighted means, whose weights fall with the squared distance in bandwidths."""
    x = np.array([0.0, np.sqrt(2 * np.log(2))])
    assert_close(kata.kernel_smooth(x, np.array([0.0, 3.0]), 1.0), [1.0, 2.0])
    assert_close(kata.kernel_smooth(x[::-1] * 6, np.array([0.0, 3.0]), 6.0), [1.0, 2.0])
    # The weights are 1, 1/2 and 1/16, so that the means differ from those of a triangle or of distances.
    x, r = np.array([0.0, 1.0, 2.0]) * np.sqrt(2 * np.log(2)), np.array([16.0, 0.0, 32.0])
    assert_close(kata.kernel_smooth(x, r, 1.0), [18 / (25 / 16), 24 / 2, 33 / (25 / 16)])
    X, y = data
    for bandwidth in (0.5, 3.0, 40.0):
        assert_close(kata.kernel_smooth(X[:, 1], y, bandwidth), smoothed(X[:, 1], y, bandwidth))


def test_bandwidths(kata):
    """A small bandwidth leaves each r_i, or the mean at equal x_i; a large one gives the mean of all."""
    x, r = np.array([5.0, 2.0, 5.0, -3.0]), np.array([-1.0, 4.0, 2.0, 0.0])
    for bandwidth in (1e-6, 0.01):
        assert_close(kata.kernel_smooth(x, r, bandwidth), [0.5, 4.0, 0.5, 0.0])
    assert_close(kata.kernel_smooth(x, r, 1e6), np.full(4, 1.25), rtol=1e-6)
    assert_close(kata.kernel_smooth(x * 1e-5, r * 1e-6, 2e-5) * 1e6, smoothed(x, r, 2.0))
    assert_close(kata.kernel_smooth(x[:1], r[:1], 1.0), [-1.0])
    assert_close(kata.kernel_smooth(np.full(3, 4.0), r[:3], 0.5), np.full(3, 5 / 3))


def test_predict(kata, data):
    """Predict adds up the intercept and straight lines between neighbours; beyond them a curve keeps its last value."""
    X, f = np.array([[2.0], [0.0], [6.0]]), np.array([[1.0], [-1.0], [0.0]])
    new = np.array([[0.5], [9.0], [-4.0], [4.0], [2.0], [0.0], [6.0]])
    assert_close(kata.predict(new, X, 4.0, f), [3.5, 4.0, 3.0, 4.5, 5.0, 3.0, 4.0])
    # Two features, whose values are in another order.
    X, f = np.array([[2.0, 1.0], [0.0, 3.0], [6.0, 2.0]]), np.array([[1.0, 8.0], [-1.0, 2.0], [0.0, -10.0]])
    assert_close(kata.predict(np.array([[1.0, 1.5], [4.0, 2.25]]), X, 100.0, f), [99.0, 93.5])
    X, y = data
    f = defined(X, y, groups, 2)
    assert_close(kata.predict(X, X, 7.5, f), 7.5 + f.sum(axis=1), atol=1e-9)
    new = np.vstack([X[4] + 0.3, X[1] - 0.1, X.min(axis=0) - 1, X.max(axis=0) + 5, X.mean(axis=0)])
    expected = np.full(len(new), -3.0)
    for j in range(3):
        for i, place in enumerate(new[:, j]):
            low = max((k for k in range(9) if X[k, j] <= place), key=lambda k, j=j: X[k, j], default=None)
            high = min((k for k in range(9) if X[k, j] >= place), key=lambda k, j=j: X[k, j], default=None)
            low, high = high if low is None else low, low if high is None else high
            gap = X[high, j] - X[low, j]
            expected[i] += f[low, j] + (f[high, j] - f[low, j]) * ((place - X[low, j]) / gap if gap else 0.0)
    assert_close(kata.predict(new, X, -3.0, f), expected, atol=1e-9)


def test_predict_alone(kata):
    """One training sample, equal values and a feature that is constant in X work as well."""
    assert_close(
        kata.predict(np.array([[1.0, 8.0], [3.0, 2.0]]), np.array([[2.0, 5.0]]), 4.0, np.zeros((1, 2))), [4.0] * 2
    )
    X, f = np.array([[1.0, 7.0], [3.0, 7.0], [1.0, 7.0], [3.0, 7.0]]), np.array([[-2.0, 0.5], [2.0, 0.5]] * 2)
    new = np.array([[1.5, 7.0], [1.0, 9.0], [3.0, 0.0]])
    assert_close(kata.predict(new, X, 1.0, f), [0.5, -0.5, 3.5])
    assert_close(kata.predict(new[:1], X, 1.0, f), [0.5])
    # Neighbours that are one part in a million apart.
    X, f = np.array([[1.0], [1.000001], [3.0]]), np.array([[-2.0], [1.0], [0.5]])
    assert_close(kata.predict(np.array([[1.0], [1.0000005], [1.000001]]), X, 0.0, f), [-2.0, -0.5, 1.0], rtol=1e-6)


@strict
def test_out_of_range(kata):
    """An n_iter below 0, or a bandwidth that is not positive, raises ValueError."""
    with pytest.raises(ValueError):
        kata.backfit(X_SMALL, Y_SMALL, line, -1)
    for bandwidth in (0.0, -1.0):
        with pytest.raises(ValueError):
            kata.kernel_smooth(Y_SMALL, Y_SMALL, bandwidth)


@strict
@pytest.mark.parametrize("kind", [int, np.int8], ids=["int64", "int8"])
def test_integers(kata, kind):
    """Arrays may be integers of any type."""
    X, y = np.array([[100, -100], [-100, 90], [20, 30]], dtype=kind), np.array([120, -100, 101], dtype=kind)
    x, r = X[:, 0].astype(float), y.astype(float)
    assert_close(kata.kernel_smooth(X[:, 0], y, 90.0), smoothed(x, r, 90.0))
    assert_fit(kata.backfit(X, y, groups, 2), 121 / 3, defined(X.astype(float), r, groups, 2))
    new = np.array([[0, -5]], dtype=kind)
    assert_close(
        kata.predict(new, X, 1.0, y.reshape(3, 1).repeat(2, axis=1)), [1 + 101 - 201 / 6 + 101 + 19 * 35 / 130]
    )


def means(x, r):
    """Take means that fall off with the distance."""
    weights = 1 / (1 + np.subtract.outer(x, x) ** 2)
    return weights @ r / weights.sum(axis=1)


def workload(kata, rng, n):
    """Two curves and an idle feature with ties, smoothed by kernels, and new samples of which some are far out."""
    X = rng.normal(size=(n, 3))
    X[:, 1] = np.rint(2 * X[:, 1])
    X[:, 2] += X[:, 0]
    y = 3 + np.sin(2 * X[:, 0]) + X[:, 1] ** 2 / 4 + 0.3 * rng.normal(size=n)
    fits = [kata.backfit(X, y, means, n_iter) for n_iter in (1, 3)]
    new = 1.5 * rng.normal(size=(n, 3))
    predicted = kata.predict(new, X, fits[1].intercept, fits[1].components)
    return kata.kernel_smooth(X[:, 1], y, 0.7), *fits, predicted


SWEEPS = "for _ in range(n_iter):"
OTHERS = "others = np.delete(components, j, axis=1).sum(axis=1)"
SMOOTH = "curve = smoother(x, y - intercept - others)"
CENTRE = "components[:, j] = curve - curve.mean()"
BETWEEN = "np.interp(*curve)"
MISTAKES = {
    "all features at once": [
        (SWEEPS, SWEEPS + "\n        old = components.copy()"),
        (OTHERS, "others = np.delete(old, j, axis=1).sum(axis=1)"),
    ],
    "the last feature first": ("enumerate(X.T):", "reversed(list(enumerate(X.T))):"),
    "its own component is not given back": (OTHERS, "others = components.sum(axis=1)"),
    "only the features before": (OTHERS, "others = components[:, :j].sum(axis=1)"),
    "components are added to": [
        (OTHERS, "others = components.sum(axis=1)"),
        (CENTRE, "components[:, j] += curve - curve.mean()"),
    ],
    "each feature on its own": (OTHERS, "others = 0"),
    "the intercept stays in": (SMOOTH, "curve = smoother(x, y - others)"),
    "curves are not centred": (CENTRE, "components[:, j] = curve"),
    "centred in the end": [
        (CENTRE, "components[:, j] = curve"),
        (
            "return Backfit(float(intercept), components)",
            "return Backfit(float(intercept), components - components.mean(axis=0))",
        ),
    ],
    "the means go into the intercept": (CENTRE, CENTRE + "\n            intercept += curve.mean()"),
    "centred by the median": (CENTRE, "components[:, j] = curve - np.median(curve)"),
    "scaled to a variance of 1": (CENTRE, CENTRE + "\n            components[:, j] /= components[:, j].std() or 1"),
    "the intercept is the median": ("intercept = y.mean()", "intercept = np.median(y)"),
    "the features are centred first": ("enumerate(X.T):", "enumerate((X - X.mean(axis=0)).T):"),
    "a sweep too few": (SWEEPS, "for _ in range(n_iter - 1):"),
    "a sweep too many": (SWEEPS, "for _ in range(n_iter + 1):"),
    "at least one sweep": (SWEEPS, "for _ in range(max(n_iter, 1)):"),
    "at most ten sweeps": (SWEEPS, "for _ in range(min(n_iter, 10)):"),
    "at most thirty sweeps": (SWEEPS, "for _ in range(min(n_iter, 30)):"),
    "stops when little changes": (
        CENTRE,
        "change = np.abs(curve - curve.mean() - components[:, j]).max()\n"
        "            if change < 1e-4:\n"
        "                return Backfit(float(intercept), components)\n"
        "            " + CENTRE,
    ),
    "components of features by rows": (
        "Backfit(float(intercept), components)",
        "Backfit(float(intercept), components.T)",
    ),
    "a kernel without its half": ("** 2) / 2)", "** 2))"),
    "a kernel of the distance": ("((x[:, None] - x) ** 2)", "np.abs(x[:, None] - x)"),
    "the bandwidth is not squared": ("/ bandwidth\n", "/ bandwidth**0.5\n"),
    "the point itself is left out": (
        "weights @ r / weights.sum(axis=1)",
        "(weights @ r - r) / np.maximum(weights.sum(axis=1) - 1, 1e-12)",
    ),
    "weights are not normalised": ("weights @ r / weights.sum(axis=1)", "weights @ r / len(r)"),
    "eps in the denominator": ("weights.sum(axis=1)", "(weights.sum(axis=1) + 1e-6)"),
    "a floor under the bandwidth": ("/ bandwidth\n", "/ max(bandwidth, 1e-3)\n"),
    "a cap on the distance": (
        "weights = np.exp(-((x[:, None] - x) ** 2) / 2)",
        "weights = np.exp(-np.minimum((x[:, None] - x) ** 2, 4.0) / 2)",
    ),
    "rows taken as sorted": (
        "order = X.argsort(axis=0)",
        "order = np.arange(len(X))[:, None].repeat(X.shape[1], axis=1)",
    ),
    "heights in the order of rows": ("np.take_along_axis(components, order, axis=0)", "components"),
    "sorted by the first feature": (
        "order = X.argsort(axis=0)",
        "order = X[:, :1].argsort(axis=0).repeat(X.shape[1], axis=1)",
    ),
    "nothing beyond": (BETWEEN, "np.interp(*curve, left=0, right=0)"),
    "the nearest neighbour": (BETWEEN, "curve[2][np.abs(curve[0][:, None] - curve[1]).argmin(axis=1)]"),
    "the neighbour below": (BETWEEN, "curve[2][np.maximum(np.searchsorted(curve[1], curve[0], side='right') - 1, 0)]"),
    "no intercept": ("return intercept + np.sum", "return np.sum"),
    "the mean of the curves": ("intercept + np.sum(curves", "intercept + np.mean(curves"),
}

STRICT_MISTAKES = {
    "any number of sweeps": ("if n_iter < 0:", "if n_iter < -9:"),
    "any bandwidth": ("if not bandwidth > 0:", "if bandwidth == 7:"),
    "a bandwidth of 0": ("if not bandwidth > 0:", "if not bandwidth >= 0:"),
    "components of the kind of X": ("components = np.zeros(X.shape)", "components = np.zeros_like(X)"),
    "distances of 8 bits": (
        "x = x / bandwidth\n    weights = np.exp(-((x[:, None] - x) ** 2) / 2)",
        "weights = np.exp(-(((x[:, None] - x) / bandwidth) ** 2) / 2)",
    ),
}
