"""`ols_inference` beside statsmodels, which takes the intercept as a column."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.api import OLS

from tests.bench.peers import Peer

# Longley (1967), as the NIST certifies its fit: deflator, GNP, unemployed, armed forces, population, year; employed.
LONGLEY = np.array(
    [
        [83.0, 234289, 2356, 1590, 107608, 1947, 60323],
        [88.5, 259426, 2325, 1456, 108632, 1948, 61122],
        [88.2, 258054, 3682, 1616, 109773, 1949, 60171],
        [89.5, 284599, 3351, 1650, 110929, 1950, 61187],
        [96.2, 328975, 2099, 3099, 112075, 1951, 63221],
        [98.1, 346999, 1932, 3594, 113270, 1952, 63639],
        [99.0, 365385, 1870, 3547, 115094, 1953, 64989],
        [100.0, 363112, 3578, 3350, 116219, 1954, 63761],
        [101.2, 397469, 2904, 3048, 117388, 1955, 66019],
        [104.6, 419180, 2822, 2857, 118734, 1956, 67857],
        [108.4, 442769, 2936, 2798, 120445, 1957, 68169],
        [110.8, 444546, 4681, 2637, 121950, 1958, 66513],
        [112.6, 482704, 3813, 2552, 123366, 1959, 68655],
        [114.2, 502601, 3931, 2514, 125368, 1960, 69564],
        [115.7, 518173, 4806, 2572, 127852, 1961, 69331],
        [116.9, 554894, 4007, 2827, 130081, 1962, 70551],
    ]
)
CERTIFIED = [
    (-3482258.63459582, 890420.383607373),
    (15.0618722713733, 84.9149257747669),
    (-0.358191792925910e-01, 0.334910077722432e-01),
    (-2.02022980381683, 0.488399681651699),
    (-1.03322686717359, 0.214274163161675),
    (-0.511041056535807e-01, 0.226073200069370),
    (1829.15146461355, 455.478499142212),
]


def fit(X, y):
    return OLS(y, np.column_stack([np.ones(len(X)), X])).fit()


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples)


def assert_agrees(reference, X, y, level=0.05):
    oracle = fit(X, y)
    table = reference.coefficient_table(X, y, stats.t.ppf(1 - level / 2, oracle.df_resid))
    expected = oracle.params, oracle.bse, oracle.tvalues, *oracle.conf_int(level).T
    for actual, value in zip(table, expected, strict=True):
        np.testing.assert_allclose(actual, value, rtol=1e-9, atol=1e-10)


def test_random_data(reference, rng):
    for _ in range(200):
        p = int(rng.integers(1, 7))
        assert_agrees(reference, *drawn(rng, p + int(rng.integers(4, 40)), p), rng.uniform(0.01, 0.9))


def test_whole_numbers(reference, rng):
    for _ in range(50):
        assert_agrees(reference, rng.integers(-9, 10, size=(15, 3)), rng.integers(-9, 10, size=15))


def test_one_degree_of_freedom(reference, rng):
    X, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    assert_agrees(reference, X, y)
    for n_samples in (4, 3, 2):
        with pytest.raises(ValueError, match="degree of freedom"):
            reference.coefficient_table(X[:n_samples], y[:n_samples], 2.0)


def test_published_table(reference):
    """Nearly collinear features: the condition number is 5e9, and digits are lost accordingly."""
    table = reference.coefficient_table(LONGLEY[:, :6], LONGLEY[:, 6], 2.0)
    for actual, expected in zip((table.estimate, table.standard_error), zip(*CERTIFIED, strict=True), strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-6)


def test_dependent_features(reference, rng):
    X, y = drawn(rng, 12, 3)
    levels = np.eye(3)[np.arange(12) % 3]
    for extra in (X[:, 0], X[:, 1] - 3 * X[:, 2], np.full(12, 0.1), np.zeros(12), levels, 1e-5 * X[:, 0] + 7):
        with pytest.raises(ValueError, match="combination"):
            reference.coefficient_table(np.column_stack([X, extra]), y, 2.0)
    assert_agrees(reference, np.column_stack([X, levels[:, 1:]]), y)


def quantile(n_free, level=0.95):
    return stats.t.ppf(0.5 + level / 2, n_free)


def covers(table, j, value):
    return table.lower[j] <= value <= table.upper[j]


def test_claim_of_exponential_noise(reference, rng):
    hits = []
    for _ in range(4000):
        table = reference.coefficient_table(rng.normal(size=(20, 1)), rng.exponential(size=20), quantile(18))
        hits.append([covers(table, 0, 1), covers(table, 1, 0)])
    intercept, slope = np.mean(hits, axis=0)
    assert 0.935 < slope < 0.965
    assert 0.90 < intercept < 0.94


def test_claim_of_quantiles(reference, rng):
    assert quantile(4) == pytest.approx(2.776, abs=5e-4)
    assert quantile(96) == pytest.approx(1.985, abs=5e-4)
    for n_samples, normal in ((8, (0.84, 0.90)), (100, (0.93, 0.97))):
        hits = []
        for _ in range(3000):
            X, noise = rng.normal(size=(n_samples, 3)), rng.normal(size=n_samples)
            y = 1 + X @ [1.0, 0.0, -1.0] + noise
            tables = [reference.coefficient_table(X, y, c) for c in (1.96, quantile(n_samples - 4))]
            hits.append([covers(table, 1, 1) for table in tables])
        least, most = normal
        assert least < np.mean(hits, axis=0)[0] < most
        assert 0.935 < np.mean(hits, axis=0)[1] < 0.965


def test_claim_of_twenty_features(reference, rng):
    largest = []
    for _ in range(1500):
        table = reference.coefficient_table(rng.normal(size=(100, 20)), rng.normal(size=100), 2.0)
        largest.append(np.abs(table.t[1:]).max())
    assert 0.54 < (np.array(largest) > quantile(79)).mean() < 0.66
    assert 0.03 < (np.array(largest) > quantile(79, 1 - 0.05 / 20)).mean() < 0.07


def test_claims_of_small_errors(reference, rng):
    for n_samples, size in ((100, 0.10), (400, 0.05)):
        draws = [rng.normal(size=(n_samples, 3)) for _ in range(200)]
        errors = [reference.coefficient_table(d[:, :2], d.sum(axis=1), 2.0).standard_error[1] for d in draws]
        assert np.mean(errors) == pytest.approx(size, rel=0.05)
    X, y = drawn(rng, 30, 2)
    once = reference.coefficient_table(X, y, 2.0)
    often = reference.coefficient_table(np.repeat(X, 10, axis=0), np.repeat(y, 10), 2.0)
    np.testing.assert_allclose(once.standard_error / often.standard_error, np.sqrt(297 / 27))
    assert np.sqrt(297 / 27) == pytest.approx(3.32, abs=0.005)


def test_claim_of_days(reference, rng):
    hits = []
    for _ in range(1500):
        x, error = rng.normal(size=(2, 100))
        for day in range(1, 100):
            x[day] += 0.9 * x[day - 1]
            error[day] += 0.9 * error[day - 1]
        hits.append(covers(reference.coefficient_table(x[:, None], error, quantile(98)), 1, 0))
    assert 0.44 < np.mean(hits) < 0.56


def test_claim_of_prediction(reference, rng):
    hits = []
    for _ in range(1000):
        X, z = rng.normal(size=(50, 2)), rng.normal(size=2)
        y, new = 1 + X.sum(axis=1) + rng.normal(size=50), 1 + z.sum() + rng.normal()
        # From the origin z, the intercept is the mean of y at z.
        table = reference.coefficient_table(X - z, y, quantile(47))
        s = np.sqrt(fit(X, y).mse_resid)
        half = quantile(47) * np.hypot(s, table.standard_error[0])
        hits.append([covers(table, 0, new), abs(new - table.estimate[0]) <= half])
    mean, prediction = np.mean(hits, axis=0)
    assert 0.25 < mean < 0.45
    assert 0.92 < prediction < 0.98


def peers(reference, rng):
    """Yield the table of a tall design."""
    X, y = drawn(rng, 20_000, 20)

    def theirs():
        oracle = fit(X, y)
        return oracle.params, oracle.bse, oracle.tvalues, oracle.conf_int()

    yield Peer("20,000 x 20", "OLS.fit, conf_int", lambda: reference.coefficient_table(X, y, 1.96), theirs)
