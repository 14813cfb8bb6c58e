import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict


def sigmoid(m):
    return 1 / (1 + math.exp(-m)) if m > -700 else 0.0


def run_through(X, y, lr, delay=0):
    """Return losses, weights and intercept by the definition, feature by feature."""
    n, k = X.shape
    w, b, losses = [0.0] * k, 0.0, []
    for t in range(n):
        m = b + sum(w[j] * X[t, j] for j in range(k))
        losses.append(math.log1p(math.exp(-abs(m))) + max(m, 0) - y[t] * m)
        s = t - delay
        if s >= 0:
            step = lr * (sigmoid(b + sum(w[j] * X[s, j] for j in range(k))) - y[s])
            w, b = [w[j] - step * X[s, j] for j in range(k)], b - step
    return np.array(losses), np.array(w), b


@pytest.fixture
def data(rng):
    """Return three features of unequal size, one of them not centred, and labels that depend on them."""
    X = rng.normal(size=(14, 3)) * [1.0, 2.0, 0.5] + [0.0, 1.0, 0.0]
    return X, (rng.random(14) < 1 / (1 + np.exp(-X @ [1.0, -1.0, 2.0]))).astype(int)


def check(run, expected):
    for name, want in zip(("losses", "weights", "intercept"), expected, strict=True):
        assert_close(getattr(run, name), want, rtol=1e-7, atol=1e-9, what=name)


def test_first_steps(kata, data):
    """Weights start at 0 and take one step of gradient descent per sample."""
    # The first step is 0.5 * 0.5 * (2, 1), so that the second margin is 0.5 * 4 + 0.25.
    run = kata.progressive_log_loss(np.array([[2.0]]), np.array([1]), 0.5)
    check(run, ([math.log(2)], [0.5], 0.25))
    run = kata.progressive_log_loss(np.array([[2.0], [4.0]]), np.array([1, 0]), 0.5)
    p = sigmoid(2.25)
    check(run, ([math.log(2), -math.log(1 - p)], [0.5 - 2 * p], 0.25 - p / 2))
    X, y = data
    for lr in (0.1, 1.0):
        check(kata.progressive_log_loss(X, y, lr), run_through(X, y, lr))


def test_predicts_first(kata, data):
    """A loss is taken before its label is used: it does not depend on this label nor on later samples."""
    X, y = data
    full = np.asarray(kata.progressive_log_loss(X, y, 0.3).losses)
    for t in (0, 5, 13):
        changed_X, changed = X.copy(), y.copy()
        changed[t] = 1 - y[t]
        changed_X[t + 1 :] += 7.0
        other = np.asarray(kata.progressive_log_loss(changed_X, changed, 0.3).losses)
        assert_close(other[:t], full[:t])
        # -log p and -log(1 - p) of one margin.
        assert_close(math.exp(-other[t]) + math.exp(-full[t]), 1.0)


def test_order(kata, data):
    """Samples are learned in the order in which they come, each once."""
    X, y = data
    for order in (np.arange(14)[::-1], np.argsort(y, kind="stable"), np.argsort(X[:, 0], kind="stable")):
        check(kata.progressive_log_loss(X[order], y[order], 0.5), run_through(X[order], y[order], 0.5))
    twice = np.repeat([[1.0, -2.0]], 6, axis=0)
    for labels in ([1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0], [1, 0, 1, 0, 0, 1]):
        check(kata.progressive_log_loss(twice, np.array(labels), 0.5), run_through(twice, labels, 0.5))


def test_delay(kata, data):
    """With a delay, sample t - delay is learned after t is scored, at the weights of that time."""
    X, y = data
    for delay in (1, 2, 5, 12, 13):
        check(kata.progressive_log_loss(X, y, 0.7, delay), run_through(X, y, 0.7, delay))
        check(kata.progressive_log_loss(X, y, 0.7, delay=delay), run_through(X, y, 0.7, delay))
    for delay in (14, 15, 100):
        check(kata.progressive_log_loss(X, y, 0.7, delay), (np.full(14, math.log(2)), np.zeros(3), 0.0))
    # Two steps from the same sample differ, since weights moved in between.
    X, y = np.array([[1.0], [1.0], [1.0], [1.0]]), np.array([1, 1, 1, 0])
    check(kata.progressive_log_loss(X, y, 2.0, delay=1), run_through(X, y, 2.0, 1))


def test_special_samples(kata, data):
    """A learning rate of 0 learns nothing, and rows of zeros move the intercept alone."""
    X, y = data
    check(kata.progressive_log_loss(X, y, 0.0), (np.full(14, math.log(2)), np.zeros(3), 0.0))
    check(kata.progressive_log_loss(0 * X, y, 0.5), run_through(0 * X, y, 0.5))
    small = kata.progressive_log_loss(X * 2.0**-18, y, 0.5)
    check(small, run_through(X * 2.0**-18, y, 0.5))
    assert_close(small.weights * 2.0**18, run_through(X * 2.0**-18, y, 0.5)[1] * 2.0**18, rtol=1e-7)
    large = kata.progressive_log_loss(X * 2.0**18, y, 2.0**-37)
    check(large, run_through(X * 2.0**18, y, 2.0**-37))
    check(kata.progressive_log_loss(X[:1], y[:1], 0.5), run_through(X[:1], y[:1], 0.5))
    check(kata.progressive_log_loss(X, y, 1e-6), run_through(X, y, 1e-6))


def test_large_margins(kata):
    """Large margins neither overflow nor are clipped, of either sign."""
    # After one step the weight is +-lr * 100 / 2 and the intercept +-lr / 2.
    for label in (0, 1):
        X, lr = np.array([[100.0], [80.0], [-80.0], [1000.0]]), 0.25
        y = np.array([label, 1 - label, label, label])
        run = kata.progressive_log_loss(X, y, lr)
        margin = 12.5 * 80 + 0.125
        assert_close(run.losses[1], margin)
        check(run, run_through(X, y, lr))
    X, y = np.array([[1000.0], [1000.0], [-1000.0], [0.0]]), np.array([1, 0, 1, 0])
    check(kata.progressive_log_loss(X, y, 2.0), run_through(X, y, 2.0))
    rows, y = [{1: 1000.0}, {1: 1000.0}, {1: -1000.0}, {}], np.array([1, 0, 1, 0])
    run = kata.progressive_log_loss_sparse(rows, y, 2.0)
    losses, weights, intercept = run_through(np.array([[1000.0], [1000.0], [-1000.0], [0.0]]), y, 2.0)
    assert_close(run.losses, losses, rtol=1e-7, atol=1e-9)
    assert_close([run.weights[1], run.intercept], [weights[0], intercept], rtol=1e-7)


def test_labels(kata, data):
    """A label that is not 0 or 1 raises ValueError."""
    X, y = data
    for wrong in (2 * y - 1, y + 1, np.where(np.arange(14) == 13, 2, y)):
        with pytest.raises(ValueError):
            kata.progressive_log_loss(X, wrong, 0.1)
        with pytest.raises(ValueError):
            kata.progressive_log_loss_sparse([{0: 1.0}] * 14, wrong, 0.1)
    for label in (0.5, -0.5, 1.9):
        with pytest.raises(ValueError):
            kata.progressive_log_loss(X[:1], np.array([label]), 0.1)


def sparse(kata, rows, y, lr):
    """Check a run beside the dense one, and that weights belong to the features that occur."""
    run = kata.progressive_log_loss_sparse(rows, np.array(y), lr)
    features = sorted({feature for row in rows for feature in row})
    X = np.array([[row.get(feature, 0.0) for feature in features] for row in rows]).reshape(len(rows), -1)
    losses, weights, intercept = run_through(X, y, lr)
    assert_close(run.losses, losses, rtol=1e-7, atol=1e-9, what="losses")
    assert_equal(sorted(run.weights), features, what="features")
    assert_close([run.weights[feature] for feature in features], weights, rtol=1e-7, atol=1e-9, what="weights")
    assert_close(run.intercept, intercept, rtol=1e-7, atol=1e-9, what="intercept")


def test_sparse(kata, rng):
    """Sparse rows give the same as dense ones, in any order of features, and empty rows move the intercept."""
    run = kata.progressive_log_loss_sparse([{7: 2.0}], np.array([1]), 0.5)
    assert_close([run.losses[0], run.weights[7], run.intercept], [math.log(2), 0.5, 0.25])
    sparse(kata, [{7: 2.0}, {}, {9: 1.0, 7: 4.0}, {3: -1.0}, {7: 1.0, 3: 2.0, 9: -3.0}], [1, 0, 0, 1, 1], 0.5)
    sparse(kata, [{}, {}, {}], [1, 1, 0], 0.5)
    # A feature that occurs has a weight, even if no step moves it.
    sparse(kata, [{7: 2.0}, {9: 1.0}], [1, 0], 0.0)
    sparse(kata, [{0: 1.0}, {1: 1.0}, {0: -1e-6, 1: 1.0}], [0, 1, 1], 1.0)
    rows = [{int(j): float(rng.normal()) for j in rng.permutation(8)[: rng.integers(0, 5)]} for _ in range(20)]
    sparse(kata, rows, rng.integers(0, 2, size=20).tolist(), 0.4)


def test_hashes(kata):
    """Numbers of features are names: they may be large or negative."""
    sparse(kata, [{10**15: 1.0, 3: 2.0}, {10**15 + 1: -1.0}, {10**15: 0.5, -7: 1.0}], [1, 0, 1], 0.5)
    sparse(kata, [{-1: 2.0}, {}, {0: 1.0}], [1, 0, 1], 0.5)
    rows = [{1_000_003 * i % 10_000_019: 1.0, i % 7: 1.0} for i in range(600)]
    run = kata.progressive_log_loss_sparse(rows, np.arange(600) % 3 // 2, 0.1)
    assert_equal(len(run.weights), len({feature for row in rows for feature in row}))


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X may be integers of any type, y as well or booleans."""
    X, y = np.array([[100, 1], [120, 0], [90, 3], [0, 7]]), np.array([1, 0, 1, 0])
    for labels in (y.astype(kind), y == 1):
        check(kata.progressive_log_loss(X.astype(kind), labels, 0.01), run_through(X.astype(float), y, 0.01))
        rows = [{0: 1.0}, {0: 2.0, 1: 1.0}, {1: 1.0}, {}]
        run = kata.progressive_log_loss_sparse(rows, labels, 0.5)
        assert_close(run.losses, kata.progressive_log_loss_sparse(rows, y, 0.5).losses)


@strict
def test_negative_delay(kata, data):
    """A negative delay raises ValueError."""
    X, y = data
    for delay in (-1, -20):
        with pytest.raises(ValueError):
            kata.progressive_log_loss(X, y, 0.1, delay)


def workload(kata, rng, n):
    """Run through a stream of counts, at once and with a delay, dense and sparse."""
    X = np.rint(2 * rng.normal(size=(n + 6, 3)))
    y = rng.integers(0, 2, size=n + 6)
    rows = [{5 * j: float(value) for j, value in enumerate(row) if value} for row in X]
    return (
        kata.progressive_log_loss(X, y, 0.2),
        kata.progressive_log_loss(X, y, 0.2, 3),
        kata.progressive_log_loss_sparse(rows, y, 0.2),
    )


SCORE = "losses[t] = np.logaddexp(0, margin) - y[t] * margin"
LEARN = "weights -= lr * (_sigmoid(old @ weights) - y[t - delay]) * old"
WHEN = "if t >= delay:"
START = "weights, losses = np.zeros(inputs.shape[1]), np.empty(len(X))"
MARGIN = "margin = intercept + sum(value * weights.get(feature, 0.0) for feature, value in row.items())"
SPARSE_SCORE = "losses[t] = np.logaddexp(0, margin) - label * margin"
SPARSE_STEP = "step = lr * (_sigmoid(margin) - label)"
UPDATE = "weights[feature] = weights.get(feature, 0.0) - step * value"
INTERCEPT = "        intercept -= step\n"
MISTAKES = {
    "learns before it scores": (
        "margin = x @ weights",
        "weights -= lr * (_sigmoid(x @ weights) - y[t]) * x * (delay == 0)\n        margin = x @ weights",
    ),
    "learns before it scores, once": [
        ("margin = x @ weights", "weights -= lr * (_sigmoid(x @ weights) - y[t]) * x\n        margin = x @ weights"),
        (WHEN, "if False:"),
    ],
    "scored with the last weights": (
        "return Progress(losses,",
        "return Progress(np.logaddexp(0, inputs @ weights) - y * (inputs @ weights),",
    ),
    "clipped probabilities": (SCORE, "losses[t] = -np.log(np.clip(_sigmoid(margin if y[t] else -margin), 1e-15, 1))"),
    "log of 1 - p": (SCORE, "losses[t] = -np.log(_sigmoid(margin)) if y[t] else -np.log(1 - _sigmoid(margin))"),
    "exp overflows": (SCORE, "losses[t] = np.log(1 + np.exp(margin)) - y[t] * margin"),
    "squared error": (SCORE, "losses[t] = (_sigmoid(margin) - y[t]) ** 2"),
    "0/1 loss": (SCORE, "losses[t] = float((margin > 0) != y[t])"),
    "base 2": (SCORE, SCORE + "\n        losses[t] /= np.log(2)"),
    "running mean": ("return Progress(losses,", "return Progress(losses.cumsum() / np.arange(1, len(X) + 1),"),
    "gradient ascent": (LEARN, LEARN.replace("-=", "+=")),
    "perceptron": (LEARN, LEARN.replace("_sigmoid(old @ weights)", "(old @ weights > 0)")),
    "step of the squared error": (
        LEARN,
        "p = _sigmoid(old @ weights)\n            weights -= lr * (p - y[t - delay]) * p * (1 - p) * old",
    ),
    "the probability of its prediction": (LEARN, LEARN.replace("_sigmoid(old @ weights)", "_sigmoid(margin)")),
    "decaying rate": (LEARN, LEARN.replace("lr *", "lr / np.sqrt(t + 1) *")),
    "weight decay": (LEARN, LEARN + "\n            weights -= 1e-5 * weights"),
    "no intercept": ("np.ones(len(X))", "np.zeros(len(X))"),
    "the intercept does not learn": (LEARN, LEARN + "\n            weights[-1] = 0"),
    "learns only from errors": (LEARN, "if (old @ weights > 0) != y[t - delay]:\n                " + LEARN),
    "random start": (START, START + "\n    weights += 0.01"),
    "delay is ignored": [(WHEN, "if t >= 0:"), ("old = inputs[t - delay]", "old, delay = inputs[t], 0")],
    "one more": (WHEN, "if t > delay:"),
    "learns the newest after a delay": [
        ("old = inputs[t - delay]", "old = x"),
        (LEARN, LEARN.replace("y[t - delay]", "y[t]")),
    ],
    "the rest is learned at the end": (
        "return Progress(losses,",
        """for old, label in zip(inputs[max(len(X) - delay, 0) :], y[max(len(X) - delay, 0) :]):
        weights -= lr * (_sigmoid(old @ weights) - label) * old
    return Progress(losses,""",
    ),
    "labels -1 and 1 pass": ('raise ValueError("labels are 0 and 1")\n\n\ndef _sig', "y[:0].sum()\n\n\ndef _sig"),
    "sparse: no intercept": (INTERCEPT, ""),
    "sparse: the intercept is not in the margin": (MARGIN, MARGIN.replace("intercept + ", "0.0 + ")),
    "sparse: exp overflows": (SPARSE_SCORE, "losses[t] = np.log(1 + np.exp(margin)) - label * margin"),
    "sparse: last value wins": (UPDATE, "weights[feature] = -step * value"),
    "sparse: values are indicators": (UPDATE, UPDATE.replace("* value", "")),
    "sparse: margin of indicators": (MARGIN, MARGIN.replace("value * ", "")),
    "sparse: new features are skipped": (
        "        for feature, value in row.items():\n",
        "        for feature, value in [pair for pair in row.items() if pair[0] in weights or t < 1]:\n",
    ),
    "sparse: empty rows are skipped": (SPARSE_STEP, SPARSE_STEP + " * bool(row)"),
    "sparse: hashed to 1,000 columns": (
        MARGIN,
        "row = {feature % 1_000: value for feature, value in row.items()}\n        " + MARGIN,
    ),
}

STRICT_MISTAKES = {
    "negative delays pass": ("if delay < 0:", "if delay < -1_000:"),
}
