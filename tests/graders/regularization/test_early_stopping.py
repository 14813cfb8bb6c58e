import numpy as np
import pytest

from katagrad.testing import assert_equal, strict

# All losses are multiples of a power of two, so that a comparison never depends on rounding.


def defined(losses, patience, min_delta=0.0):
    """Return the best epoch after each epoch, the first stop among them, and the best epoch at that time."""
    best = [0]
    for epoch in range(1, len(losses)):
        improves = losses[epoch] < losses[best[-1]] - min_delta
        best.append(epoch if improves else best[-1])
    stops = [epoch for epoch, at in enumerate(best) if epoch - at >= patience]
    return (stops[0], best[stops[0]]) if stops else (None, best[-1])


def assert_stops(kata, losses, patience, expected, **options):
    assert_equal(kata.early_stopping(np.array(losses), patience, **options), expected)


def test_patience(kata):
    """Training stops after as many epochs without an improvement as patience says; later losses are not seen."""
    assert_stops(kata, [3.0, 2.0, 2.5, 2.25, 1.0], 2, (3, 1))
    losses = [9.0, 7.0, 8.0, 6.0, 6.5, 7.0, 5.0, 6.0, 5.5, 5.25, 8.0, 1.0, 2.0]
    for patience, expected in [(1, (2, 1)), (2, (5, 3)), (3, (9, 6)), (4, (10, 6)), (5, (None, 11))]:
        assert_stops(kata, losses, patience, expected)


def test_run_to_the_end(kata):
    """stop_epoch is None if the losses end first; a stop after the very last epoch is a stop."""
    assert_stops(kata, [3.0, 2.0, 2.5], 2, (None, 1))
    assert_stops(kata, [3.0, 2.0, 2.5, 2.25], 2, (3, 1))
    assert_stops(kata, [4.0, 3.0, 2.0, 1.0], 1, (None, 3))
    assert_stops(kata, [2.0, 3.0], 1, (1, 0))
    assert_stops(kata, [2.0, 3.0, 4.0], 100, (None, 0))
    for patience in (1, 2):
        assert_stops(kata, [2.0], patience, (None, 0))


def test_first_epoch(kata):
    """Epoch 0 is the first best one, however large its loss is, and patience counts from it."""
    assert_stops(kata, [2.0, 3.0, 4.0, 1.0], 2, (2, 0))
    assert_stops(kata, [5e5, 6e5, 7e5, 6e5], 3, (3, 0))
    assert_stops(kata, [1.0, 2.0, 0.5, 3.0, 4.0], 1, (1, 0))


def test_best_of_all(kata):
    """A loss has to be below the best so far: to be below the one before is no improvement."""
    assert_stops(kata, [4.0, 1.0, 3.0, 2.5, 2.0, 1.5], 3, (4, 1))
    # It rises all the time, or by turns: only the best counts.
    assert_stops(kata, [4.0, 5.0, 3.0, 4.0, 2.0, 3.0, 1.0, 2.0], 2, (None, 6))
    assert_stops(kata, [4.0, 1.0, 3.0, 2.0, 5.0, 2.0, 6.0], 5, (6, 1))


def test_equal_losses(kata):
    """A loss that equals the best one is no improvement, and the best epoch stays the first of them."""
    assert_stops(kata, [2.0, 1.0, 1.0, 1.0, 0.5], 2, (3, 1))
    assert_stops(kata, [0.0, 0.0, 0.0], 2, (2, 0))
    assert_stops(kata, [3.0, 3.0, 3.0, 3.0, 3.0], 4, (4, 0))
    assert_stops(kata, [3.0, 1.0, 2.0, 1.0, 2.0], 5, (None, 1))


def test_min_delta(kata):
    """An improvement is by more than min_delta, an absolute amount: by exactly that is not enough."""
    assert_stops(kata, [2.0, 1.5, 1.25, 0.5, 0.25], 2, (None, 3), min_delta=0.5)
    assert_stops(kata, [2.0, 1.5, 1.0, 0.75], 2, (2, 0), min_delta=1.0)
    assert_stops(kata, [2.0, 1.5, 1.375, 1.0], 1, (1, 0), min_delta=0.5)
    assert_stops(kata, [2.0, 1.375, 1.0, 0.5], 2, (None, 2), min_delta=0.875)
    assert_stops(kata, [64.0, 55.0, 40.0, 32.0], 1, (3, 2), min_delta=8.0)


def test_small_steps_add_up(kata):
    """Losses are compared with the last best one that counted: steps of less than min_delta add up."""
    assert_stops(kata, [2.0, 1.75, 1.5, 1.25, 1.0, 0.75], 3, (None, 3), min_delta=0.5)
    # The lowest loss is not the best one, as it does not improve by more than min_delta.
    assert_stops(kata, [2.0, 1.0, 0.75, 0.875, 0.5, 0.25], 3, (4, 1), min_delta=0.5)


def test_any_size(kata):
    """Losses may be negative or 0, and improvements may be tiny beside the loss or by themselves."""
    assert_stops(kata, [1.0, 0.0, -1.0, -1.0, -0.5], 2, (4, 2))
    assert_stops(kata, [-1.0, -3.0, -2.0, -3.25, -2.0], 2, (None, 3))
    assert_stops(kata, [-8.0, -8.25, -9.0, -9.25, -9.125], 2, (4, 2), min_delta=0.5)
    tiny = 2.0**-20
    assert_stops(kata, [5 * tiny, 4 * tiny, 3 * tiny, 2 * tiny], 1, (None, 3))
    assert_stops(kata, [5 * tiny, 4 * tiny, 2 * tiny, 1.5 * tiny], 1, (1, 0), min_delta=tiny)
    assert_stops(kata, [1e6, 1e6 - 0.125, 1e6 - 0.25, 1e6 - 0.375], 1, (None, 3))
    assert_stops(kata, [1e6, 1e6 - 0.25, 1e6 - 0.375, 1e6 - 0.5], 2, (None, 3), min_delta=0.1875)


def test_definition(kata, rng):
    """All of it on random losses, with plateaus, for many values of patience and min_delta."""
    assert_stops(kata, [2.0, 1.0, 1.5, 0.75, 0.5], 2, (3, 1), min_delta=0.25)
    for _ in range(8):
        n = int(rng.integers(1, 40))
        losses = rng.integers(0, 12, size=n) / 4 - np.arange(n) // rng.integers(2, 9) / 8
        for patience in (1, 2, 4, int(rng.integers(1, 12))):
            for min_delta in (0.0, 0.125, 0.25, 1.0):
                answer = kata.early_stopping(losses, patience, min_delta)
                assert_equal(answer, defined(losses, patience, min_delta))


@strict
def test_nan(kata):
    """NaN is never an improvement, and any number improves on a NaN of epoch 0."""
    nan = np.nan
    assert_stops(kata, [2.0, nan, nan, 1.0], 2, (2, 0))
    assert_stops(kata, [2.0, nan, 1.0, nan, nan], 2, (4, 2))
    assert_stops(kata, [nan, 3.0, 2.0, 2.5], 3, (None, 2))
    assert_stops(kata, [nan, nan, 5.0, 6.0, 7.0], 3, (None, 2), min_delta=0.5)
    assert_stops(kata, [nan, nan, nan, 1.0], 2, (2, 0))


@strict
@pytest.mark.parametrize(
    ("losses", "patience", "min_delta"), [([1.0, 2.0], 0, 0.0), ([1.0, 2.0], -1, 0.0), ([1.0], 1, -0.5), ([], 1, 0.0)]
)
def test_bad_input(kata, losses, patience, min_delta):
    """No losses, a patience below 1 and a negative min_delta raise ValueError."""
    with pytest.raises(ValueError):
        kata.early_stopping(np.array(losses), patience, min_delta)


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8, int])
def test_kinds(kata, kind):
    """Losses may be integers of any type: nothing wraps around."""
    assert_stops(kata, np.array([2, 1, 0, 0, 1]).astype(kind), 2, (4, 2))
    assert_stops(kata, np.array([2, 1, 3, 1]).astype(kind), 2, (2, 0), min_delta=3.0)


def workload(kata, rng, n):
    """Losses that fall and rise again, noisy and rounded, so that some are equal."""
    losses = np.round((np.arange(n) / n - 0.6) ** 2 * 4 + 0.1 * rng.normal(size=n), 1)
    return [
        kata.early_stopping(losses, patience, min_delta) for patience in (1, 2, 4, n // 2) for min_delta in (0.0, 0.25)
    ]


BETTER = "if loss < best - min_delta:"
LATE = "elif epoch - best_epoch >= patience:"
BEST = "            best_epoch, best = epoch, loss\n"
STOP = "return EarlyStopping(epoch, best_epoch)"
START = "best_epoch, best = 0, math.inf"
END = "return EarlyStopping(None, best_epoch)"
MISTAKES = {
    "an equal loss is an improvement": (BETTER, "if loss <= best - min_delta:"),
    "min_delta is added": (BETTER, "if loss < best + min_delta:"),
    "min_delta is ignored": (BETTER, "if loss < best:"),
    "min_delta is a share of the best loss": (BETTER, "if loss < (best - min_delta * best if epoch else best):"),
    "a change in either direction is an improvement": (BETTER, "if abs(loss - best) > min_delta:"),
    "a higher loss is better": [(BETTER, "if loss > best + min_delta:"), (START, "best_epoch, best = 0, -math.inf")],
    "a slack for rounding": (BETTER, "if loss < best - max(min_delta, 1e-6):"),
    "a slack relative to the loss": (BETTER, "if loss < best - min_delta and not np.isclose(loss, best):"),
    "one epoch more of patience": (LATE, "elif epoch - best_epoch > patience:"),
    "one epoch less of patience": (LATE, "elif epoch - best_epoch >= patience - 1:"),
    "compared with the loss before": (
        LATE,
        "elif (best := loss) is not None and epoch - best_epoch >= patience:",
    ),
    "compared with the lowest loss so far": (
        LATE,
        "elif (best := min(best, loss)) < math.inf and epoch - best_epoch >= patience:",
    ),
    "the lowest loss counts as the best epoch": (
        STOP,
        "return EarlyStopping(epoch, int(np.argmin(losses[: epoch + 1])))",
    ),
    "the best epoch of all losses": (STOP, "return EarlyStopping(epoch, int(np.argmin(losses)))"),
    "the last of equal losses is the best": (
        STOP,
        "return EarlyStopping(epoch, max(t for t in range(epoch) if losses[t] == best))",
    ),
    "the last epoch is the best": (STOP, "return EarlyStopping(epoch, epoch)"),
    "the stop is counted from 1": (STOP, "return EarlyStopping(epoch + 1, best_epoch)"),
    "the epoch that never ran": (LATE, "elif epoch - best_epoch >= patience and epoch + 1 < len(losses):"),
    "the best loss instead of the epoch": (STOP, "return EarlyStopping(epoch, int(best))"),
    "the end is a stop": (END, "return EarlyStopping(len(losses) - 1, best_epoch)"),
    "no stop is -1": (END, "return EarlyStopping(-1, best_epoch)"),
    "without a stop the last epoch is the best": (END, "return EarlyStopping(None, len(losses) - 1)"),
    "the count is never reset": [
        (START, "best_epoch, best, wait = 0, math.inf, 0"),
        (LATE, "elif (wait := wait + 1) >= patience:"),
    ],
    "the first epoch does not count": (
        "for epoch, loss in enumerate(losses.tolist()):",
        "for epoch, loss in enumerate(losses.tolist()[1:], 1):",
    ),
    "the best loss begins at 0": (START, "best_epoch, best = 0, 0.0"),
    "the best loss begins at 1000": (START, "best_epoch, best = 0, 1000.0"),
    "the best loss is not kept": (BEST, "            best_epoch = epoch\n"),
    "stops at the first rise": (LATE, "elif loss > losses[epoch - 1] or epoch - best_epoch >= patience:"),
}

STRICT_MISTAKES = {
    "a NaN at first is never beaten": (START, "best_epoch, best = 0, float(losses[0])"),
    "a NaN is an improvement": (BETTER, "if not loss >= best - min_delta:"),
    "a patience of 0 passes": ("patience >= 1", "patience >= 0"),
    "a negative min_delta passes": (" and min_delta >= 0", ""),
    "no losses pass": ("len(losses) and ", ""),
    "bytes wrap around": (
        "enumerate(losses.tolist()):\n        if loss < best - min_delta:",
        "enumerate(losses):\n        if epoch == 0 or best - loss > min_delta:",
    ),
}
