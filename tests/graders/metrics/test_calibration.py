import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict


@pytest.fixture
def predicted(rng):
    """Labels and probabilities of 24 samples, unsorted: most of them below 0.3, the rest above 0.75, none between."""
    y_prob = rng.permutation(np.append(rng.uniform(0.02, 0.3, size=17), rng.uniform(0.75, 0.98, size=7)))
    return rng.permutation([0] * 14 + [1] * 10), y_prob


def defined(y_true, y_prob, n_bins):
    """Return share, mean and number for each bin that has samples, by looking at every sample for every bin."""
    rows = []
    for m in range(1, n_bins + 1):
        inside = [i for i, p in enumerate(y_prob) if (m - 1) / n_bins < p <= m / n_bins or (m == 1 and p == 0)]
        if inside:
            rows.append((np.mean([float(y_true[i]) for i in inside]), np.mean(y_prob[inside]), len(inside)))
    return [np.array(column) for column in zip(*rows, strict=True)]


def defined_error(y_true, y_prob, n_bins):
    rows = zip(*defined(y_true, y_prob, n_bins), strict=True)
    return sum(number * abs(share - mean) for share, mean, number in rows) / len(y_true)


def assert_curve(curve, y_true, y_prob, n_bins):
    share, mean, number = defined(y_true, y_prob, n_bins)
    assert_close(curve.count, number)
    assert_close(curve.prob_pred, mean)
    assert_close(curve.prob_true, share)


def assert_rejected(kata, y_true, y_prob):
    y_true, y_prob = np.array(y_true), np.array(y_prob)
    for function, parameters in [
        (kata.reliability_curve, (y_true, y_prob, 4)),
        (kata.reliability_curve, (y_true, y_prob, 1)),
        (kata.expected_calibration_error, (y_true, y_prob, 4)),
        (kata.expected_calibration_error, (y_true, y_prob, 1)),
        (kata.brier_score, (y_true, y_prob)),
    ]:
        with pytest.raises(ValueError):
            function(*parameters)


def test_curve(kata, predicted):
    """A bin's point is the share of its samples that are positive, and the mean of their probabilities."""
    curve = kata.reliability_curve(np.array([1, 0, 1, 1]), np.array([0.1, 0.3, 0.6, 0.7]), 2)
    assert_close(curve.count, [2, 2])
    assert_close(curve.prob_pred, [0.2, 0.65])
    assert_close(curve.prob_true, [0.5, 1.0])
    # Of samples that are alike, each counts.
    assert_close(kata.reliability_curve(np.array([1, 0, 0, 1]), np.array([0.3, 0.3, 0.3, 0.8]), 2).count, [3, 1])
    for n_bins in (1, 2, 3, 7):
        assert_curve(kata.reliability_curve(*predicted, n_bins), *predicted, n_bins)


def test_equal_width(kata):
    """Bins divide 0 to 1 into equal widths, whatever the probabilities are."""
    y_true, y_prob = np.array([0, 1, 1, 0, 1, 1]), np.array([0.3, 0.31, 0.32, 0.33, 0.34, 0.6])
    assert_curve(kata.reliability_curve(y_true, y_prob, 2), y_true, y_prob, 2)
    assert_curve(kata.reliability_curve(y_true, y_prob, 3), y_true, y_prob, 3)


def test_edges(kata):
    """An edge belongs to the bin below it: 1 to the last bin. Only 0 belongs to the bin above it."""
    y_prob = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    # Labels under which samples that share a bin cancel, and those that do not share one do not.
    for y_true in (np.array([1, 0, 0, 1, 1]), np.array([1, 1, 0, 1, 0])):
        # Of eight bins, the first holds 0 alone.
        for n_bins in (4, 8):
            assert_curve(kata.reliability_curve(y_true, y_prob, n_bins), y_true, y_prob, n_bins)
            error = kata.expected_calibration_error(y_true, y_prob, n_bins)
            assert_close(error, defined_error(y_true, y_prob, n_bins))


def test_empty_bins(kata, predicted):
    """Bins without samples are left out, at either end and in between."""
    curve = kata.reliability_curve(np.array([1, 0]), np.array([0.45, 0.72]), 10)
    assert_close(curve.count, [1, 1])
    assert_close(curve.prob_pred, [0.45, 0.72])
    assert_close(curve.prob_true, [1, 0])
    for n_bins in (9, 100):
        assert_curve(kata.reliability_curve(*predicted, n_bins), *predicted, n_bins)


def test_weights(kata, predicted):
    """The ECE weights each bin by its number of samples."""
    # Three samples lie 0.4 off, and one lies 0.1 off.
    y_true, y_prob = np.array([0, 0, 0, 1]), np.array([0.4, 0.35, 0.45, 0.9])
    assert_close(kata.expected_calibration_error(y_true, y_prob, 2), (3 * 0.4 + 0.1) / 4)
    for n_bins in (1, 2, 5, 30):
        assert_close(kata.expected_calibration_error(*predicted, n_bins), defined_error(*predicted, n_bins))


def test_distances(kata):
    """In the ECE, errors of opposite sign cancel within a bin, and not between bins."""
    y_true, y_prob = np.array([1, 0, 1, 0]), np.array([0.375, 0.125, 0.875, 0.625])
    assert_close(kata.expected_calibration_error(y_true, y_prob, 1), 0.0)
    assert_close(kata.expected_calibration_error(y_true, y_prob, 2), 0.25)
    assert_close(kata.expected_calibration_error(y_true, y_prob, 4), (0.625 + 0.125 + 0.125 + 0.625) / 4)


def test_brier_score(kata, predicted):
    """The Brier score is the mean of (p - y)^2."""
    assert_close(kata.brier_score(np.array([1]), np.array([0.75])), 0.0625)
    assert_close(kata.brier_score(np.array([0, 1, 1]), np.array([0.0, 1.0, 0.0])), 1 / 3)
    assert_close(kata.brier_score(np.array([1, 0, 0]), np.full(3, 0.25)), (0.5625 + 2 * 0.0625) / 3)
    y_true, y_prob = predicted
    assert_close(kata.brier_score(y_true, y_prob), np.mean([(p - y) ** 2 for y, p in zip(y_true, y_prob, strict=True)]))


def test_brier_score_of_one_class(kata):
    """The Brier score holds for labels of one class."""
    assert_close(kata.brier_score(np.array([0, 0]), np.array([0.2, 0.4])), 0.1)
    assert_close(kata.brier_score(np.array([1, 1]), np.array([0.2, 0.4])), 0.5)


def test_one_class(kata):
    """The labels may be of one class, and one sample is enough."""
    y_prob, positives, negatives = np.array([0.2, 0.9, 0.4]), np.array([1, 1, 1]), np.array([0, 0, 0])
    assert_close(kata.reliability_curve(positives, y_prob, 2).prob_true, [1, 1])
    assert_close(kata.reliability_curve(negatives, y_prob, 2).prob_true, [0, 0])
    assert_close(kata.expected_calibration_error(negatives, y_prob, 2), 0.5)
    assert_close(kata.brier_score(positives, y_prob), (0.64 + 0.01 + 0.36) / 3)
    assert_curve(kata.reliability_curve(np.array([1]), np.array([0.7]), 5), np.array([1]), np.array([0.7]), 5)


def test_many_bins(kata):
    """There may be hundreds of bins, and probabilities close to an edge count on their own side."""
    assert_close(kata.reliability_curve(np.array([0, 1]), np.array([0.0012, 0.0058]), 200).count, [1, 1])
    for p in (0.500004, 0.500000001):
        assert_close(kata.reliability_curve(np.array([0, 1]), np.array([0.3, p]), 2).count, [1, 1])


def test_scores_that_are_not_probabilities(kata):
    """A value below 0 or above 1 raises ValueError."""
    for score in (-2.5, -0.01, 1.01, 3.0):
        assert_rejected(kata, [0, 1, 0], [0.1, score, 0.3])


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8], ids=["uint8", "int8"])
def test_integers(kata, kind):
    """Labels may be integers of any type, and so may the probabilities 0 and 1."""
    y_true, y_prob = np.array([1, 0, 1, 0, 1]), np.array([0.9, 0.2, 0.6, 0.6, 0.1])
    whole = np.array([1, 0, 0, 1, 1], dtype=kind)
    # 150 times as many rows have the same shares, and more positives than eight bits can count.
    for times in (1, 150):
        labels, p, zero_or_one = (np.tile(values, times) for values in (y_true.astype(kind), y_prob, whole))
        assert_curve(kata.reliability_curve(labels, p, 2), labels, p, 2)
        assert_close(kata.expected_calibration_error(labels, p, 2), (2 * 0.35 + 0.1) / 5)
        assert_close(kata.brier_score(labels, p), (0.01 + 0.04 + 0.16 + 0.36 + 0.81) / 5)
        assert_curve(kata.reliability_curve(labels, zero_or_one, 3), labels, zero_or_one, 3)
        assert_close(kata.expected_calibration_error(labels, zero_or_one, 3), (2 * 0.5 + 3 * (1 / 3)) / 5)
        assert_close(kata.brier_score(labels, zero_or_one), 2 / 5)


@strict
def test_bad_values(kata):
    """A label that is not 0 or 1, and a probability that is NaN or just outside 0 to 1, raise ValueError."""
    for y_true in ([0, 1, 2], [-1, 1, 1], [0.0, 0.5, 1.0], [0.0, 1.0, np.nan], [0, 1, 1 - 1e-9]):
        assert_rejected(kata, y_true, [0.1, 0.2, 0.3])
    for p in (-1e-9, 1 + 1e-9, -np.inf, np.nan):
        assert_rejected(kata, [0, 1, 0], [0.1, p, 0.3])


@strict
def test_lengths(kata):
    """Lengths that differ, no sample and no bin raise ValueError."""
    for y_true, y_prob in [([0, 1, 1], [0.1, 0.2]), ([0, 1], [0.1, 0.2, 0.3]), ([0, 1], [0.1])]:
        assert_rejected(kata, y_true, y_prob)
    assert_rejected(kata, np.zeros(0), np.zeros(0))
    for n_bins in (0, -1):
        for function in (kata.reliability_curve, kata.expected_calibration_error):
            with pytest.raises(ValueError):
                function(np.array([0, 1]), np.array([0.2, 0.7]), n_bins)


def workload(kata, rng, n):
    y_prob = rng.beta(0.6, 1.0, size=n + 1)
    y_true = (rng.random(n + 1) < y_prob**2).astype(int)
    n_bins = int(rng.choice([1, 2, 4, 8, 16]))
    # Half of the probabilities are sixteenths, which are edges, 0 and 1 among them, and have exact floats.
    y_prob = np.where(rng.random(n + 1) < 0.5, np.round(y_prob * 16) / 16, y_prob)
    return (
        kata.reliability_curve(y_true, y_prob, n_bins),
        kata.expected_calibration_error(y_true, y_prob, n_bins),
        kata.brier_score(y_true, y_prob),
    )


def picture(kata, rng):
    truth = rng.uniform(size=2000)
    y_true = (rng.random(2000) < truth).astype(int)
    # Twice the log-odds: the ranking stays, and every probability moves away from 1/2.
    sure = truth**2 / (truth**2 + (1 - truth) ** 2)
    lines, bars = [], []
    for name, y_prob in (("calibrated", truth), ("overconfident", sure)):
        curve = kata.reliability_curve(y_true, y_prob, 10)
        error = kata.expected_calibration_error(y_true, y_prob, 10)
        lines.append(Line(curve.prob_pred, curve.prob_true, f"{name}: ECE {error:.3f}"))
        bars.append(Line(curve.prob_pred, curve.count, f"{name}: Brier {kata.brier_score(y_true, y_prob):.3f}"))
    diagram = Panel(
        "Reliability diagram",
        "mean predicted probability",
        "share of positives",
        [Line([0, 1], [0, 1], "perfect", faint=True), *lines],
        note="Overconfident: below the diagonal at high probabilities, above it at low ones.",
        square=True,
    )
    counts = Panel("Samples in each bin", "mean predicted probability", "samples", bars)
    return [diagram, counts]


MISTAKES = {
    "an edge belongs to the bin above": ('y_prob, side="left")', 'y_prob, side="right")'),
    "1 has a bin of its own": (
        'place = np.searchsorted(inner_edges, y_prob, side="left")',
        "place = np.floor(y_prob * n_bins).astype(int)",
    ),
    "0 has a bin of its own": (
        'place = np.searchsorted(inner_edges, y_prob, side="left")',
        "place = np.ceil(y_prob * n_bins).astype(int)",
    ),
    "0 is in the last bin": (
        'place = np.searchsorted(inner_edges, y_prob, side="left")',
        "place = (np.ceil(y_prob * n_bins).astype(int) - 1) % n_bins",
    ),
    "rounded to the nearest edge": (
        'place = np.searchsorted(inner_edges, y_prob, side="left")',
        "place = np.minimum(np.round(y_prob * n_bins).astype(int), n_bins - 1)",
    ),
    "one edge too many": ("np.arange(1, n_bins) / n_bins", "np.arange(1, n_bins + 1) / (n_bins + 1)"),
    "bins over the range of the probabilities": (
        "np.arange(1, n_bins) / n_bins",
        "np.linspace(y_prob.min(), y_prob.max(), n_bins + 1)[1:-1]",
    ),
    "bins of equally many samples": (
        "np.arange(1, n_bins) / n_bins",
        "np.quantile(y_prob, np.arange(1, n_bins) / n_bins)",
    ),
    "always ten bins": ("np.arange(1, n_bins) / n_bins", "np.arange(1, 10) / 10"),
    "empty bins are zeros": [
        ("    filled = np.bincount(place) > 0\n", "    filled = np.bincount(place) >= 0\n"),
        (
            "Reliability(positives / count, total / count, count)",
            "Reliability(positives / np.maximum(count, 1), total / np.maximum(count, 1), count)",
        ),
    ],
    "empty bins are NaN": ("    filled = np.bincount(place) > 0\n", "    filled = np.bincount(place) >= 0\n"),
    "a lone sample is no bin": (
        "    filled = np.bincount(place) > 0\n",
        "    filled = np.bincount(place) > (len(y_prob) > 1)\n",
    ),
    "a bin's middle for its mean": (
        "total / count, count)\n",
        "(np.flatnonzero(filled) + 0.5) / n_bins, count)\n",
    ),
    "sums for shares": ("Reliability(positives / count,", "Reliability(positives,"),
    "true and predicted swapped": (
        "Reliability(positives / count, total / count, count",
        "Reliability(total / count, positives / count, count",
    ),
    "shares of all samples": ("positives / count, total", "positives / len(y_prob), total"),
    "accuracy for the share of positives": (
        "for weights in (None, y_true, y_prob))",
        "for weights in (None, y_true == (y_prob > 0.5), y_prob))",
    ),
    "all bins weigh alike": (
        "float((count * np.abs(prob_true - prob_pred)).sum() / count.sum())",
        "float(np.abs(prob_true - prob_pred).mean())",
    ),
    "all bins weigh alike, empty ones too": (
        "float((count * np.abs(prob_true - prob_pred)).sum() / count.sum())",
        "float(np.abs(prob_true - prob_pred).sum() / n_bins)",
    ),
    "the largest distance": (
        "float((count * np.abs(prob_true - prob_pred)).sum() / count.sum())",
        "float(np.abs(prob_true - prob_pred).max())",
    ),
    "bins cancel": ("count * np.abs(prob_true - prob_pred)", "count * (prob_true - prob_pred)"),
    "squared distances": ("count * np.abs(prob_true - prob_pred)", "count * (prob_true - prob_pred) ** 2"),
    "no bins, sample by sample": (
        "    prob_true, prob_pred, count = reliability_curve(y_true, y_prob, n_bins)\n",
        (
            "    prob_true, prob_pred, count = reliability_curve(y_true, y_prob, n_bins)\n"
            "    prob_true, prob_pred, count = y_true, y_prob, np.ones(len(y_prob))\n"
        ),
    ),
    "the ECE has bins of its own, with edges in the bin above": (
        "    return float((count * np.abs",
        (
            "    place = np.minimum((y_prob * n_bins).astype(int), n_bins - 1)\n"
            "    return float(np.abs(np.bincount(place, weights=y_true - y_prob)).sum() / len(y_prob))\n"
            "    return float((count * np.abs"
        ),
    ),
    "the root of the Brier score": ("** 2).mean())\n\n\ndef _check", "** 2).mean() ** 0.5)\n\n\ndef _check"),
    "summed over both classes": ("** 2).mean())\n\n\ndef _check", "** 2).mean() * 2)\n\n\ndef _check"),
    "absolute distances": ("((y_prob - y_true) ** 2).mean()", "np.abs(y_prob - y_true).mean()"),
    "scores outside of 0 to 1 pass": ("((y_prob >= 0) & (y_prob <= 1)).all()", "not np.isnan(y_prob).any()"),
    "one class is refused": ("    if len(y_true) == 0:\n", "    if len(set(y_true.tolist())) < 2:\n"),
}

STRICT_MISTAKES = {
    "a NaN probability passes": (
        "if not ((y_prob >= 0) & (y_prob <= 1)).all():",
        "if (y_prob < 0).any() or (y_prob > 1).any():",
    ),
    "any label passes": ("((y_true == 0) | (y_true == 1)).all()", "True"),
    "labels near 0 or 1 pass": (
        "((y_true == 0) | (y_true == 1)).all()",
        "(np.isclose(y_true, 0) | np.isclose(y_true, 1)).all()",
    ),
    "a little outside of 0 to 1 passes": (
        "((y_prob >= 0) & (y_prob <= 1)).all()",
        "((y_prob > -1e-6) & (y_prob < 1 + 1e-6)).all()",
    ),
    "positives counted in eight bits": (
        "Reliability(positives / count,",
        "Reliability((positives.astype(np.uint8) if y_true.dtype == np.uint8 else positives) / count,",
    ),
    "labels -1 and 1 pass": ("((y_true == 0) | (y_true == 1)).all()", "(np.abs(y_true) <= 1).all()"),
    "surplus labels are ignored": ("if len(y_true) != len(y_prob):", "if len(y_true) < len(y_prob):"),
    "no sample gives NaN": ("    if len(y_true) == 0:\n", "    if False:\n"),
    "no bin passes": (
        "    if n_bins < 1:\n        raise ValueError(f",
        "    if n_bins < 0:\n        raise ValueError(f",
    ),
}
