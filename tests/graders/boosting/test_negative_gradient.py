import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

LOSSES = ("squared_error", "absolute_error", "huber", "log_loss")


def cost(loss, y, prediction, delta=1.0):
    """Return the loss of one sample, straight from the table."""
    size = abs(y - prediction)
    if loss == "squared_error":
        return size**2 / 2
    if loss == "absolute_error":
        return size
    if loss == "huber":
        return size**2 / 2 if size <= delta else delta * (size - delta / 2)
    return math.log(1 + math.exp(prediction)) - y * prediction


def slopes(loss, y, prediction, delta=1.0, step=1e-5):
    """Return minus the derivative of each sample's loss, by finite differences."""
    below, above = (
        np.array([cost(loss, truth, guess + move, delta) for truth, guess in zip(y, prediction, strict=True)])
        for move in (-step, step)
    )
    return (below - above) / (2 * step)


@pytest.fixture
def leaf(rng):
    """Targets and predictions of seven samples: residuals in tenths, unsorted, 2.5 or more from their neighbours."""
    prediction = rng.normal(scale=5.0, size=7)
    return prediction + rng.permutation([-9.3, -4.1, -0.6, 2.2, 4.8, 8.5, 71.4]), prediction


def test_squared_error(kata, leaf):
    """For squared_error, the negative gradient is r = y - F, and a leaf has the mean of r."""
    y, prediction = np.array([5.0, 2.0, -1.0]), np.array([1.0, 2.0, 3.5])
    assert_close(kata.negative_gradient("squared_error", y, prediction), [4.0, 0.0, -4.5])
    assert_close(kata.leaf_value("squared_error", y, prediction), -0.5 / 3)
    assert_close(kata.negative_gradient("squared_error", *leaf), leaf[0] - leaf[1])
    for n in (7, 2, 1):
        y, prediction = (values[:n] for values in leaf)
        mean = sum(truth - guess for truth, guess in zip(y, prediction, strict=True)) / n
        assert_close(kata.leaf_value("squared_error", y, prediction, delta=0.5), mean)


def test_gradient_of_absolute_error(kata, leaf):
    """For absolute_error, the negative gradient is the sign of r: 1, -1, or 0 where r is 0."""
    y, prediction = np.array([5.0, 2.0, -1.0, 0.25]), np.array([1.0, 2.0, 3.5, 0.0])
    assert_close(kata.negative_gradient("absolute_error", y, prediction), [1.0, 0.0, -1.0, 1.0])
    assert_close(kata.negative_gradient("absolute_error", y, prediction, delta=0.5), [1.0, 0.0, -1.0, 1.0])
    # Residuals of a millionth, of any prediction, and large ones.
    y = np.array([1e-6, -1e-6, 3e5, -2e5, 1000.000001, 0.0, -7.0])
    prediction = np.array([0.0, 0.0, 10.0, 10.0, 1000.0, 1e-6, -7.0])
    assert_close(kata.negative_gradient("absolute_error", y, prediction), [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 0.0])
    assert_close(kata.negative_gradient("absolute_error", *leaf), slopes("absolute_error", *leaf), rtol=1e-6)
    assert_close(kata.negative_gradient("absolute_error", np.zeros(3), np.zeros(3)), [0.0, 0.0, 0.0])


def test_gradient_of_huber(kata, leaf):
    """For huber, the negative gradient is r, cut off at -delta and delta."""
    y, prediction = np.array([5.0, 2.0, -1.0, 0.5]), np.array([1.0, 2.0, 3.5, 1.0])
    assert_close(kata.negative_gradient("huber", y, prediction, delta=2.0), [2.0, 0.0, -2.0, -0.5])
    assert_close(kata.negative_gradient("huber", y, prediction), [1.0, 0.0, -1.0, -0.5])
    # At delta itself, and small residuals.
    y, prediction = np.array([3.0, 3.0, 1e-6, -3e-6, 4e-5]), np.array([0.5, 5.5, 0.0, 0.0, 0.0])
    assert_close(kata.negative_gradient("huber", y, prediction, delta=2.5), [2.5, -2.5, 1e-6, -3e-6, 4e-5], atol=0)
    assert_close(kata.negative_gradient("huber", y, prediction, delta=2e-6), [2e-6, -2e-6, 1e-6, -2e-6, 2e-6], atol=0)
    for delta in (0.3, 3.0, 50.0):
        expected = slopes("huber", *leaf, delta)
        assert_close(kata.negative_gradient("huber", *leaf, delta), expected, rtol=1e-6, atol=1e-7)


def test_gradient_of_log_loss(kata, rng):
    """For log_loss, the negative gradient is y - p, where the prediction is the log-odds of p."""
    y, prediction = np.array([1, 0, 1, 0]), np.array([0.0, 0.0, -math.log(3), -math.log(3)])
    assert_close(kata.negative_gradient("log_loss", y, prediction), [0.5, -0.5, 0.75, -0.25])
    y, prediction = rng.permutation([0.0, 1.0, 1.0, 0.0, 1.0]), rng.normal(scale=3.0, size=5)
    expected = slopes("log_loss", y, prediction)
    assert_close(kata.negative_gradient("log_loss", y, prediction, delta=0.1), expected, rtol=1e-6, atol=1e-7)
    for label in (0.0, 1.0):
        assert_close(kata.negative_gradient("log_loss", np.full(2, label), np.zeros(2)), [label - 0.5] * 2)


def test_leaf_of_absolute_error(kata, leaf):
    """For absolute_error, a leaf has the median of r: of an even number, the mean of the two in the middle."""
    y, prediction = np.array([9.0, 1.0, 2.0, 100.0]), np.array([0.0, 1.0, 4.0, 1.0])
    assert_close(kata.leaf_value("absolute_error", y, prediction), (0 + 9) / 2)
    assert_close(kata.leaf_value("absolute_error", y[:3], prediction[:3]), 0.0)
    for n in (7, 6, 2, 1):
        ordered = sorted(leaf[0][:n] - leaf[1][:n])
        middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
        assert_close(kata.leaf_value("absolute_error", leaf[0][:n], leaf[1][:n], delta=0.5), middle)
    # Equal residuals, at the end and in the middle, and small ones.
    for residuals, middle in [([1, 1, 5], 1), ([5, 1, 5, 2], 3.5), ([3, 3, 3], 3), ([0, 0, 4, 4, 4], 4)]:
        assert_close(
            kata.leaf_value("absolute_error", np.array(residuals, dtype=float) + 2, np.full(len(residuals), 2.0)),
            middle,
        )
    y = np.array([3e-6, -5e-6, 1e-6, 9.0])
    assert_close(kata.leaf_value("absolute_error", y, np.zeros(4)), 2e-6, atol=0)


def test_leaf_of_huber(kata, leaf):
    """For huber, a leaf has m + the mean of clip(r - m, -delta, delta), where m is the median of r."""
    y, prediction = np.array([10.0, 4.0, 3.0, 1.0]), np.array([1.0, 1.0, 2.0, 0.0])
    # r is 9, 3, 1, 1 and m is 2.
    assert_close(kata.leaf_value("huber", y, prediction, delta=2.0), 2 + (2 + 1 - 1 - 1) / 4)
    assert_close(kata.leaf_value("huber", y, prediction, delta=0.5), 2.0)
    assert_close(kata.leaf_value("huber", np.array([2.75, 9.0, 3.0]), np.zeros(3)), 3 + (1 + 0 - 0.25) / 3)
    assert_close(kata.leaf_value("huber", y, prediction, delta=100.0), 14 / 4)
    assert_close(kata.leaf_value("huber", y[:3], prediction[:3], delta=2.5), 3 + (2.5 + 0 - 2) / 3)
    for delta, n in [(0.7, 7), (0.7, 6), (0.7, 2), (0.7, 1), (3.0, 6), (40.0, 7)]:
        residuals = sorted(leaf[0][:n] - leaf[1][:n])
        middle = (residuals[(n - 1) // 2] + residuals[n // 2]) / 2
        pulls = [max(-delta, min(delta, each - middle)) for each in residuals]
        assert_close(kata.leaf_value("huber", leaf[0][:n], leaf[1][:n], delta), middle + sum(pulls) / n)
    assert_close(kata.leaf_value("huber", np.array([0.0, 4e-6, 1e-6]), np.zeros(3), delta=2e-6), 4e-6 / 3, atol=0)


def test_leaf_of_log_loss(kata, rng):
    """For log_loss, a leaf has one Newton step: the sum of y - p over the sum of p * (1 - p)."""
    y, prediction = np.array([1, 1, 1, 0]), np.zeros(4)
    assert_close(kata.leaf_value("log_loss", y, prediction), 1.0)
    # p is 1/4, 1/4 and 1/2.
    prediction = np.array([-math.log(3), -math.log(3), 0.0])
    assert_close(kata.leaf_value("log_loss", np.array([1, 0, 1]), prediction), 1.0 / (3 / 8 + 1 / 4))
    assert_close(kata.leaf_value("log_loss", np.array([0, 0, 0]), prediction), -1.0 / (3 / 8 + 1 / 4))
    for n in (7, 2, 1):
        y, prediction = rng.integers(0, 2, size=n).astype(float), rng.normal(scale=3.0, size=n)
        pull = curvature = 0.0
        for truth, guess in zip(y, prediction, strict=True):
            p = 1 / (1 + math.exp(-guess))
            pull += truth - p
            curvature += p * (1 - p)
        assert_close(kata.leaf_value("log_loss", y, prediction, delta=0.1), pull / curvature)
    # Wrong and sure of it, the step is 1 / p; the sum of p * (1 - p) is a millionth.
    assert_close(kata.leaf_value("log_loss", np.array([1]), np.array([-13.0])), 1 + math.exp(13), rtol=1e-8)
    assert_close(kata.leaf_value("log_loss", np.array([0]), np.array([13.0])), -1 - math.exp(13), rtol=1e-8)


def test_large_log_odds(kata):
    """At log-odds of 1000 the negative gradient is finite. The value is 0 if the sum of p * (1 - p) is."""
    y, prediction = np.array([1, 0, 1, 0, 1]), np.array([1000.0, 1000.0, -1000.0, -1000.0, 0.0])
    assert_close(kata.negative_gradient("log_loss", y, prediction), [0.0, -1.0, 1.0, 0.0, 0.5])
    assert_close(kata.leaf_value("log_loss", y, prediction), 0.5 / 0.25)
    for label in (0, 1):
        for odds in (1000.0, -1000.0):
            assert_close(kata.leaf_value("log_loss", np.array([label]), np.array([odds])), 0.0)


def test_bad_input(kata):
    """An unknown loss, and a label of log_loss that is not 0 or 1, raise ValueError."""
    values = np.array([0.0, 1.0, 1.0])
    for function in (kata.negative_gradient, kata.leaf_value):
        for loss in ("squared", "quantile", "logloss", ""):
            with pytest.raises(ValueError):
                function(loss, values, values)
        for labels in ([-1.0, 1.0, 1.0], [1.0, 2.0, 1.0], [0.0, 1.0, 0.5]):
            with pytest.raises(ValueError):
                function("log_loss", np.array(labels), values)


@strict
def test_shapes(kata):
    """Targets of another shape than the predictions raise ValueError, even if they would broadcast."""
    for function in (kata.negative_gradient, kata.leaf_value):
        with pytest.raises(ValueError):
            function("squared_error", np.ones(2), np.zeros(3))
        for loss in LOSSES:
            for shape, other in [((3,), (3, 1)), ((3, 1), (3,)), ((3,), (1,)), ((1,), (3,))]:
                with pytest.raises(ValueError):
                    function(loss, np.ones(shape), np.zeros(other))


@strict
def test_delta(kata):
    """A delta that is not positive raises ValueError for huber."""
    for function in (kata.negative_gradient, kata.leaf_value):
        for delta in (0.0, -1.0, math.nan):
            with pytest.raises(ValueError):
                function("huber", np.array([1.0, 5.0]), np.zeros(2), delta)


@strict
def test_sure_samples(kata):
    """At log-odds of 40 neither y - p nor p * (1 - p) loses its digits, and neither is 0."""
    for odds in (18.0, 40.0, 300.0, 700.0):
        tiny = math.exp(-odds)
        y, prediction = np.array([1, 0, 1, 0]), np.array([odds, -odds, -odds, odds])
        expected = [tiny / (1 + tiny), -tiny / (1 + tiny), 1 / (1 + tiny), -1 / (1 + tiny)]
        assert_close(kata.negative_gradient("log_loss", y, prediction), expected, atol=0)
        for place, value in enumerate([1 + tiny, -1 - tiny, (1 + tiny) / tiny, -(1 + tiny) / tiny]):
            assert_close(kata.leaf_value("log_loss", y[[place]], prediction[[place]]), value, atol=0)


@strict
def test_kinds(kata):
    """Targets and predictions may be integers of any type: nothing wraps around or is truncated."""
    for kind in (np.int8, np.uint8, int):
        y, prediction = np.array([100, 0, 127, 3]).astype(kind), np.array([0, 100, 1, 0]).astype(kind)
        residual = [100.0, -100.0, 126.0, 3.0]
        assert_close(kata.negative_gradient("squared_error", y, prediction), residual)
        assert_close(kata.negative_gradient("absolute_error", y, prediction), [1, -1, 1, 1])
        assert_close(kata.negative_gradient("huber", y, prediction, 120.5), [100.0, -100.0, 120.5, 3.0])
        assert_close(kata.leaf_value("squared_error", y, prediction), 129 / 4)
        assert_close(kata.leaf_value("absolute_error", y, prediction), 51.5)
        assert_close(kata.leaf_value("huber", y, prediction, 50.5), 51.5 + (48.5 - 50.5 + 50.5 - 48.5) / 4)
        y, prediction = np.array([0, 1, 0, 1]).astype(kind), np.array([3, 0, 1, 2]).astype(kind)
        p = 1 / (1 + np.exp(-prediction.astype(float)))
        assert_close(kata.negative_gradient("log_loss", y, prediction), y.astype(float) - p)
        assert_close(kata.leaf_value("log_loss", y, prediction), (2 - p.sum()) / (p * (1 - p)).sum())


def workload(kata, rng, n):
    """Residuals of n samples, some of them 0 or equal, and labels whose log-odds are more or less right."""
    prediction = rng.normal(scale=2.0, size=n)
    y = prediction + np.where(rng.random(n) < 0.3, rng.integers(-2, 3, size=n), 2 * rng.standard_t(2, size=n))
    label = (rng.normal(scale=2.0, size=n) < prediction).astype(int)
    return kata.negative_gradient("log_loss", label, prediction), kata.leaf_value("huber", y, prediction, 1.5)


def picture(kata, rng):
    """Draw what each loss tells a sample, and the value of a leaf as one of its residuals moves away."""
    residual = np.linspace(-4.0, 4.0, 161)
    others = rng.normal(size=8)
    far = np.linspace(0.0, 20.0, 81)
    return [
        Panel(
            "The negative gradient of a sample",
            "r = y - F",
            "negative gradient",
            [
                Line(residual, kata.negative_gradient(loss, residual, np.zeros(residual.size)), loss)
                for loss in LOSSES[:3]
            ],
            note="An outlier pulls with all its residual, with 1, or with delta.",
        ),
        Panel(
            "A leaf of nine samples, one of them far off",
            "the ninth residual",
            "value of the leaf",
            [
                Line(far, [kata.leaf_value(loss, np.append(others, at), np.zeros(9)) for at in far], loss)
                for loss in LOSSES[:3]
            ],
            note="The mean follows the outlier without end. The median stops at once, and huber a little later.",
        ),
    ]


LOG_SLOPE = "        return np.where(y == 1, q, -p)\n"
SIGN = "return np.sign(residual)"
CLIP = 'return residual if loss == "squared_error" else np.clip(residual, -delta, delta)'
STEP = "return float(np.where(y == 1, q, -p).sum() / curvature) if curvature > 0 else 0.0"
MEAN = "return float(residual.mean())"
MEDIAN = "middle = np.median(residual)"
HUBER = 'middle + np.clip(residual - middle, -delta, delta).mean() if loss == "huber" else middle'
GRADIENT_RESIDUAL = '    residual = np.subtract(y, prediction, dtype=float)\n    if loss == "absolute_error":'
LEAF_RESIDUAL = '    residual = np.subtract(y, prediction, dtype=float)\n    if loss == "squared_error":'
NAMES = "    if loss not in LOSSES:"
LABELS = 'if loss == "log_loss" and not ((y == 0) | (y == 1)).all():'
MISTAKES = {
    "the gradient itself, and not the negative one": (
        GRADIENT_RESIDUAL,
        GRADIENT_RESIDUAL.replace("y, prediction", "prediction, y"),
    ),
    "the gradient of log_loss itself": (LOG_SLOPE, "        return np.where(y == 1, -q, p)\n"),
    "squared error without its half": (CLIP, CLIP.replace("return residual", "return 2 * residual")),
    "gradients of a mean": (CLIP, "return (" + CLIP.removeprefix("return ") + ") / len(y)"),
    "a sign of 1 at 0": (SIGN, "return np.where(residual >= 0, 1.0, -1.0)"),
    "a sign of -1 at 0": (SIGN, "return np.where(residual > 0, 1.0, -1.0)"),
    "no sign for small residuals": (SIGN, "return np.sign(residual) * (np.abs(residual) > 1e-5)"),
    "a residual over its size, with eps": (SIGN, "return residual / (np.abs(residual) + 1e-9)"),
    "a residual over its size is NaN at 0": (SIGN, "return residual / np.abs(residual)"),
    "huber beyond delta is a sign": (
        CLIP,
        CLIP.replace(
            "np.clip(residual, -delta, delta)", "np.where(np.abs(residual) <= delta, residual, np.sign(residual))"
        ),
    ),
    "huber drops outliers": (
        CLIP,
        CLIP.replace("np.clip(residual, -delta, delta)", "np.where(np.abs(residual) <= delta, residual, 0)"),
    ),
    "smooth L1": (CLIP, CLIP.replace("np.clip(residual, -delta, delta)", "np.clip(residual / delta, -1, 1)")),
    "huber at its default delta": (CLIP, CLIP.replace("np.clip(residual, -delta, delta)", "np.clip(residual, -1, 1)")),
    "huber is cut off on one side": (
        CLIP,
        CLIP.replace("np.clip(residual, -delta, delta)", "np.minimum(residual, delta)"),
    ),
    "delta is a quantile": (CLIP, "delta = np.quantile(np.abs(residual), 0.9)\n    " + CLIP),
    "predictions of log_loss are probabilities": (LOG_SLOPE, "        return y - prediction\n"),
    "log_loss for labels -1 and 1": (LOG_SLOPE, "        return 2 * y / (1 + np.exp(2 * y * prediction))\n"),
    "the slope of a sigmoid with a squared error": (LOG_SLOPE, "        return np.where(y == 1, q, -p) * p * q\n"),
    "log-odds overflow": (LOG_SLOPE, "        return y - np.exp(prediction) / (1 + np.exp(prediction))\n"),
    "log-odds are clipped": (
        "log_odds = log_odds.astype(float)",
        "log_odds = np.clip(log_odds.astype(float), -10, 10)",
    ),
    "a leaf of squared_error has the sum": (MEAN, "return float(residual.sum())"),
    "the mean for all losses": (LEAF_RESIDUAL, LEAF_RESIDUAL.replace('loss == "squared_error"', "loss")),
    "the mean of the negative gradients": (
        LEAF_RESIDUAL,
        "    return float(negative_gradient(loss, y, prediction, delta).mean())\n" + LEAF_RESIDUAL,
    ),
    "the median of y": (MEDIAN, "middle = np.median(y)"),
    "the difference of two medians": (MEDIAN, "middle = np.median(y) - np.median(prediction)"),
    "the middle of an unsorted list": (MEDIAN, "middle = (residual[(len(y) - 1) // 2] + residual[len(y) // 2]) / 2"),
    "the lower of two in the middle": (MEDIAN, "middle = np.sort(residual)[(len(y) - 1) // 2]"),
    "the upper of two in the middle": (MEDIAN, "middle = np.sort(residual)[len(y) // 2]"),
    "the median of distinct residuals": (MEDIAN, "middle = np.median(np.unique(residual))"),
    "a leaf of huber has the median": (HUBER, "middle"),
    "a leaf of huber has the mean of the clipped residuals": (
        HUBER,
        HUBER.replace("middle + np.clip(residual - middle", "np.clip(residual"),
    ),
    "huber clips around 0": (HUBER, HUBER.replace("residual - middle", "residual")),
    "huber starts at the mean": (
        HUBER,
        HUBER.replace("middle + np.clip(residual - middle", "residual.mean() + np.clip(residual - residual.mean()"),
    ),
    "a leaf of huber forgets delta": (HUBER, HUBER.replace("-delta, delta", "-1, 1")),
    "the step of huber is a sum": (HUBER, HUBER.replace(".mean()", ".sum()")),
    "huber steps over the samples within delta": (
        HUBER,
        HUBER.replace(".mean()", ".sum() / max((np.abs(residual - middle) <= delta).sum(), 1)"),
    ),
    "the minimum of huber": (
        MEDIAN,
        (
            "middle = np.median(residual)\n"
            "    for _ in range(300 if loss == 'huber' else 0):\n"
            "        middle += np.clip(residual - middle, -delta, delta).mean()"
        ),
    ),
    "log-odds of the leaf's mean, less the mean prediction": (
        STEP,
        "return float(np.log(max(y.mean(), 1e-9) / max(1 - y.mean(), 1e-9)) - prediction.mean())",
    ),
    "a mean of y - p": (STEP, "return float(np.where(y == 1, q, -p).mean())"),
    "the mean of each sample's step": (
        STEP,
        "return float((np.where(y == 1, q, -p) / np.where(curvature > 0, p * q, 1)).mean())",
    ),
    "Newton's step with lambda": (STEP, STEP.replace("/ curvature", "/ (curvature + 1)")),
    "Newton's step with eps": (STEP, STEP.replace("/ curvature", "/ (curvature + 1e-8)")),
    "no step where the curvature is small": (STEP, STEP.replace("curvature > 0", "curvature > 1e-5")),
    "a floor under the curvature": (STEP, "return float(np.where(y == 1, q, -p).sum() / max(curvature, 1e-4))"),
    "Newton's step without curvature is NaN": (STEP, STEP.replace(" if curvature > 0 else 0.0", "")),
    "Newton's step is clipped": (
        STEP,
        "return float(np.clip(np.where(y == 1, q, -p).sum() / max(curvature, 1e-300), -4, 4)) * (curvature > 0)",
    ),
    "Newton's step uphill": (STEP, STEP.replace("q, -p", "-q, p")),
    "Newton's step to twice the labels": (STEP, STEP.replace("/ curvature", "/ (2 * curvature)")),
    "an unknown loss is squared error": (NAMES, "    if not isinstance(loss, str):"),
    "labels of log_loss are not looked at": (LABELS, "if y.size == 0:"),
    "labels of -1 and 1 pass": (LABELS, LABELS.replace("(y == 0)", "(y == 0) | (y == -1)")),
    "labels may be probabilities": (LABELS, LABELS.replace("((y == 0) | (y == 1))", "((y >= 0) & (y <= 1))")),
}
STRICT_MISTAKES = {
    "p is subtracted from 1": (
        "np.exp(-np.maximum(log_odds, 0)) / scale",
        "1 - np.exp(np.minimum(log_odds, 0)) / scale",
    ),
    "small integers wrap around": (GRADIENT_RESIDUAL, GRADIENT_RESIDUAL.replace(", dtype=float", "")),
    "small integers wrap around in a leaf": (LEAF_RESIDUAL, LEAF_RESIDUAL.replace(", dtype=float", "")),
    "log-odds of small integers wrap around": ("    log_odds = log_odds.astype(float)\n", ""),
    "y may broadcast": (
        "if y.shape != prediction.shape:",
        "if y.size != prediction.size and 1 not in (y.size, prediction.size):",
    ),
    "delta of 0 passes": ("if not delta > 0:", "if not delta >= 0:"),
    "a delta of NaN passes": ("if not delta > 0:", "if delta <= 0:"),
}
