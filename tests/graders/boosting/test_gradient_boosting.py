from itertools import pairwise

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, strict


def stumps(X, residual):
    """Yield every stump, by feature and by threshold: its squared error, and what it says on either side."""
    for feature, column in enumerate(X.T):
        for lower, upper in pairwise(sorted(set(column.tolist()))):
            sides = residual[column <= lower], residual[column > lower]
            error = sum(((side - side.mean()) ** 2).sum() for side in sides)
            yield error, feature, (lower + upper) / 2, *(side.mean() for side in sides)


def boosted(X, y, n_rounds, rate, new):
    """Return the predictions for new samples, by trying every stump; and whether rounding can change no choice."""
    fitted, predicted, clear = np.full(len(X), y.mean()), np.full(len(new), y.mean()), True
    for _ in range(n_rounds):
        residual = y - fitted
        found = list(stumps(X, residual))
        errors = sorted(stump[0] for stump in found)
        clear = clear and (len(errors) == 1 or errors[1] - errors[0] > 1e-6 * (residual**2).sum())
        bound = errors[0] + 1e-9 * (residual**2).sum()
        _, feature, threshold, left, right = next(stump for stump in found if stump[0] <= bound)
        fitted = fitted + rate * np.where(X[:, feature] <= threshold, left, right)
        predicted = predicted + rate * np.where(new[:, feature] <= threshold, left, right)
    return predicted, clear


def drawn(rng, n, n_features, n_rounds, rate, n_values=None):
    """Return samples, targets and new samples, such that no round has a tie."""
    while True:
        X = (
            rng.normal(size=(n, n_features))
            if n_values is None
            else rng.integers(0, n_values, size=(n, n_features)) / 4
        )
        y = 3 + X @ rng.normal(size=n_features) + rng.normal(size=n)
        new = np.vstack([X, rng.normal(scale=2.0, size=(5, n_features))])
        if (X.min(axis=0) < X.max(axis=0)).any() and boosted(X, y, n_rounds, rate, new)[1]:
            return X, y, new


def column(*values):
    return np.array(values, dtype=float)[:, np.newaxis]


def answers(kata, X, y, n_rounds, rate, new):
    return kata.predict(kata.fit_boosting(X, y, n_rounds, rate), new)


def check(kata, case, n_rounds, rate):
    X, y, new = case
    assert_close(answers(kata, X, y, n_rounds, rate, new), boosted(X, y, n_rounds, rate, new)[0])


def test_start(kata, rng):
    """Without any round, every prediction is the mean of y."""
    X, y = column(1, 2, 4), np.array([1.0, 2.0, 9.0])
    assert_close(answers(kata, X, y, 0, 0.5, column(1, 7)), [4.0, 4.0])
    X, y = rng.normal(size=(6, 2)), rng.normal(size=6) - 40
    assert_close(answers(kata, X, y, 0, 1.0, X), np.full(6, y.mean()))


def test_one_round(kata, rng):
    """The first stump has the smallest squared error on y - mean(y), and the value of a side is its mean."""
    X, y = column(1, 2, 5, 6), np.array([0.0, 1.0, 4.0, 7.0])
    # The residuals are -3, -2, 1 and 4.
    assert_close(answers(kata, X, y, 1, 1.0, X), [0.5, 0.5, 5.5, 5.5])
    # One sample against three: the residuals are -1, -1, -1 and 3, or turned round.
    assert_close(answers(kata, X, np.array([2.0, 2.0, 2.0, 6.0]), 1, 1.0, X), [2.0, 2.0, 2.0, 6.0])
    assert_close(answers(kata, X, np.array([-6.0, -2.0, -2.0, -2.0]), 1, 1.0, X), [-6.0, -2.0, -2.0, -2.0])
    assert_close(answers(kata, X[:2], y[:2], 1, 1.0, X), [0.0, 1.0, 1.0, 1.0])
    for shape in ((7, 1), (8, 3), (3, 2), (2, 1)):
        check(kata, drawn(rng, *shape, 1, 1.0), 1, 1.0)


def test_learning_rate(kata, rng):
    """A stump is fitted to what the shrunken model leaves over, and shrunken itself. By default the rate is 0.1."""
    X, y = column(1, 2, 5, 6), np.array([0.0, 1.0, 4.0, 7.0])
    assert_close(answers(kata, X, y, 1, 0.5, X), [1.75, 1.75, 4.25, 4.25])
    # The residuals are now -1.75, -0.75, -0.25 and 2.75: the second stump cuts off the last sample.
    third = 2.75 / 6
    assert_close(answers(kata, X, y, 2, 0.5, X), [1.75 - third, 1.75 - third, 4.25 - third, 5.625])
    assert_close(kata.predict(kata.fit_boosting(X, y, 1), X), [2.75, 2.75, 3.25, 3.25])
    assert_close(answers(kata, X, y, 3, 0.0, X), [3.0] * 4)
    for rate in (1.0, 0.6, 0.1, 0.01):
        check(kata, drawn(rng, 8, 2, 2, rate), 2, rate)


def test_rounds(kata, rng):
    """After any number of rounds the prediction is F_0 and the sum of all shrunken stumps."""
    X, y = column(1, 2, 5, 6), np.array([0.0, 1.0, 4.0, 7.0])
    assert_close(answers(kata, X, y, 3, 0.5, X), boosted(X, y, 3, 0.5, X)[0])
    for n_rounds, rate in ((3, 0.5), (5, 0.3), (9, 0.7), (4, 1.0)):
        check(kata, drawn(rng, 10, 2, n_rounds, rate), n_rounds, rate)
    # One feature: the stumps come to tell all samples apart.
    X = rng.permutation(column(-3, -2, 1, 4, 7, 11))
    y = np.array([5.0, -1.0, 0.5, 14.0, 3.0, -8.0])[rng.permutation(6)]
    assert_close(answers(kata, X, y, 600, 0.5, X), y, rtol=0, atol=1e-5)


def test_features(kata, rng):
    """A stump may ask about any feature, and about the same one again; units do not matter."""
    X = np.array([[1.0, 5.0, 2.0], [2.0, 1.0, 2.0], [3.0, 6.0, 1.0], [4.0, 2.0, 3.0]])
    y = np.array([7.0, 0.0, 7.0, 2.0])
    # The second feature tells 0 and 2 from the others.
    assert_close(answers(kata, X, y, 1, 1.0, X), [7.0, 1.0, 7.0, 1.0])
    # Two features add up, also where no sample has been: the residuals are -3, -1, 2 and 2, and then -1, 1, 0 and 0.
    X, y = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]]), np.array([0.0, 2.0, 5.0, 5.0])
    new = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert_close(answers(kata, X, y, 2, 1.0, new), [3 + 2 - 1, 3 - 2 + 1 / 3])
    for n_rounds in (1, 4):
        X, y, new = drawn(rng, 9, 3, n_rounds, 0.4)
        expected = boosted(X, y, n_rounds, 0.4, new)[0]
        units, zero = np.array([1e-5, 1e4, 1.0]), np.array([0.0, -3e5, 50.0])
        assert_close(answers(kata, X * units + zero, y, n_rounds, 0.4, new * units + zero), expected)
        order = rng.permutation(9)
        assert_close(answers(kata, X[order], y[order], n_rounds, 0.4, new), expected)


def test_ties(kata):
    """A tie goes to the lower feature, then to the lower threshold."""
    # Sums and means of quarters, which do not round.
    y = np.array([3.0, 0.0, 3.0])
    assert_close(answers(kata, column(1, 2, 3), y, 1, 0.5, column(1, 2, 3)), [2.5, 1.75, 1.75])
    assert_close(answers(kata, column(3, 2, 1), -y, 1, 0.5, column(1, 2, 3)), [-2.5, -1.75, -1.75])
    y = np.array([5.0, 0.0, 0.0, 0.0, 5.0])
    assert_close(answers(kata, column(1, 2, 3, 4, 5), y, 1, 1.0, column(1, 3, 5)), [5.0, 1.25, 1.25])
    x, y = np.array([1.0, 2.0, 5.0, 6.0]), np.array([0.0, 1.0, 4.0, 7.0])
    poor = np.array([4.0, 1.0, 3.0, 2.0])
    ends = np.array([[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0], [9.0, 9.0, 9.0]])
    for columns, feature in (((x, x, x), 0), ((x, x, poor), 0), ((poor, x, 2 * x), 1), ((2 * x, poor, x), 0)):
        expected = np.where(ends[:, feature] > 7, 5.5, 0.5)
        assert_close(answers(kata, np.column_stack(columns), y, 1, 1.0, ends), expected)
    # One against two samples: the first of them or the last.
    X, new = np.array([[10.0, 1.0], [10.0, 2.0], [20.0, 2.0]]), np.array([[10.0, 1.0], [99.0, 9.0]])
    assert_close(answers(kata, X, np.array([3.0, 0.0, 3.0]), 1, 1.0, new), [1.5, 3.0])
    # The same two groups, but the other way round.
    for sign in (1, -1):
        X, new = np.column_stack([sign * x, -sign * x]), np.array([[9.0, 9.0], [-9.0, -9.0]])
        assert_close(answers(kata, X, y, 1, 1.0, new), [5.5, 0.5][::sign])


def test_repeated_values(kata, rng):
    """Equal values are not parted. A feature of one value has no threshold; if all are so, the model is the mean."""
    X, y = column(2, 1, 2, 1, 2), np.array([9.0, 1.0, 0.0, 3.0, 0.0])
    assert_close(answers(kata, X, y, 1, 1.0, column(1, 2)), [2.0, 3.0])
    X = np.array([[7.0, 1.0], [7.0, 2.0], [7.0, 4.0]])
    assert_close(answers(kata, X, np.array([0.0, 0.0, 6.0]), 1, 1.0, X), [0.0, 0.0, 6.0])
    X, y = np.array([[7.0, 1.0], [7.0, 1.0], [7.0, 1.0]]), np.array([0.0, 1.0, 8.0])
    for n_rounds in (1, 4):
        assert_close(answers(kata, X, y, n_rounds, 0.5, np.array([[7.0, 1.0], [9.0, -9.0]])), [3.0, 3.0])
        assert_close(answers(kata, X[:1], y[2:], n_rounds, 0.5, X), [8.0, 8.0, 8.0])
        check(kata, drawn(rng, 12, 2, n_rounds, 0.5, n_values=4), n_rounds, 0.5)


def test_new_samples(kata, rng):
    """Thresholds are midpoints, and a sample at one goes left. Beyond the values seen, the prediction is flat."""
    X, y = column(1, 2, 6), np.array([1.0, 3.0, 8.0])
    new = column(3.75, 4.0, 4.25, 100, -100, 1, 6)
    assert_close(answers(kata, X, y, 1, 1.0, new), [2.0, 2.0, 8.0, 8.0, 2.0, 2.0, 8.0])
    assert_close(answers(kata, -X, y, 1, 1.0, -new), [2.0, 8.0, 8.0, 8.0, 2.0, 2.0, 8.0])
    assert_close(answers(kata, X, y, 1, 1.0, new[:1]), [2.0])
    X, y, _ = drawn(rng, 7, 1, 5, 0.5)
    ordered = np.sort(X[:, 0])
    gaps = np.diff(ordered)
    for new in (ordered[:-1] + 0.4 * gaps, ordered[1:] - 0.4 * gaps, ordered[[0, -1]] + [-1e5, 1e5]):
        check(kata, (X, y, new[:, np.newaxis]), 5, 0.5)
    # Values that are close to each other, and large.
    steps = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    y = np.array([1.0, 2.0, 9.0, 12.0, 7.0, 5.5])
    for small, zero in ((3e-6, 0.0), (0.25, 1e6 - 2)):
        new = np.append(steps + 0.25, steps + 0.75)
        expected = boosted(column(*steps), y, 4, 0.5, column(*new))[0]
        assert_close(answers(kata, column(*(steps * small + zero)), y, 4, 0.5, column(*(new * small + zero))), expected)


def test_small_residuals(kata, rng):
    """Rounds go on however small the residuals are, and do no harm where they are 0 or no stump helps."""
    X, y = column(1, 2, 5, 6), np.array([0.0, 1.0, 4.0, 7.0])
    expected = boosted(X, y, 3, 0.5, X)[0]
    for unit, zero in ((1e-6, 0.0), (1e-5, 1e-4), (1e5, 0.0)):
        assert_close(answers(kata, X, unit * y + zero, 3, 0.5, X) - zero, unit * expected, rtol=1e-7, atol=0)
    X, y, new = drawn(rng, 8, 2, 3, 0.5)
    assert_close(answers(kata, X, 1e-6 * y, 3, 0.5, new), 1e-6 * boosted(X, y, 3, 0.5, new)[0], rtol=1e-7, atol=0)
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert_close(answers(kata, X, np.array([0.0, 1.0, 1.0, 0.0]), 5, 0.5, X), [0.5] * 4)
    assert_close(answers(kata, X, np.array([0.0, 0.0, 8.0, 8.0]), 5, 1.0, X), [0.0, 0.0, 8.0, 8.0])
    assert_close(answers(kata, X, np.full(4, -3.0), 5, 0.5, X), [-3.0] * 4)


@strict
def test_rounded_ties(kata, rng):
    """Squared errors that differ by rounding alone are ties."""
    for n, n_rounds in ((7, 1), (9, 2), (12, 3)):
        x, y, _ = drawn(rng, n, 1, n_rounds, 0.3)
        new = np.linspace(-3.0, 3.0, 20)[:, np.newaxis]
        expected = boosted(x, y, n_rounds, 0.3, new)[0]
        for factors in ([1, -1], [1, -1, 1], [2, -3, -1, 1]):
            X = x * factors
            elsewhere = np.repeat(-3 * new[::-1] ** 2, len(factors), axis=1)
            elsewhere[:, 0] = factors[0] * new[:, 0]
            assert_close(answers(kata, X, y, n_rounds, 0.3, elsewhere), expected)
    for n in (2, 3, 4, 5, 6, 7):
        half = 0.1 + np.sort(rng.uniform(0.0, 5.0, size=n))
        y, x = np.append(half, half[::-1]), column(*range(2 * n))
        assert_close(answers(kata, x, y, 1, 1.0, x), boosted(x, y, 1, 1.0, x)[0])


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, kind):
    """X and y may hold integers of any type: nothing wraps around or is truncated."""
    X, y = np.array([[100], [121], [122], [127]]), np.array([100, 110, 120, 127])
    new = column(100, 110, 111, 121, 122, 125, 127)
    for n_rounds in (1, 3):
        expected = boosted(X, y, n_rounds, 0.5, new)[0]
        assert_close(answers(kata, X.astype(kind), y.astype(kind), n_rounds, 0.5, new), expected)
        assert_close(answers(kata, X.astype(kind), y.astype(kind), n_rounds, 0.5, new.astype(kind)), expected)
    assert_close(answers(kata, np.array([[120], [121]], dtype=kind), y[:2], 1, 1.0, column(120.25, 120.75)), [100, 110])


@strict
def test_lengths(kata):
    """As many targets as samples, or ValueError is raised."""
    for n in (1, 3, 5):
        with pytest.raises(ValueError):
            kata.fit_boosting(np.arange(8.0).reshape(4, 2), np.arange(float(n)), 2, 0.5)


def workload(kata, rng, n):
    """Two features, one of few values, and noise; and predictions at the samples and elsewhere."""
    n = max(n, 12)
    X = rng.normal(size=(n, 3))
    X[:, 1] = np.round(X[:, 1])
    y = 5 + np.sin(2 * X[:, 0]) + X[:, 1] ** 2 / 2 + 0.3 * rng.normal(size=n)
    model = kata.fit_boosting(X, y, 10, 0.3)
    return kata.predict(model, X), kata.predict(model, 2 * X[::-1] + 0.1)


def picture(kata, rng):
    """Draw a fit after some rounds, beyond the data too, and errors against rounds for three learning rates."""
    x = np.sort(rng.uniform(0.0, 6.0, size=60))
    y = np.sin(x) + x / 2 + rng.normal(scale=0.25, size=60)
    X, grid = x[:, np.newaxis], np.linspace(-1.5, 7.5, 181)
    new = np.linspace(0.0, 6.0, 200)[:, np.newaxis]
    truth = np.sin(new[:, 0]) + new[:, 0] / 2
    counts = np.array([0, 1, 2, 4, 8, 15, 30, 60, 120, 240])

    def curve(n_rounds):
        return kata.predict(kata.fit_boosting(X, y, n_rounds, 0.1), grid[:, np.newaxis])

    def error(n_rounds, rate):
        return np.sqrt(((kata.predict(kata.fit_boosting(X, y, n_rounds, rate), new) - truth) ** 2).mean())

    return [
        Panel(
            "The fit after 5, 30 and 300 rounds",
            "x",
            "prediction",
            [Points(x, y, "samples"), *(Line(grid, curve(n), f"{n} rounds") for n in (5, 30, 300))],
            note="Beyond the samples every curve is flat. In the end the fit follows the noise.",
        ),
        Panel(
            "Error on the true curve against rounds",
            "rounds + 1",
            "root mean squared error",
            [Line(counts + 1.0, [error(int(n), rate) for n in counts], f"rate {rate}") for rate in (0.05, 0.2, 1.0)],
            note="A small rate needs more rounds, and is not hurt as soon by too many.",
            log="x",
        ),
    ]


START = "start = float(y.mean())"
RESIDUAL = "residual, stumps = y - start, []"
ROUNDS = "for _ in range(n_rounds if features.size else 0):"
CANDIDATES = "features, last = np.nonzero((values[:-1] < values[1:]).T)"
THRESHOLDS = "thresholds = values[last, features] / 2 + values[last + 1, features] / 2"
SUMS = "sums = np.cumsum(residual[order], axis=0)[last, features]"
GAINS = "gains = sums**2 / n_left + sums**2 / n_right"
BEST = "best = int(np.argmax(gains >= gains.max() * (1 - 1e-9)))"
SIDES = "left, right = learning_rate * sums[best] / n_left[best], -learning_rate * sums[best] / n_right[best]"
UPDATE = "residual = residual - np.where(X[:, features[best]] <= thresholds[best], left, right)"
APPEND = "stumps.append((features[best], thresholds[best], left, right))"
ON_LEFT = "on_left = X[:, model.features] <= model.thresholds"
SUM = "return model.start + np.where(on_left, model.left, model.right).sum(axis=1)"
MISTAKES = {
    "the model starts at 0": (START, "start = 0.0"),
    "the model starts at the median": (START, "start = float(np.median(y))"),
    "the start is shrunken too": (START, "start = learning_rate * float(y.mean())"),
    "the start is left out of the prediction": (SUM, SUM.replace("model.start + ", "")),
    "every stump is fitted to y": ("        " + UPDATE + "\n", ""),
    "residuals without the start": (RESIDUAL, "residual, stumps = y - 0.0, []"),
    "residuals of the last stump alone": (UPDATE, UPDATE.replace("residual - np", "y - start - np")),
    "residuals with the other sign": (UPDATE, UPDATE.replace("residual - np", "residual + np")),
    "residuals of the full stump": (
        UPDATE,
        UPDATE.replace("left, right)", "left / (learning_rate or 1), right / (learning_rate or 1))"),
    ),
    "residuals are shrunken twice": (UPDATE, UPDATE.replace("residual - np", "residual - learning_rate * np")),
    "no learning rate": (SIDES, SIDES.replace("-learning_rate", "-1").replace("learning_rate", "1")),
    "a learning rate of 0 is 1": (SIDES, SIDES.replace("learning_rate", "(learning_rate or 1)")),
    "the first stump is not shrunken": (SIDES, SIDES.replace("learning_rate", "(learning_rate if stumps else 1)")),
    "stumps are shrunken more and more": (SIDES, SIDES.replace("learning_rate", "learning_rate ** (len(stumps) + 1)")),
    "the default rate is 1": (
        'n_rounds: int, learning_rate: float = 0.1) -> object:\n    """Return a model for predict, in',
        'n_rounds: int, learning_rate: float = 1.0) -> object:\n    """Return a model for predict, in',
    ),
    "the mean of the stumps": (SUM, SUM.replace(".sum(axis=1)", ".sum(axis=1) / max(len(model.features), 1)")),
    "the last stump alone": (SUM, SUM.replace("model.right)", "model.right)[:, -1:]")),
    "one round less": (ROUNDS, ROUNDS.replace("n_rounds if", "n_rounds - 1 if")),
    "one round at least": (ROUNDS, ROUNDS.replace("n_rounds if", "max(n_rounds, 1) if")),
    "a hundred rounds at most": (ROUNDS, ROUNDS.replace("n_rounds if", "min(n_rounds, 100) if")),
    "a value is a sum": (SIDES, SIDES.replace(" / n_left[best]", "").replace(" / n_right[best]", "")),
    "a value is a leaf weight with lambda": (
        SIDES,
        SIDES.replace("n_left[best]", "(n_left[best] + 1)").replace("n_right[best]", "(n_right[best] + 1)"),
    ),
    "a value is a median": (
        SIDES,
        (
            "sides = X[:, features[best]] <= thresholds[best], X[:, features[best]] > thresholds[best]\n"
            "        left, right = (learning_rate * np.median(residual[side]) for side in sides)"
        ),
    ),
    "a value is a sign": (
        SIDES,
        "left, right = learning_rate * np.sign(sums[best]), -learning_rate * np.sign(sums[best])",
    ),
    "sides are swapped": (SIDES, SIDES.replace("left, right =", "right, left =")),
    "the right side has no value": (UPDATE, "right = 0.0\n        " + UPDATE),
    "the largest sum": (GAINS, "gains = np.abs(sums)"),
    "the largest difference of means": (GAINS, "gains = np.abs(sums / n_left + sums / n_right)"),
    "the lowest gain": (BEST, "best = int(np.argmin(gains))"),
    "the gain of one side": (GAINS, "gains = sums**2 / n_left"),
    "sizes do not count": (GAINS, "gains = (sums / n_left) ** 2 + (sums / n_right) ** 2"),
    "a variance for each side, unweighted": (
        BEST,
        (
            "masks = X[:, features].T <= thresholds[:, np.newaxis]\n"
            "        best = int(np.argmin([np.var(residual[mask]) + np.var(residual[~mask]) for mask in masks]))"
        ),
    ),
    "the split in the middle": (BEST, "best = len(thresholds) // 2"),
    "the last of equal gains": (BEST, "best = int(np.flatnonzero(gains == gains.max())[-1])"),
    "lower thresholds before lower features": (CANDIDATES, "last, features = np.nonzero(values[:-1] < values[1:])"),
    "one feature at a time, in turn": (GAINS, GAINS + "\n        gains[features != len(stumps) % X.shape[1]] = -1"),
    "the first feature alone": (GAINS, GAINS + "\n        gains[features != features[0]] = -1"),
    "every threshold once": (
        GAINS,
        (
            GAINS + "\n        for feature, threshold, *_ in stumps:\n"
            "            gains[(features == feature) & (thresholds == threshold)] = -1"
        ),
    ),
    "close gains are equal": (BEST, "best = int(np.argmax(gains >= gains.max() - 1e-3))"),
    "equal values are parted": (CANDIDATES, CANDIDATES.replace("<", "<=")),
    "close values are not parted": (
        CANDIDATES,
        CANDIDATES.replace("values[:-1] < values[1:]", "~np.isclose(values[:-1], values[1:])"),
    ),
    "thresholds are values of the left side": (THRESHOLDS, "thresholds = values[last, features]"),
    "thresholds are values of the right side": (THRESHOLDS, "thresholds = values[last + 1, features]"),
    "thresholds are rounded": (
        THRESHOLDS,
        "thresholds = np.round((values[last, features] + values[last + 1, features]) / 2, 3)",
    ),
    "a sample at a threshold goes right": (ON_LEFT, "on_left = X[:, model.features] < model.thresholds"),
    "no thresholds, no model": (ROUNDS, "for _ in range(n_rounds):"),
    "the fit ends at a small gain": (SIDES, "if (sums**2).max() < 1e-8:\n            break\n        " + SIDES),
    "the fit ends at small residuals": (
        SIDES,
        "if np.abs(residual).max() < 1e-5:\n            break\n        " + SIDES,
    ),
    "the fit ends where residuals are small beside y": (
        SIDES,
        "if np.abs(residual).max() < 0.01 * np.abs(y).max():\n            break\n        " + SIDES,
    ),
    "predictions between the values are interpolated": (
        SUM,
        (
            "way = np.clip((X[:, model.features] - model.thresholds) * 1e3 + 0.5, 0, 1)\n"
            "    return model.start + (model.left * (1 - way) + model.right * way).sum(axis=1)"
        ),
    ),
}
STRICT_MISTAKES = {
    "rounding decides": (BEST, "best = int(np.argmax(gains))"),
    "small integers wrap around": (
        THRESHOLDS,
        "thresholds = (values[last, features] + values[last + 1, features]) / 2",
    ),
    "thresholds of integers are truncated": (
        THRESHOLDS,
        "thresholds = (" + THRESHOLDS.removeprefix("thresholds = ") + ").astype(X.dtype)",
    ),
    "lengths are not looked at": ("    if len(X) != len(y):", "    if len(X) < len(y):"),
}
