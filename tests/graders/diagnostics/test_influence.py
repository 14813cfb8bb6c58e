import numpy as np
import pytest

from katagrad.testing import assert_close


@pytest.fixture
def data(rng):
    """Two correlated features, away from zero: few samples, of which one lies far out and one off the plane."""
    X = 20.0 + rng.integers(-4, 5, size=(9, 1)) + rng.integers(-9, 10, size=(9, 2))
    X[0] += [30.0, -20.0]
    y = X @ [1.0, -2.0] + rng.normal(scale=3.0, size=9)
    y[4] += 25.0
    return X, y


@pytest.fixture
def with_own_column(data):
    """Return the data with one more column, 0 but for one sample, whose leverage is 1 therefore."""
    X, y = data
    return np.column_stack([X, np.arange(9) == 5]), y


def fitted(X, y, at):
    """Return what the least-squares fit to X and y, with an intercept, makes of other samples."""
    coef = np.linalg.lstsq(X - X.mean(axis=0), y - y.mean())[0]
    return y.mean() + (at - X.mean(axis=0)) @ coef


def variance(X, y):
    return ((y - fitted(X, y, X)) ** 2).sum() / (len(X) - X.shape[1] - 1)


def own_weights(X):
    """Return how far each sample's fitted value moves when its own y, and no other, moves by 1."""
    return np.array([fitted(X, unit, X)[i] for i, unit in enumerate(np.eye(len(X)))])


def without(i, *arrays):
    return [np.delete(array, i, axis=0) for array in arrays]


def studentized(X, y, external):
    """Return the residuals over their standard deviations, from a refit without each sample if external."""
    variances = [variance(*without(i, X, y)) if external else variance(X, y) for i in range(len(X))]
    return (y - fitted(X, y, X)) / np.sqrt(variances * (1 - own_weights(X)))


def moved(X, y):
    """Return how far all fitted values move without each sample, by a refit for each."""
    whole = fitted(X, y, X)
    return np.array([((whole - fitted(*without(i, X, y), X)) ** 2).sum() for i in range(len(X))])


def test_leverage_of_a_line(kata, data):
    """With one feature the leverage is 1 / n plus the squared deviation from the mean over the sum of all of these."""
    assert_close(kata.leverage(np.array([[0.0], [1.0], [2.0]])), [5 / 6, 1 / 3, 5 / 6])
    x = data[0][:, 0]
    deviations = x - x.mean()
    assert_close(kata.leverage(x[:, None]), 1 / 9 + deviations**2 / (deviations**2).sum())


def test_leverage(kata, data):
    """The leverage is what a sample's own y weighs in its fitted value, in a fit with an intercept."""
    # Three coefficients fit three samples, whatever y is.
    assert_close(kata.leverage(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])), [1.0, 1.0, 1.0])
    assert_close(kata.leverage(data[0]), own_weights(data[0]))


@pytest.mark.parametrize("unit", [2.0**20, 2.0**-20], ids=["large", "tiny"])
def test_units_and_origin(kata, data, unit):
    """Neither the unit of a feature matters nor its origin, which may be 10,000 times its spread away."""
    X, y = data
    moved_away = (X + np.array([0.0, 5e4])) * [unit, 1.0]
    assert_close(kata.leverage(moved_away), own_weights(X), rtol=1e-6)
    assert_close(kata.studentized_residuals(moved_away, y), studentized(X, y, external=True), rtol=1e-5)
    assert_close(kata.cooks_distance(moved_away, y), moved(X, y) / (3 * variance(X, y)), rtol=1e-5)


def test_internal_residuals(kata, data):
    """Internally studentised residuals are e / sqrt(s^2 (1 - h)): s^2 divides by n - p, and p counts the intercept."""
    X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    assert_close(kata.studentized_residuals(X, y, external=False), np.array([3.0, -3.0, 1.0, -1.0]) / 5**0.5)
    assert_close(kata.studentized_residuals(*data, external=False), studentized(*data, external=False), rtol=1e-8)


def test_external_residuals(kata, data):
    """Externally studentised residuals take the variance from the fit without the sample; they are the default."""
    X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    assert_close(kata.studentized_residuals(X, y, external=True), [3.0, -3.0, 1 / 3, -1 / 3])
    assert_close(kata.studentized_residuals(*data, external=True), studentized(*data, external=True), rtol=1e-8)
    assert_close(kata.studentized_residuals(*data), studentized(*data, external=True), rtol=1e-8)


def test_cooks_distance(kata, data):
    """Cook's distance is how far all fitted values move without the sample, squared and summed, over p s^2."""
    X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    assert_close(kata.cooks_distance(X, y), [0.9, 0.9, 0.1, 0.1])
    X, y = data
    assert_close(kata.cooks_distance(X, y), moved(X, y) / (3 * variance(X, y)), rtol=1e-8)


def test_leverage_of_one(kata, with_own_column):
    """A sample of leverage 1 has NaN for residual and distance; the others are what they are without it."""
    X, y = with_own_column
    assert_close(kata.leverage(X)[5:6], [1.0])
    rest, expected = without(5, X[:, :2], y), np.full(9, np.nan)
    others = np.arange(9) != 5
    for external in (False, True):
        expected[others] = studentized(*rest, external)
        assert_close(kata.studentized_residuals(X, y, external), expected, rtol=1e-7)
    # The column is a coefficient more to divide by.
    expected[others] = moved(*rest) / (4 * variance(*rest))
    assert_close(kata.cooks_distance(X, y), expected, rtol=1e-7)


def test_high_leverage(kata):
    """A leverage just below 1 still has a residual and a distance."""
    # 1 - h is 4e-7, with nine digits left.
    X, y = (
        np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1e4])[:, None],
        np.array([1.0, 0.0, 2.0, 2.0, 5.0, 3.0, 4.0, 9.0]),
    )
    assert_close(kata.studentized_residuals(X, y), studentized(X, y, external=True), rtol=1e-5)
    assert_close(kata.cooks_distance(X, y), moved(X, y) / (2 * variance(X, y)), rtol=1e-5)


def test_few_samples(kata, data):
    """Without a degree of freedom for the variance, one less if external, there is ValueError; one suffices."""
    X, y = data
    for function in (kata.studentized_residuals, kata.cooks_distance):
        with pytest.raises(ValueError):
            function(X[:3], y[:3])
    with pytest.raises(ValueError):
        kata.studentized_residuals(X[:3], y[:3], external=False)
    with pytest.raises(ValueError):
        kata.studentized_residuals(X[3:7], y[3:7], external=True)
    x, y = np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([1.0, 3.0, 8.0, 7.0])
    assert_close(kata.studentized_residuals(x[:3], y[:3], external=False), [1.0, -1.0, 1.0])
    assert_close(kata.cooks_distance(x[:3], y[:3]), [2.5, 0.25, 2.5])
    assert_close(kata.studentized_residuals(x, y, external=True), studentized(x, y, external=True))


def test_whole_numbers(kata, data):
    """Whole numbers are numbers too: nothing is truncated where X and y are of integers."""
    X, y = data[0].astype(int), np.rint(data[1]).astype(int)
    assert_close(kata.leverage(X), own_weights(X))
    assert_close(kata.studentized_residuals(X, y, external=False), studentized(X, y, external=False), rtol=1e-8)
    assert_close(kata.cooks_distance(X, y), moved(X, y) / (3 * variance(X, y)), rtol=1e-8)


def test_many_samples(kata, rng):
    """30,000 samples take well under a second: no refits, and no matrix of n by n."""
    x, y = rng.normal(3.0, 2.0, size=30_000), rng.normal(size=30_000)
    deviations = x - x.mean()
    h = 1 / 30_000 + deviations**2 / (deviations @ deviations)
    e = y - y.mean() - deviations * (deviations @ y) / (deviations @ deviations)
    variance = e @ e / 29_998
    assert_close(kata.leverage(x[:, None]), h, rtol=1e-7)
    without_own = (e @ e - e**2 / (1 - h)) / 29_997
    assert_close(kata.studentized_residuals(x[:, None], y), e / np.sqrt(without_own * (1 - h)), rtol=1e-7, atol=1e-9)
    assert_close(kata.cooks_distance(x[:, None], y), e**2 * h / (2 * variance * (1 - h) ** 2), rtol=1e-7)


def workload(kata, rng, n):
    """Take correlated features, some of them counts, a sample far out and one off the plane; an indicator of one."""
    X = rng.normal(size=(n + 6, 3)) + rng.normal(size=(n + 6, 1))
    X[:, 2] = np.rint(3 * X[:, 2])
    X[0] *= 8
    y = 5 + X @ rng.normal(size=3) + rng.normal(size=n + 6)
    y[1] += 10
    own = np.column_stack([X, np.arange(n + 6) == 2])
    return (
        kata.leverage(X),
        kata.studentized_residuals(X, y, external=False),
        kata.studentized_residuals(own, y),
        kata.cooks_distance(own, y),
    )


MISTAKES = {
    "leverage without the intercept": ("return 1 / len(X) + (basis**2)", "return (basis**2)"),
    "leverage of the features as they are": (
        "    basis = np.linalg.qr(X - X.mean(axis=0))[0]\n    return 1 / len(X) + (basis**2).sum(axis=1)",
        "    basis = np.linalg.qr(X)[0]\n    return (basis**2).sum(axis=1)",
    ),
    "leverage less its mean": ("return 1 / len(X) + (basis**2)", "return -X.shape[1] / len(X) + (basis**2)"),
    "a whole matrix of weights": (
        "    return 1 / len(X) + (basis**2).sum(axis=1)",
        "    return 1 / len(X) + np.diag(basis @ basis.T)",
    ),
    "a little ridge against singular matrices": (
        "    basis = np.linalg.qr(X - X.mean(axis=0))[0]\n    return 1 / len(X) + (basis**2).sum(axis=1)",
        (
            "    Z = X - X.mean(axis=0)\n"
            "    return 1 / len(X) + np.einsum('ij,jk,ik->i', Z, np.linalg.inv(Z.T @ Z + 1e-8 * np.eye(X.shape[1])), Z)"
        ),
    ),
    "squared distance from the mean": (
        "    basis = np.linalg.qr(X - X.mean(axis=0))[0]\n    return 1 / len(X) + (basis**2).sum(axis=1)",
        "    Z = (X - X.mean(axis=0)) / X.std(axis=0)\n    return (1 + (Z**2).mean(axis=1)) / len(X)",
    ),
    "the sum of the columns for that of the rows": (
        "    return 1 / len(X) + (basis**2).sum(axis=1)",
        "    return 1 / len(X) + (basis**2).sum(axis=0)[np.arange(len(X)) % X.shape[1]] / len(X)",
    ),
    "p without the intercept": [
        (
            "    n_samples, n_coef = len(X), X.shape[1] + 1\n    if n_samples - n_coef - external < 1:",
            "    n_samples, n_coef = len(X), X.shape[1]\n    if n_samples - n_coef - 1 - external < 1:",
        ),
    ],
    "the variance divides by n": (
        "np.sqrt(squares / (n_samples - n_coef - external) * rest)",
        "np.sqrt(squares / n_samples * rest)",
    ),
    "external with the divisor of internal": (
        "np.sqrt(squares / (n_samples - n_coef - external) * rest)",
        "np.sqrt(squares / (n_samples - n_coef) * rest)",
    ),
    "standardised only: leverage left out": ("- external) * rest)", "- external) * (rest / rest))"),
    "leverage under the root left out": (
        "return residual / np.sqrt(squares / (n_samples - n_coef - external) * rest)",
        "return residual / rest / np.sqrt(squares / (n_samples - n_coef - external))",
    ),
    "the squared residual alone is taken out": ("squares - residual**2 / rest", "squares - residual**2"),
    "external is ignored: always": ("    if external:\n", "    if True:\n"),
    "external is ignored: never": ("    if external:\n", "    if False:\n"),
    "internal by default": (
        'external: bool = True) -> np.ndarray:\n    """Return the residual',
        'external: bool = False) -> np.ndarray:\n    """Return the residual',
    ),
    "the sign is lost": (
        "return residual / np.sqrt(squares / (n_samples - n_coef - external) * rest)",
        "return np.abs(residual) / np.sqrt(squares / (n_samples - n_coef - external) * rest)",
    ),
    "fit less y": ("return centred - basis @ (basis.T @ centred), ", "return basis @ (basis.T @ centred) - centred, "),
    "squared": (
        "return residual / np.sqrt(squares / (n_samples - n_coef - external) * rest)",
        "return residual**2 / (squares / (n_samples - n_coef - external) * rest)",
    ),
    "Cook's distance with 1 - h once": ("variance * rest**2)", "variance * rest)"),
    "Cook's distance with studentised residuals and 1 - h squared": ("variance * rest**2)", "variance * rest**3)"),
    "Cook's distance without p": ("(n_coef * variance * rest**2)", "(variance * rest**2)"),
    "Cook's distance with p less 1": ("(n_coef * variance * rest**2)", "((n_coef - 1) * variance * rest**2)"),
    "Cook's distance without leverage": ("residual**2 * (1 - rest) / (n_coef", "residual**2 / (n_coef"),
    "Cook's distance with the variance of the others": (
        "    variance = residual @ residual / (n_samples - n_coef)\n",
        "    variance = (residual @ residual - residual**2 / rest) / (n_samples - n_coef - 1)\n",
    ),
    "Cook's distance is not squared": (
        "return residual**2 * (1 - rest) / (n_coef * variance * rest**2)",
        "return np.sqrt(residual**2 * (1 - rest) / (n_coef * variance * rest**2))",
    ),
    "a refit for every sample": (
        "    variance = residual @ residual / (n_samples - n_coef)\n",
        (
            "    variance = residual @ residual / (n_samples - n_coef)\n"
            "    for i in range(n_samples):\n"
            "        np.linalg.lstsq(np.delete(X, i, axis=0), np.delete(y, i))\n"
        ),
    ),
    "rounding decides at leverage 1": (
        "basis.T @ centred), np.where(rest < 1e-10, np.nan, rest)",
        "basis.T @ centred), rest",
    ),
    "leverage 1 has a residual of 0": (
        "return residual / np.sqrt(squares / (n_samples - n_coef - external) * rest)",
        "return np.nan_to_num(residual / np.sqrt(squares / (n_samples - n_coef - external) * rest))",
    ),
    "NaN for high leverage": (
        "basis.T @ centred), np.where(rest < 1e-10,",
        "basis.T @ centred), np.where(rest < 1e-6,",
    ),
    "the sum of squares forgets leverage 1": (
        "    squares = residual @ residual\n",
        "    squares = residual @ residual / np.isfinite(rest).all()\n",
    ),
    "too few samples pass": ("    if n_samples - n_coef - external < 1:\n", "    if n_samples < n_coef:\n"),
    "external asks for no sample more": (
        "    if n_samples - n_coef - external < 1:\n",
        "    if n_samples - n_coef < 1:\n",
    ),
    "internal asks for a sample too many": (
        "    if n_samples - n_coef - external < 1:\n",
        "    if n_samples - n_coef < 2:\n",
    ),
    "Cook's distance of too few samples": ("    if n_samples <= n_coef:\n", "    if n_samples < n_coef:\n"),
    "residuals truncated": (
        "return residual / np.sqrt(squares / (n_samples - n_coef - external) * rest)",
        "return (residual / np.sqrt(squares / (n_samples - n_coef - external) * rest)).astype(y.dtype)",
    ),
}
