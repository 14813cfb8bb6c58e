import math
import statistics
from itertools import combinations

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# In the order of the table.
ANSWERS = [
    "not_finite",
    "large_start",
    "no_gradient",
    "exploding",
    "vanishing",
    "saturated",
    "lr_too_large",
    "spike",
    "tiny_updates",
    "stalled",
]
# Updates cannot be too large and tiny, and a loss cannot double and stand still.
EXCLUSIVE = {
    ("lr_too_large", "tiny_updates"),
    ("lr_too_large", "stalled"),
    ("spike", "tiny_updates"),
    ("spike", "stalled"),
}


@pytest.fixture
def healthy(rng):
    """Return a function that draws what triage gets of a training that goes well."""

    def history(n_steps=7, n_layers=4):
        losses = np.sort(rng.uniform(0.5, 1.5, size=n_steps))[::-1] + np.linspace(1.0, 0.0, n_steps)
        return (
            losses,
            rng.uniform(0.1, 1.0, size=(n_steps, n_layers)),
            10.0 ** rng.uniform(-3.5, -2.5, size=(n_steps, n_layers)),
            rng.uniform(0.0, 0.6, size=n_layers),
            float(rng.uniform(1.0, 2.0)),
        )

    return history


def spoil(history, answer, rng):
    """Change a history so that the check of an answer holds, in a way that changes no other check."""
    losses, norms, ratios, saturated, chance_loss = history
    layer = int(rng.integers(norms.shape[1]))
    if answer == "not_finite":
        where = losses if rng.random() < 0.5 else norms[0]
        where[0] = rng.choice([np.nan, np.inf])
    elif answer == "large_start":
        losses *= rng.uniform(15.0, 1e4) * chance_loss / losses[0]
    elif answer == "no_gradient":
        norms[-1 if rng.random() < 0.5 else slice(None), 1] = 0.0
    elif answer == "exploding":
        norms[0, 0] = rng.uniform(2e3, 1e5) * norms[0, -1]
    elif answer == "vanishing":
        norms[1:, 0] = 10.0 ** rng.uniform(-6.0, -4.0) * norms[1:, -1]
    elif answer == "saturated":
        saturated[layer] = rng.uniform(0.92, 1.0)
    elif answer in ("lr_too_large", "spike"):
        losses[-1] = rng.choice([3.0 * losses[0], np.inf, np.nan])
        if answer == "lr_too_large":
            ratios[:, layer] = rng.uniform(0.2, 5.0, size=len(ratios))
    else:
        losses[-1] = rng.uniform(0.992, 1.8) * losses[0]
        if answer == "tiny_updates":
            ratios[:] = 10.0 ** rng.uniform(-9.0, -6.0, size=ratios.shape)
    return history


def assert_answer(kata, history, expected):
    assert_equal(kata.triage(*history), expected)


def test_update_ratio(kata, rng):
    """The ratio of a layer is the Frobenius norm of its change over that of its weights before the step."""
    before, after = [np.array([[3.0, 0.0], [0.0, 4.0]])], [np.array([[3.0, 1.2], [-1.6, 4.0]])]
    assert_close(kata.update_ratio(before, after), [0.4])
    # Small weights and a large change.
    assert_close(kata.update_ratio([np.array([2e-3])], [np.array([0.802])]), [400.0])
    before = [rng.normal(size=shape) for shape in [(3, 4), (2, 3), (5,), (2, 3, 2)]]
    after = [weight + 10.0**-n * rng.normal(size=weight.shape) for n, weight in enumerate(before)]
    expected = []
    for old, new in zip(before, after, strict=True):
        change = sum((b - a) ** 2 for a, b in zip(old.ravel(), new.ravel(), strict=True))
        expected.append(math.sqrt(change / sum(a**2 for a in old.ravel())))
    assert_close(kata.update_ratio(before, after), expected)


def test_update_ratio_of_zeros(kata):
    """Weights of 0 that have changed have the ratio inf; those that have not have 0, and so have other weights."""
    zero, some = np.zeros((2, 2)), np.array([[1e-4, 0.0], [2.0, 1.0]])
    assert_close(kata.update_ratio([zero, zero, some], [some, zero, some]), [np.inf, 0.0, 0.0])
    # Layers of 1e-6 and steps of 1e-6 are no zeros.
    assert_close(kata.update_ratio([np.array([0.5])], [np.array([0.5000005])]), [1e-6], rtol=1e-6, atol=0.0)
    assert_close(kata.update_ratio([np.array([2e-6])], [np.array([3e-6])]), [0.5], rtol=1e-6)
    assert_close(kata.update_ratio([zero], [1e-6 * some]), [np.inf])


def test_vanishing(kata, rng):
    """The median over the steps of the first layer's norm over the last layer's is compared with the threshold."""
    norms = np.array([[2.0, 9.0, 4.0], [3.0, 0.0, 4.0], [1.0, 9.0, 1.0]])  # ratios 1/2, 3/4 and 1
    for threshold, expected in [(0.7, False), (0.8, True), (1e-3, False)]:
        assert_equal(bool(kata.detect_vanishing(norms, threshold)), expected)
    # Two ratios, 1/4 and 3/4: their median is 1/2.
    pair = np.array([[1.0, 1.0, 4.0], [3.0, 1.0, 4.0]])
    for threshold, expected in [(0.45, False), (0.55, True)]:
        assert_equal(bool(kata.detect_vanishing(pair, threshold)), expected)
    # Small norms, of ratio 2/5.
    for threshold, expected in [(0.35, False), (0.45, True)]:
        assert_equal(bool(kata.detect_vanishing(np.array([[2e-6, 1.0, 5e-6]]), threshold)), expected)
    # The default is 1e-3.
    for ratio, expected in [(9e-4, True), (1.1e-3, False), (5e-6, True)]:
        assert_equal(bool(kata.detect_vanishing(np.array([[ratio * 20.0, 20.0]]))), expected)
    for n_steps in (1, 4, 7):
        norms = 10.0 ** rng.uniform(-3.0, 0.0, size=(n_steps, 3))
        median = statistics.median(float(row[0] / row[-1]) for row in norms)
        for factor in (0.9, 1.1):
            assert_equal(bool(kata.detect_vanishing(norms, factor * median)), factor > 1)


def test_vanishing_leaves_out(kata):
    """A step does not count if a norm of any layer is not finite, or the last is 0. If none is left, it is False."""
    low, high = [1e-4, 1.0, 1.0], [1.0, 1.0, 1.0]
    for bad in (
        [np.nan, 1.0, 1.0],
        [1.0, np.inf, 1.0],
        [1.0, np.nan, 1.0],
        [1e-9, 1.0, np.inf],
        [0.0, 1.0, 0.0],
        [1.0, 1.0, 0.0],
    ):
        assert_equal(bool(kata.detect_vanishing(np.array([low, low, high, bad, bad]))), True)
        assert_equal(bool(kata.detect_vanishing(np.array([bad, high, high, bad, low, bad]))), False)
        assert_equal(bool(kata.detect_vanishing(np.array([bad, bad]))), False)
    # A first norm of 0 counts.
    assert_equal(bool(kata.detect_vanishing(np.array([[0.0, 1.0, 1.0], [0.0, 1.0, 1.0], high]))), True)


@pytest.mark.parametrize("answer", [*ANSWERS, "healthy"])
def test_causes(kata, healthy, rng, answer):
    """Each cause is found in a history that shows it and nothing else."""
    plain = (
        np.array([2.0, 1.5, 1.0]),
        np.array([[0.5, 0.2, 1.0], [0.4, 0.2, 0.9], [0.3, 0.2, 0.8]]),
        np.array([[1e-3, 2e-3, 1e-3], [1e-3, 1e-3, 2e-3], [1e-3, 1e-3, 1e-3]]),
        np.array([0.1, 0.5, 0.2]),
        1.5,
    )
    for history in (plain, *(healthy(n, k) for n, k in [(7, 4), (12, 3), (5, 6)])):
        found = history if answer == "healthy" else spoil(history, answer, rng)
        assert_answer(kata, found, answer)


def test_order(kata, healthy, rng):
    """If the checks of several causes hold, the first of the table is the answer."""
    for first, second in combinations(ANSWERS, 2):
        if (first, second) not in EXCLUSIVE:
            # The later one is laid in first: what both need, the earlier one has.
            assert_answer(kata, spoil(spoil(healthy(), second, rng), first, rng), first)
    # A training in which everything goes wrong: one cause after the other is mended.
    for place, answer in enumerate(ANSWERS[:7]):
        history = healthy()
        for other in ANSWERS[place:7][::-1]:
            history = spoil(history, other, rng)
        assert_answer(kata, history, answer)


def test_only_the_first_step(kata, healthy):
    """What is not finite, explodes or is large later on is no matter of the start."""
    losses, norms, ratios, saturated, chance_loss = healthy()
    losses[:], norms[:], ratios[:] = np.nan, np.nan, np.nan
    assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "not_finite")
    for row, value in [(3, np.nan), (4, np.inf), (-1, np.nan)]:
        losses, norms, ratios, saturated, chance_loss = healthy()
        norms[row, 2] = value
        assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "healthy")
        ratios[row] = np.nan
        losses[row] = value
        assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "spike")
    losses, norms, ratios, saturated, chance_loss = healthy()
    norms[2:, 0] = 1e5 * norms[2:, -1]
    assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "healthy")
    # Layers without a gradient at some steps, but not at the last one.
    norms[:-1, 1] = 0.0
    norms[3] = 0.0
    assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "healthy")
    # At the last step others may be NaN.
    norms[-1, [0, 1]] = np.nan, 0.0
    assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "no_gradient")
    losses, norms, ratios, saturated, chance_loss = healthy()
    losses[2] = 1e3 * chance_loss
    assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "healthy")


def test_losses(kata, healthy):
    """Diverged: some loss is not finite, or the last one is above twice the first. Stalled looks at both ends."""
    _, *rest = healthy(5)
    for values, expected in [
        ([2.0, np.nan, 1.0, 0.5, 0.4], "spike"),
        ([2.0, 1.0, np.inf, 0.5, 0.4], "spike"),
        ([2.0, 9.0, 50.0, 1.0, 0.4], "healthy"),
        ([2.0, 0.1, 0.1, 1.0, 1.9], "healthy"),
        ([2.0, 0.1, 0.1, 1.0, 1.995], "stalled"),
        ([2.0, 1.0, 1.0, 1.0, 3.9], "stalled"),
        ([2.0, 1.0, 1.0, 1.0, 4.1], "spike"),
        ([9.0, 1.0, 1.0, 1.0, 8.87], "healthy"),
        ([0.02, 1.0, 1.0, 1.0, 0.05], "spike"),
    ]:
        assert_answer(kata, (np.array(values), *rest), expected)


def test_thresholds(kata, healthy):
    """A little below each threshold the check does not hold, and a little above it does."""
    for scale in (1e-2, 1.0, 1e3):
        for factor, expected in [(950.0, "healthy"), (1050.0, "exploding")]:
            losses, norms, ratios, saturated, chance_loss = healthy()
            norms[0, 0] = factor * norms[0, -1]
            assert_answer(kata, (losses, scale * norms, ratios, saturated, chance_loss), expected)
        for ratio, expected in [(1.05e-3, "healthy"), (0.95e-3, "vanishing")]:
            losses, norms, ratios, saturated, chance_loss = healthy()
            norms[:, 0] = ratio * norms[:, -1]
            assert_answer(kata, (losses, scale * norms, ratios, saturated, chance_loss), expected)
    for factor, expected in [(9.5, "healthy"), (10.5, "large_start")]:
        losses, norms, ratios, saturated, chance_loss = healthy()
        for scale in (1e-3, 1.0, 1e3):
            scaled = scale * losses * (factor * chance_loss / losses[0])
            assert_answer(kata, (scaled, norms, ratios, saturated, scale * chance_loss), expected)
    for share, expected in [(0.89, "healthy"), (0.91, "saturated")]:
        losses, norms, ratios, saturated, chance_loss = healthy()
        saturated[1] = share
        assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), expected)
    for end, size, expected in [
        (2.1, 0.11, "lr_too_large"),
        (2.1, 0.09, "spike"),
        (1.0, 0.9e-5, "tiny_updates"),
        (1.0, 0.0, "tiny_updates"),
        (1.0, 1.1e-5, "stalled"),
        (0.995, 1.1e-5, "stalled"),
        (0.985, 0.9e-5, "healthy"),
        (0.985, 0.11, "healthy"),
    ]:
        losses, norms, ratios, saturated, chance_loss = healthy()
        losses[-1], ratios[:] = end * losses[0], size
        assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), expected)


def test_typical_ratio(kata, healthy, rng):
    """In r, the largest ratio of each step counts, and of these the median over the steps whose ratios are finite."""
    losses, norms, _, saturated, chance_loss = healthy(5, 3)
    for ends, below, above, threshold in [(3.0, "spike", "lr_too_large", 0.1), (1.0, "tiny_updates", "stalled", 1e-5)]:
        losses[-1] = ends * losses[0]
        for n_large, expected in [(0, below), (2, below), (3, above), (5, above)]:
            ratios = threshold * rng.uniform(0.1, 0.8, size=(5, 3))
            for row in rng.permutation(5)[:n_large]:
                ratios[row, rng.integers(3)] = threshold * 50.0
            assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), expected)
        # Only the first two steps are finite.
        for two, others, expected in [(0.5, 50.0, below), (50.0, 0.5, above)]:
            ratios = threshold * two * rng.uniform(0.5, 1.0, size=(5, 3))
            ratios[2:] *= others / two
            ratios[2, 1], ratios[3, 0], ratios[4, 1] = np.nan, np.inf, np.inf
            assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), expected)
        # Of four steps the median is the mean of the two in the middle: 1.2 or 0.8 times the threshold.
        for middle, expected in [((0.6, 1.8), above), ((0.2, 1.4), below)]:
            ratios = threshold * np.array([[0.1, *middle, 9.0, np.nan]]).T * np.array([1.0, 0.5, 0.1])
            assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), expected)


@strict
def test_at_thresholds(kata, healthy):
    """At a threshold itself no check holds."""
    losses, norms, ratios, saturated, chance_loss = healthy()
    norms[0, [0, -1]] = 1000.0, 1.0
    norms[1:, 0], norms[1:, -1] = 1e-3, 1.0
    saturated[:] = 0.9
    assert_equal(bool(kata.detect_vanishing(norms[1:])), False)
    chance_loss = 1.0
    for start, end, size, expected in [
        (1.5, 3.0, 0.5, "stalled"),
        (1.5, 3.5, 0.1, "spike"),
        (2.0, 2.0, 1e-5, "stalled"),
    ]:
        losses[0], losses[-1], ratios[:] = start, end, size
        assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), expected)
    losses[0], losses[-1] = 1.0, 0.99
    assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "healthy")
    losses[0] = 10.0
    assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "healthy")
    norms[0, 0] = 1000.5
    assert_answer(kata, (losses, norms, ratios, saturated, chance_loss), "exploding")


@strict
def test_integers(kata, healthy):
    """Arrays may hold integers: nothing is truncated, and no difference wraps around."""
    before, after = [np.array([3, 4]), np.array([[200]])], [np.array([3, 3]), np.array([[100]])]
    assert_close(kata.update_ratio(before, after), [0.2, 0.5])
    small = np.array([200, 0], dtype=np.uint8), np.array([199, 20], dtype=np.uint8)
    assert_close(kata.update_ratio([small[0]], [small[1]]), [math.sqrt(401) / 200])
    assert_equal(bool(kata.detect_vanishing(np.array([[1, 5, 2000], [1, 5, 3000]]))), True)
    _, norms, ratios, saturated, _ = healthy(3)
    assert_answer(kata, (np.array([100, 60, 99]), norms, ratios, saturated, 50), "healthy")
    assert_answer(kata, (np.array([100, 60, 201]), norms, ratios, saturated, 50), "spike")
    assert_answer(kata, (np.array([100, 60, 201]), norms, np.ones((3, 4), dtype=int), 0 * norms[0], 50), "lr_too_large")
    losses, norms = np.array([200, 250, 255], dtype=np.uint8), np.full((3, 4), 100, dtype=np.uint8)
    assert_answer(kata, (losses, norms, ratios, saturated, 50), "stalled")


def workload(kata, rng, n):
    """Triage n histories, some of which have several causes; and the ratios of a few layers."""
    answers, flags = [], []
    for _ in range(n):
        n_steps, n_layers = int(rng.integers(3, 9)), int(rng.integers(2, 5))
        losses = np.sort(rng.uniform(0.5, 2.5, size=n_steps))[::-1].copy()
        norms = 10.0 ** rng.uniform(-1.0, 0.0, size=(n_steps, n_layers))
        ratios = 10.0 ** rng.uniform(-4.0, -2.0, size=(n_steps, n_layers))
        history = losses, norms, ratios, rng.uniform(0.0, 0.85, size=n_layers), float(rng.uniform(1.0, 2.0))
        for answer in rng.choice(ANSWERS, size=int(rng.integers(3)), replace=False):
            spoil(history, answer, rng)
        norms[1:][rng.random(n_steps - 1) < 0.1] = np.nan
        ratios[1:][rng.random(n_steps - 1) < 0.1] = np.inf
        answers.append(kata.triage(*history))
        flags += [kata.detect_vanishing(norms), kata.detect_vanishing(norms, 0.5)]
    before = [rng.normal(size=shape) for shape in [(n, 3), (3,), (2, 2)]]
    after = [weight + rng.choice([0.0, 1e-3]) * rng.normal(size=weight.shape) for weight in before]
    before.append(np.zeros(3))
    return answers, flags, kata.update_ratio(before, [*after, rng.choice([0.0, 1.0]) * np.ones(3)])


CHANGE = "size, change = float(np.linalg.norm(old)), float(np.linalg.norm(np.subtract(new, old, dtype=float)))"
RATIO = (
    "        if change == 0:\n            ratios.append(0.0)\n        else:\n"
    "            ratios.append(change / size if size > 0 else math.inf)\n"
)
USABLE = "usable = np.isfinite(grad_norms).all(axis=1) & (grad_norms[:, -1] > 0)"
RATIOS = "ratios = grad_norms[usable, 0] / grad_norms[usable, -1]"
MEDIAN = "return len(ratios) > 0 and statistics.median(ratios.tolist()) < threshold"
DIVERGED = "diverged = not np.isfinite(losses).all() or losses[-1] > 2.0 * losses[0]"
STALLED = "stalled = losses[-1] > 0.99 * losses[0]"
STEPS = "steps = update_ratios[np.isfinite(update_ratios).all(axis=1)]"
TYPICAL = "typical = statistics.median(steps.max(axis=1).tolist()) if len(steps) else math.nan"
START = '"not_finite": not (np.isfinite(losses[0]) and np.isfinite(grad_norms[0]).all())'
EXPLODING = '"exploding": grad_norms[0, 0] > 1000.0 * grad_norms[0, -1]'
LARGE_START = '"large_start": losses[0] > 10 * chance_loss'
NO_GRADIENT = '"no_gradient": (grad_norms[-1] == 0).any()'
SATURATED = '"saturated": (saturated > 0.9).any()'
TOO_LARGE = '"lr_too_large": diverged and typical > 0.1'
TOO_SMALL = '"tiny_updates": stalled and typical < 1e-5'


def swapped(first, second):
    """Return the edit that swaps two neighbouring checks."""
    return f"{first},\n        {second},\n", f"{second},\n        {first},\n"


MISTAKES = {
    "relative to the weights after": (CHANGE, CHANGE.replace("norm(old)", "norm(new)")),
    "the change of the norm": (
        CHANGE,
        "size, change = np.linalg.norm(old), abs(np.linalg.norm(new) - np.linalg.norm(old))",
    ),
    "spectral norms": (
        CHANGE,
        "size, change = (np.linalg.norm(each, 2 if old.ndim == 2 else None) for each in (old, new - old))",
    ),
    "the largest change": (CHANGE, "size, change = np.abs(old).max(), np.abs(new - old).max()"),
    "root mean squares of one of the two": (
        CHANGE,
        "size, change = np.linalg.norm(old), np.sqrt(np.mean((new - old) ** 2))",
    ),
    "the mean of the entries' ratios": (
        RATIO,
        "        ratios.append(np.mean(np.abs(new - old) / np.maximum(np.abs(old), 1e-300)))\n",
    ),
    "squares of the norms": (CHANGE, "size, change = np.sum(old**2), np.sum((new - old) ** 2)"),
    "an eps beside the weights' norm": (RATIO, "        ratios.append(change / (size + 1e-8))\n"),
    "weights of 0 have the ratio 0": (RATIO, RATIO.replace("math.inf", "0.0")),
    "weights of 0 have the ratio inf in any case": (
        RATIO,
        RATIO.replace("        if change == 0:\n", "        if change == 0 and size > 0:\n"),
    ),
    "0 over 0 is NaN": (RATIO, "        ratios.append(np.divide(change, size))\n"),
    "one ratio for all layers": (
        "    return np.array(ratios)\n\n\ndef detect",
        "    return np.full(len(ratios), max(ratios))\n\n\ndef detect",
    ),
    "last layer over first": (RATIOS, "ratios = grad_norms[usable, -1] / np.maximum(grad_norms[usable, 0], 1e-300)"),
    "the smallest layer for the first": (RATIOS, "ratios = grad_norms[usable].min(axis=1) / grad_norms[usable, -1]"),
    "over the largest layer": (RATIOS, "ratios = grad_norms[usable, 0] / grad_norms[usable].max(axis=1)"),
    "over the second layer": (RATIOS, "ratios = grad_norms[usable, 0] / grad_norms[usable, 1]"),
    "the first norm itself": (RATIOS, "ratios = grad_norms[usable, 0]"),
    "the mean over the steps": (MEDIAN, MEDIAN.replace("statistics.median", "statistics.mean")),
    "the smallest over the steps": (MEDIAN, MEDIAN.replace("statistics.median", "min")),
    "the first step alone": (MEDIAN, MEDIAN.replace("statistics.median(ratios.tolist())", "ratios[0]")),
    "the last step alone": (MEDIAN, MEDIAN.replace("statistics.median(ratios.tolist())", "ratios[-1]")),
    "the upper of two in the middle": (
        MEDIAN,
        MEDIAN.replace("statistics.median(ratios.tolist())", "np.sort(ratios)[len(ratios) // 2]"),
    ),
    "the lower of two in the middle": (
        MEDIAN,
        MEDIAN.replace("statistics.median(ratios.tolist())", "np.sort(ratios)[(len(ratios) - 1) // 2]"),
    ),
    "the ratio of the medians": (
        MEDIAN,
        MEDIAN.replace(
            "statistics.median(ratios.tolist())", "np.median(grad_norms[usable, 0]) / np.median(grad_norms[usable, -1])"
        ),
    ),
    "threshold fixed at its default": (MEDIAN, MEDIAN.replace("< threshold", "< 1e-3")),
    "NaN and infinity count": (USABLE, "usable = grad_norms[:, -1] > 0"),
    "only NaN is left out": (
        USABLE,
        USABLE.replace("np.isfinite(grad_norms).all(axis=1)", "~np.isnan(grad_norms).any(axis=1)"),
    ),
    "only the two layers have to be finite": (
        USABLE,
        USABLE.replace("np.isfinite(grad_norms).all(axis=1)", "np.isfinite(grad_norms[:, [0, -1]]).all(axis=1)"),
    ),
    "a last norm of 0 counts": (USABLE, "usable = np.isfinite(grad_norms).all(axis=1)"),
    "a first norm of 0 does not count": (USABLE, USABLE + " & (grad_norms[:, 0] > 0)"),
    "True if no step is left": (MEDIAN, "return not len(ratios) or statistics.median(ratios.tolist()) < threshold"),
    "not_finite looks at all steps": (
        START,
        '"not_finite": not (np.isfinite(losses).all() and np.isfinite(grad_norms).all())',
    ),
    "not_finite forgets the gradients": (START, '"not_finite": not np.isfinite(losses[0])'),
    "not_finite forgets the loss": (START, '"not_finite": not np.isfinite(grad_norms[0]).all()'),
    "not_finite looks for NaN alone": (START, '"not_finite": np.isnan(losses[0]) or np.isnan(grad_norms[0]).any()'),
    "large_start at any step": (LARGE_START, '"large_start": losses.max() > 10 * chance_loss'),
    "large_start by absolute size": (LARGE_START, '"large_start": losses[0] > 10'),
    "large_start above chance": (LARGE_START, '"large_start": losses[0] > chance_loss'),
    "no_gradient at the first step": (NO_GRADIENT, '"no_gradient": (grad_norms[0] == 0).any()'),
    "no_gradient at any step": (NO_GRADIENT, '"no_gradient": (grad_norms == 0).any()'),
    "no_gradient for all layers": (NO_GRADIENT, '"no_gradient": (grad_norms[-1] == 0).all()'),
    "no_gradient at all steps": (NO_GRADIENT, '"no_gradient": (grad_norms == 0).all(axis=0).any()'),
    "exploding the wrong way round": (EXPLODING, '"exploding": grad_norms[0, -1] > 1000 * grad_norms[0, 0]'),
    "exploding at any step": (EXPLODING, '"exploding": (grad_norms[:, 0] > 1000 * grad_norms[:, -1]).any()'),
    "exploding by absolute size": (EXPLODING, '"exploding": grad_norms[0, 0] > 1000'),
    "saturated on average": (SATURATED, '"saturated": saturated.mean() > 0.9'),
    "saturated in all layers": (SATURATED, '"saturated": (saturated > 0.9).all()'),
    "NaN is not noticed": (DIVERGED, "diverged = losses[-1] > 2 * losses[0]"),
    "only NaN is noticed": (DIVERGED, DIVERGED.replace("not np.isfinite(losses).all()", "np.isnan(losses).any()")),
    "only the last loss is looked at": (
        DIVERGED,
        DIVERGED.replace("np.isfinite(losses).all()", "np.isfinite(losses[-1])"),
    ),
    "any loss above twice the first": (DIVERGED, DIVERGED.replace("losses[-1] >", "losses.max() >")),
    "the last loss above twice the smallest": (DIVERGED, DIVERGED.replace("2.0 * losses[0]", "2 * losses.min()")),
    "diverged above the first loss": (DIVERGED, DIVERGED.replace("2.0 * losses[0]", "losses[0]")),
    "stalled by the best loss": (STALLED, STALLED.replace("losses[-1]", "losses.min()")),
    "stalled by a fixed difference": (STALLED, "stalled = losses[0] - losses[-1] < 0.01"),
    "stalled if the last two are alike": (STALLED, "stalled = losses[-1] > 0.99 * losses[-2]"),
    "the mean ratio of the layers": (TYPICAL, TYPICAL.replace("steps.max(axis=1)", "steps.mean(axis=1)")),
    "the median of all ratios": (TYPICAL, TYPICAL.replace("steps.max(axis=1)", "steps.ravel()")),
    "the largest ratio of all": (
        TYPICAL,
        TYPICAL.replace("statistics.median(steps.max(axis=1).tolist())", "steps.max()"),
    ),
    "the ratio of the first step": (
        TYPICAL,
        TYPICAL.replace("statistics.median(steps.max(axis=1).tolist())", "steps[0].max()"),
    ),
    "the mean over the steps' ratios": (TYPICAL, TYPICAL.replace("statistics.median", "statistics.mean")),
    "the upper of the two middle ratios in r": (TYPICAL, TYPICAL.replace("median(", "median_high(")),
    "the lower of the two middle ratios in r": (TYPICAL, TYPICAL.replace("median(", "median_low(")),
    "the median over the steps first": (
        TYPICAL,
        TYPICAL.replace("statistics.median(steps.max(axis=1).tolist())", "np.median(steps, axis=0).max()"),
    ),
    "ratios that are not finite count": (STEPS, "steps = update_ratios"),
    "ratios that are NaN do not count, infinite ones do": (
        STEPS,
        "steps = update_ratios[~np.isnan(update_ratios).any(axis=1)]",
    ),
    "vanishing before exploding": swapped(EXPLODING, '"vanishing": detect_vanishing(grad_norms)'),
    "saturated before vanishing": swapped('"vanishing": detect_vanishing(grad_norms)', SATURATED),
    "exploding before no_gradient": swapped(NO_GRADIENT, EXPLODING),
    "no_gradient before large_start": swapped(LARGE_START, NO_GRADIENT),
    "large_start before not_finite": swapped(START, LARGE_START),
    "the learning rate before the units": swapped(SATURATED, TOO_LARGE),
    "spike before the learning rate": swapped(TOO_LARGE, '"spike": diverged'),
    "stalled before the learning rate": swapped(TOO_SMALL, '"stalled": stalled'),
    "the learning rate without the loss": (TOO_LARGE, '"lr_too_large": typical > 0.1'),
    "a small learning rate without the loss": (TOO_SMALL, '"tiny_updates": typical < 1e-5'),
}

STRICT_MISTAKES = {
    "twice the first loss wraps around": (DIVERGED, DIVERGED.replace("2.0", "2")),
    "vanishing at the threshold": (MEDIAN, MEDIAN.replace("<", "<=")),
    "exploding at the threshold": (EXPLODING, EXPLODING.replace(">", ">=")),
    "saturated at the threshold": (SATURATED, SATURATED.replace(">", ">=")),
    "changes wrap around": (
        CHANGE,
        CHANGE.replace(", dtype=float", ""),
    ),
}
