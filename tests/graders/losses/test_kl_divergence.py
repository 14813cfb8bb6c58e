import numpy as np
import pytest

from katagrad.picture import Bars, Line, Panel
from katagrad.testing import assert_close, stacked_gradient, strict

SHAPES = [(3, 4), (4, 4), (2, 5), (5, 2), (1, 3)]


def draw(rng, shape):
    """Return a distribution in each row, every probability well above 0."""
    weights = rng.uniform(0.05, 1.0, size=shape)
    return weights / weights.sum(axis=1, keepdims=True)


def divergence(p, q):
    """Return KL(p, q) of two rows by the definition."""
    total = 0.0
    for here, there in zip(p, q, strict=True):
        if here > 0:
            total += here * np.log(here / there) if there > 0 else np.inf
    return total


def mean_loss(logits, p, reverse):
    """Return the loss, also of a stack of logits."""
    q = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    here, there = (q, p) if reverse else (p, q)
    return (here * np.log(np.where(here > 0, here, 1.0) / there)).sum(axis=-1).mean(axis=-1)


def test_divergence(kata, rng):
    """KL(p, q) is the sum of p * log(p / q) over the classes, a number for each row. KL(q, p) is another."""
    p, q = np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([[0.25, 0.75], [0.5, 0.5]])
    assert_close(kata.kl_divergence(p, q), [np.log(4 / 3) / 2, 0.0])
    assert_close(kata.kl_divergence(q, p), [0.75 * np.log(1.5) - 0.25 * np.log(2), 0.0])
    for shape in SHAPES:
        p, q = draw(rng, shape), draw(rng, shape)
        assert_close(kata.kl_divergence(p, q), [divergence(*rows) for rows in zip(p, q, strict=True)])
        assert_close(kata.kl_divergence(q, p), [divergence(*rows) for rows in zip(q, p, strict=True)])


def test_zeros_of_p(kata):
    """A class that p does not have adds 0, also if q does not have it either."""
    p = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.0, 0.25, 0.75]])
    q = np.array([[0.25, 0.5, 0.25], [1.0, 0.0, 0.0], [0.0, 0.75, 0.25]])
    assert_close(kata.kl_divergence(p, q), [np.log(2) / 2, 0.0, np.log(3) / 2])
    one_hot = np.eye(4)[[2, 0]]
    assert_close(kata.kl_divergence(one_hot, np.full((2, 4), 0.25)), [np.log(4), np.log(4)])


def test_zeros_of_q(kata):
    """If q does not have a class that p has, the divergence of that row is inf. Other rows are not affected."""
    p = np.array([[0.25, 0.5, 0.25], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    q = np.array([[0.5, 0.5, 0.0], [0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])
    assert_close(kata.kl_divergence(p, q), [np.inf, np.log(2) / 2, np.inf])


def test_small_probabilities(kata):
    """A small probability counts as it is: there is no eps, and nothing is clipped."""
    for small in (1e-2, 1e-4, 1e-6):
        p, q = np.array([[0.5, 0.5], [small, 1 - small]]), np.array([[small, 1 - small], [0.5, 0.5]])
        assert_close(kata.kl_divergence(p, q), [divergence(*rows) for rows in zip(p, q, strict=True)])
        assert_close(kata.kl_from_log_probs(np.log(p), np.log(q)), kata.kl_divergence(p, q))


def test_no_distribution(kata, rng):
    """A negative entry, or a row of p or q whose sum is not 1, raises ValueError. Rounding does not."""
    good = np.array([[0.5, 0.5], [0.25, 0.75]])
    bad = [[[0.5, 0.5], [0.25, 0.7]], [[1.0, 3.0], [0.5, 0.5]], [[0.4, 0.4], [0.6, 0.6]], [[0.3, 0.3], [0.7, 0.7]]]
    for rows in (*bad, [[0.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [1.5, -0.5]]):
        for pair in ((np.array(rows), good), (good, np.array(rows))):
            with pytest.raises(ValueError):
                kata.kl_divergence(*pair)
    # A negative entry where the other one is 0.
    half, negative = np.array([[0.5, 0.5, 0.0]]), np.array([[0.5, 0.6, -0.1]])
    for pair in ((negative, half), (half, negative)):
        with pytest.raises(ValueError):
            kata.kl_divergence(*pair)
    for n in (3, 7, 10, 49):
        p, q = np.full((2, n), 1 / n), draw(rng, (2, n))
        assert_close(kata.kl_divergence(p, q), [divergence(*rows) for rows in zip(p, q, strict=True)])


def test_log_probs(kata, rng):
    """From logarithms the divergence is the same, with -inf for a probability of 0."""
    no = -np.inf
    half, quarter = np.log(0.5), np.log(0.25)
    log_p = np.array([[half, half, no], [0.0, no, no], [half, half, no]])
    log_q = np.array([[quarter, half, quarter], [0.0, no, no], [half, no, half]])
    assert_close(kata.kl_from_log_probs(log_p, log_q), [np.log(2) / 2, 0.0, np.inf])
    # A class that is rare, but has a probability, counts in full.
    rare = np.array([[-20.0, np.log1p(-np.exp(-20.0))]])
    assert_close(kata.kl_from_log_probs(rare, np.array([[no, 0.0]])), [np.inf])
    for shape in SHAPES:
        p, q = draw(rng, shape), draw(rng, shape)
        expected = [divergence(*rows) for rows in zip(p, q, strict=True)]
        assert_close(kata.kl_from_log_probs(np.log(p), np.log(q)), expected)


def test_low_log_probs(kata):
    """Log-probabilities may be so low that the probabilities round to 0: the divergence is large, but not inf."""
    for low in (-50.0, -800.0, -1e4):
        log_p = np.array([[np.log(0.5), np.log(0.5)], [low, np.log1p(-np.exp(low))]])
        log_q = np.array([[low, np.log1p(-np.exp(low))], [low / 2, np.log1p(-np.exp(low / 2))]])
        lost = np.exp(low) * low / 2 + np.log1p(-np.exp(low)) - np.log1p(-np.exp(low / 2))
        assert_close(kata.kl_from_log_probs(log_p, log_q), [-np.log(2) - low / 2, lost])


def test_forward_loss(kata, rng):
    """By default the loss is the mean of KL(p, softmax(logits)), with its gradient for the logits. p may have zeros."""
    step = kata.kl_loss(np.log([[0.25, 0.75], [0.5, 0.5]]), np.array([[0.5, 0.5], [0.0, 1.0]]))
    assert_close(step.loss, (np.log(4 / 3) / 2 + np.log(2)) / 2)
    assert_close(step.grad, [[-0.125, 0.125], [0.25, -0.25]])
    for shape in SHAPES:
        logits, p = rng.normal(scale=1.5, size=shape), draw(rng, shape)
        p[0] = np.eye(shape[1])[-1]
        step = kata.kl_loss(logits, p)
        assert_close(step.loss, mean_loss(logits, p, reverse=False))
        expected = stacked_gradient(lambda moved: mean_loss(moved, p, reverse=False), logits)  # noqa: B023
        assert_close(step.grad, expected, rtol=1e-5, atol=1e-8)


def test_reverse_loss(kata, rng):
    """If reverse is True, the loss is the mean of KL(softmax(logits), p), with its gradient for the logits."""
    step = kata.kl_loss(np.zeros((1, 2)), np.array([[0.2, 0.8]]), reverse=True)
    assert_close(step.loss, np.log(1.25))
    assert_close(step.grad, [[np.log(2) / 2, -np.log(2) / 2]])
    for shape in SHAPES:
        logits, p = rng.normal(scale=1.5, size=shape), draw(rng, shape)
        step = kata.kl_loss(logits, p, reverse=True)
        assert_close(step.loss, mean_loss(logits, p, reverse=True))
        expected = stacked_gradient(lambda moved: mean_loss(moved, p, reverse=True), logits)  # noqa: B023
        assert_close(step.grad, expected, rtol=1e-5, atol=1e-8)


def test_large_logits(kata):
    """With logits as large as 1e4 both losses and gradients are finite and right."""
    p = np.array([[0.5, 0.5], [0.25, 0.75]])
    for z in (100.0, 800.0, 1e4):
        for level in (0.0, -z):
            logits = np.array([[z, 0.0], [0.0, 0.0]]) + level
            step = kata.kl_loss(logits, p)
            assert_close(step.loss, (z / 2 - np.log(2) + divergence([0.25, 0.75], [0.5, 0.5])) / 2)
            assert_close(step.grad, [[0.25, -0.25], [0.125, -0.125]])
            step = kata.kl_loss(logits, p, reverse=True)
            assert_close(step.loss, (np.log(2) + np.log(4 / 3) / 2) / 2)
            slope = np.log(3) / 8
            assert_close(step.grad, [[0.0, 0.0], [slope, -slope]])


@strict
def test_tiny_probabilities(kata):
    """A probability as small as 1e-310 counts as it is, in p and in q."""
    for tiny in (1e-100, 1e-300, 1e-310):
        p, q = np.array([[0.5, 0.5], [tiny, 1.0]]), np.array([[tiny, 1.0], [0.5, 0.5]])
        log_tiny = np.log(tiny)
        assert_close(kata.kl_divergence(p, q), [-np.log(2) - log_tiny / 2, np.log(2)])
        assert_close(kata.kl_divergence(p[:1], p[1:]), [-np.log(2) - log_tiny / 2])


@strict
def test_lost_classes(kata):
    """A class that q does not have makes it inf, even if its probability under p rounds to 0."""
    log_p, log_q = np.array([[0.0, -800.0], [0.0, -np.inf]]), np.array([[0.0, -np.inf], [0.0, -np.inf]])
    assert_close(kata.kl_from_log_probs(log_p, log_q), [np.inf, 0.0])


@strict
def test_shapes(kata):
    """Arrays of different shapes raise ValueError, even if the two would broadcast."""
    for shape, other in [((3, 2), (1, 2)), ((1, 2), (3, 2)), ((2, 3), (2, 2))]:
        with pytest.raises(ValueError):
            kata.kl_divergence(np.full(shape, 1 / shape[1]), np.full(other, 1 / other[1]))


@strict
def test_sums(kata):
    """A sum that is off by 5e-6, or a NaN, raises ValueError. One that is off by 1e-7 does not."""
    good = np.array([[0.5, 0.5]])
    for rows in ([[0.5, 0.500005]], [[0.5, 0.499995]], [[0.5, np.nan]]):
        for pair in ((np.array(rows), good), (good, np.array(rows))):
            with pytest.raises(ValueError):
                kata.kl_divergence(*pair)
    for rows in ([[0.5, 0.5 + 1e-7]], [[0.5, 0.5 - 1e-7]]):
        assert_close(kata.kl_divergence(np.array(rows), good), [0.0], atol=1e-6)
        assert_close(kata.kl_divergence(good, np.array(rows)), [0.0], atol=1e-6)


@strict
@pytest.mark.parametrize("kind", [int, np.uint8, bool])
def test_kinds(kata, kind):
    """Distributions that are one-hot may hold integers or booleans."""
    p, q = np.eye(3)[[0, 2]].astype(kind), np.eye(3)[[0, 1]].astype(kind)
    assert_close(kata.kl_divergence(p, q), [0.0, np.inf])
    step = kata.kl_loss(np.array([[1, 1, 1], [3, 3, 3]]), p)
    assert_close(step.loss, np.log(3))
    assert_close(step.grad, (1 / 3 - np.eye(3)[[0, 2]]) / 2)


def workload(kata, rng, n):
    """Distributions of n rows with zeros, logarithms of some, and both losses at moderate and large logits."""
    weights = draw(rng, (2 * n, 5)) * (rng.random((2 * n, 5)) > 0.2)
    weights[:, 0] += 0.1
    p, q = np.split(weights / weights.sum(axis=1, keepdims=True), 2)
    full = draw(rng, (n, 5))
    logits = rng.normal(scale=2.0, size=(n, 5))
    logits[::4] *= 1000
    low = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return (
        kata.kl_divergence(p, q),
        kata.kl_from_log_probs(np.log(full), low),
        kata.kl_loss(logits, p),
        kata.kl_loss(logits, full, reverse=True),
    )


def picture(kata, rng):
    """Fit one bump to two by either direction, and show what a class pulls with."""
    k = np.arange(21.0)
    share = rng.uniform(0.55, 0.65)
    two = share * np.exp(-((k - 5) ** 2) / 4) + (1 - share) * np.exp(-((k - 15) ** 2) / 4)
    centers, widths = np.meshgrid(np.linspace(0.0, 20.0, 81), np.linspace(1.0, 10.0, 46))
    bumps = np.exp(-(((k - centers.reshape(-1, 1)) / widths.reshape(-1, 1)) ** 2) / 2)
    q = bumps / bumps.sum(axis=1, keepdims=True)
    p = np.tile(two / two.sum(), (len(q), 1))
    fits = {"KL(p, q)": q[np.argmin(kata.kl_divergence(p, q))], "KL(q, p)": q[np.argmin(kata.kl_divergence(q, p))]}
    at = np.linspace(-8.0, 8.0, 81)
    pair = np.array([[0.5, 0.5]])
    pulls = {
        name: [float(kata.kl_loss(np.array([[0.0, z]]), pair, reverse).grad[0, 1]) for z in at]
        for name, reverse in (("KL(p, q)", False), ("KL(q, p)", True))
    }
    return [
        Panel(
            "One bump fitted to two",
            "class",
            "probability",
            [Bars(k, p[0], "p"), *(Line(k, fit, f"q with the lowest {name}") for name, fit in fits.items())],
            note="KL(p, q) covers both bumps and the gap between them; KL(q, p) takes one of them.",
        ),
        Panel(
            "Gradient for z, logits (0, z), p = (1/2, 1/2)",
            "z",
            "gradient",
            [Line(at, each, name) for name, each in pulls.items()],
            note="On the far left q has lost class 1: KL(q, p) no longer pulls it back.",
        ),
    ]


GAP = "gap = log_p - log_q"
TERMS = "terms = np.where(gap == np.inf, np.inf, np.exp(log_p) * gap)"
ROWS = "return np.where(log_p > -np.inf, terms, 0).sum(axis=1)"
LOGS = "kl_from_log_probs(np.log(p), np.log(q))"
SUMS = "if not (np.abs(rows.sum(axis=1) - 1) <= 1e-6).all():"
SIGNS = "if not (rows >= 0).all():"
LOG_Q = "log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
FORWARD = "float(kl_from_log_probs(log_p, log_q).mean()), (q - p) / len(p))"
REVERSE = "float(each.mean()), q * (gap - each) / len(p))"
MISTAKES = {
    "the other direction": (LOGS, "kl_from_log_probs(np.log(q), np.log(p))"),
    "the cross-entropy": (GAP, "gap = -log_q"),
    "both directions added": (LOGS, LOGS + " + kl_from_log_probs(np.log(q), np.log(p))"),
    "bits": (LOGS, LOGS + " / np.log(2)"),
    "the mean over classes": (ROWS, ROWS.replace("sum", "mean")),
    "the sum over rows": (ROWS, ROWS.replace("axis=1", "axis=0")),
    "one number for all rows": (ROWS, "return np.full(len(log_p), np.where(log_p > -np.inf, terms, 0).sum())"),
    "NaN where p is 0": (ROWS, "return terms.sum(axis=1)"),
    "inf where q is 0, also if p is 0": (
        ROWS,
        "return np.where(log_q == -np.inf, np.inf, np.where(log_p > -np.inf, terms, 0)).sum(axis=1)",
    ),
    "a class that q does not have is left out": (TERMS, TERMS.replace("== np.inf, np.inf", "== np.inf, 0")),
    "an eps in both": (LOGS, "kl_from_log_probs(np.log(p + 1e-8), np.log(q + 1e-8))"),
    "an eps in q": (LOGS, "kl_from_log_probs(np.log(p), np.log(q + 1e-12))"),
    "q clipped": (LOGS, "kl_from_log_probs(np.log(p), np.log(np.maximum(q, 1e-5)))"),
    "made to sum to 1 instead of refused": [
        (SUMS, "if not rows.any():"),
        (LOGS, "kl_from_log_probs(*(np.log(each / each.sum(axis=1, keepdims=True)) for each in (p, q)))"),
    ],
    "the sum of all rows checked": (SUMS, "if not abs(rows.sum() - len(rows)) <= 1e-6:"),
    "the sum of columns checked": (SUMS, "if not (np.abs(rows.sum(axis=0) - 1) <= 1e-6).any():"),
    "the sums of p only": (SUMS, SUMS.replace("(np.abs(", "(name == 'q') | (np.abs(")),
    "sums above 1 only": (SUMS, SUMS.replace("np.abs(rows.sum(axis=1) - 1)", "rows.sum(axis=1) - 1")),
    "sums that are exactly 1": (SUMS, SUMS.replace("1e-6", "0")),
    "negative entries pass": (SIGNS, "if np.isnan(rows).any():"),
    "negative entries pass where p is 0": (SIGNS, SIGNS.replace("rows >= 0", "rows[p != 0] >= 0")),
    "probabilities first, logarithms again": (GAP, "gap = log_p - np.log(np.exp(log_q))"),
    "log-probabilities kept above -100": (GAP, "gap = log_p - np.maximum(log_q, -100)"),
    "weighted by the logarithm": (TERMS, TERMS.replace("np.exp(log_p)", "log_p")),
    "weighted by q": (TERMS, TERMS.replace("np.exp(log_p)", "np.exp(log_q)")),
    "always forward": ("if not reverse:", "if True:"),
    "reverse by default": ("if not reverse:", "if reverse:"),
    "the forward gradient of the wrong sign": (FORWARD, FORWARD.replace("(q - p)", "(p - q)")),
    "the forward gradient is that of the sum": (FORWARD, FORWARD.replace(" / len(p)", "")),
    "the forward gradient for q": (FORWARD, FORWARD.replace("(q - p)", "(-p / q)")),
    "the forward loss is a sum": (FORWARD, FORWARD.replace("mean", "sum")),
    "the forward loss averaged over classes": (FORWARD, FORWARD.replace(".mean()", ".sum() / p.size")),
    "the forward gradient averaged over classes": (FORWARD, FORWARD.replace("len(p)", "p.size")),
    "the reverse gradient for q": (REVERSE, REVERSE.replace("q * (gap - each)", "(gap + 1)")),
    "the reverse gradient without the softmax's coupling": (REVERSE, REVERSE.replace("(gap - each)", "(gap + 1)")),
    "the reverse gradient is q - p": (REVERSE, REVERSE.replace("q * (gap - each)", "(q - p)")),
    "the reverse gradient of the wrong sign": (REVERSE, REVERSE.replace("gap - each", "each - gap")),
    "the reverse gradient is that of the sum": (REVERSE, REVERSE.replace(" / len(p)", "")),
    "the reverse loss is a sum": (REVERSE, REVERSE.replace("mean", "sum")),
    "logits that overflow": ("shifted = logits - logits.max(axis=1, keepdims=True)", "shifted = logits"),
    "the largest logit of the batch": ("logits.max(axis=1, keepdims=True)", "logits.max()"),
    "the logarithm of the softmax": (
        LOG_Q,
        "log_q = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))",
    ),
    "an eps in the logarithm of the softmax": (
        LOG_Q,
        "log_q = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True) + 1e-12)",
    ),
    "softmax over the batch": (LOG_Q, LOG_Q.replace("axis=1, keepdims=True", "axis=0, keepdims=True")),
}

STRICT_MISTAKES = {
    "a ratio that overflows": (
        LOGS,
        "np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / np.where(p > 0, q, 1)), 0).sum(axis=1)",
    ),
    "a tiny floor": (LOGS, "kl_from_log_probs(np.log(p), np.log(np.where(q > 0, np.maximum(q, 1e-300), 0)))"),
    "what rounds to 0 under p counts as 0": (
        TERMS,
        TERMS.replace("np.inf, np.inf,", "np.inf, np.where(np.exp(log_p) > 0, np.inf, 0),"),
    ),
    "rows may broadcast": (
        "    if p.shape != q.shape:\n        raise ValueError(f",
        "    if len(p) > 1 == len(q):\n        raise ValueError(f",
    ),
    "a generous sum": (SUMS, SUMS.replace("1e-6", "1e-3")),
    "sums compared with a relative tolerance as well": (
        SUMS,
        "if not np.isclose(rows.sum(axis=1), 1, atol=1e-6).all():",
    ),
    "a strict sum": (SUMS, SUMS.replace("1e-6", "1e-9")),
    "NaN passes": [(SIGNS, "if (rows < 0).any():"), (SUMS, "if (np.abs(rows.sum(axis=1) - 1) > 1e-6).any():")],
}
