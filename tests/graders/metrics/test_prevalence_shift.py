import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, strict


@pytest.fixture
def counts(rng):
    """Six populations: positives, negatives, true and false positives, where 7 calls of 10 are right."""
    times = rng.integers(1, 9, size=6)
    tp, fp = 7 * times, 3 * times
    return tp + rng.integers(0, 30, size=6), fp + rng.integers(1, 900, size=6), tp, fp


def test_precision(kata, rng):
    """Precision is the share of all that is called positive that is positive."""
    # Of 1,000 there are 100 positives: 80 are called, and 90 of the 900 negatives.
    assert_close(kata.precision_at_prevalence(np.array([0.8]), np.array([0.1]), 0.1), [80 / 170])
    for n_pos, n_neg in [(100, 900), (30, 20), (7, 993)]:
        tp, fp = rng.integers(1, n_pos + 1, size=5), rng.integers(0, n_neg + 1, size=5)
        ours = kata.precision_at_prevalence(tp / n_pos, fp / n_neg, n_pos / (n_pos + n_neg))
        assert_close(ours, tp / (tp + fp))


def test_other_prevalence(kata):
    """The same point has another precision at another prevalence, and one below the prevalence if tpr < fpr."""
    tpr, fpr = np.array([0.8, 0.2, 0.3]), np.array([0.1, 0.6, 0.3])
    assert_close(kata.precision_at_prevalence(tpr, fpr, 0.5), [8 / 9, 1 / 4, 1 / 2])
    assert_close(kata.precision_at_prevalence(tpr, fpr, 0.75), [24 / 25, 1 / 2, 3 / 4])
    assert_close(kata.precision_at_prevalence(tpr, fpr, 0.01), [8 / 107, 2 / 596, 1 / 100])


def test_shape(kata):
    """The answer has the shape of the rates: one point, several or none, or a table of them."""
    tpr, fpr = np.array([[0.2, 0.5, 0.9], [0.4, 0.6, 1.0]]), np.array([[0.1, 0.1, 0.3], [0.6, 0.4, 1.0]])
    precision = np.array([[2 / 5, 5 / 8, 1 / 2], [2 / 11, 1 / 3, 1 / 4]])
    prevalence = np.array([[3 / 5, 3 / 8, 1 / 2], [9 / 11, 2 / 3, 3 / 4]])
    for part in (np.s_[:1, 0], np.s_[0], np.s_[:], np.s_[:, :1], np.s_[:0, 0]):
        assert_close(kata.precision_at_prevalence(tpr[part], fpr[part], 0.25), precision[part])
        assert_close(kata.prevalence_for_precision(tpr[part], fpr[part], 0.75), prevalence[part])


def test_nothing_called(kata):
    """If nothing is called positive, the precision is 1: both rates are 0, or one is and its class is all there is."""
    zero = np.array([0.0])
    for prevalence in (0.3, 0.0, 1.0):
        assert_close(kata.precision_at_prevalence(zero, zero, prevalence), [1.0])
    # One point of a table.
    tpr, fpr = np.array([[0.0, 0.75], [0.75, 0.0]]), np.array([[0.0, 0.25], [0.25, 0.0]])
    assert_close(kata.precision_at_prevalence(tpr, fpr, 0.1), [[1.0, 0.25], [0.25, 1.0]])
    assert_close(kata.prevalence_for_precision(tpr, fpr, 0.75), [[0.0, 0.5], [0.5, 0.0]])
    tpr, fpr = np.array([0.0, 0.4, 0.0, 1.0, 0.0]), np.array([0.0, 0.0, 0.5, 0.5, 1e-6])
    assert_close(kata.precision_at_prevalence(tpr, fpr, 0.0), [1.0, 1.0, 0.0, 0.0, 0.0])
    assert_close(kata.precision_at_prevalence(tpr, fpr, 1.0), [1.0, 1.0, 1.0, 1.0, 1.0])
    assert_close(kata.precision_at_prevalence(tpr, fpr, 0.2), [1.0, 1.0, 0.0, 1 / 3, 0.0])


def test_rare(kata):
    """Small rates and a small prevalence are not 0."""
    tpr, fpr = np.array([1e-6, 3e-6, 1.0, 0.5]), np.array([1e-6, 1e-6, 1e-6, 1.0])
    assert_close(kata.precision_at_prevalence(tpr, fpr, 0.25), [1 / 4, 1 / 2, 1 / (1 + 3e-6), 1 / 7])
    rare = kata.precision_at_prevalence(tpr, fpr, 1e-6)
    assert_close(rare, [1e-6, 3e-6 / (1 + 2e-6), 1 / (2 - 1e-6), 0.5e-6 / (1 - 0.5e-6)], atol=0)
    assert_close(kata.precision_at_prevalence(np.array([2e-6, 0.0]), np.array([0.0, 2e-6]), 1e-6), [1.0, 0.0])
    # Very few calls, and all of them are wrong.
    few = kata.precision_at_prevalence(np.array([0.0, 1.0]), np.array([1e-6, 1e-6]), 0.999999)
    assert_close(few, [0.0, 1.0], atol=1e-11)
    needed = kata.prevalence_for_precision(tpr, fpr, 0.5)
    assert_close(needed, [1 / 2, 1 / 4, 1 / (1 + 1e6), 2 / 3], atol=0)
    needed = kata.prevalence_for_precision(tpr, fpr, 1e-6)
    assert_close(needed, [1e-6, 1e-6 / (3 - 2e-6), 1e-12 / (1 - 1e-6 + 1e-12), 2e-6 / (1 + 1e-6)], rtol=1e-6, atol=0)


def test_needed_prevalence(kata, counts):
    """The needed prevalence is the one at which the point has just that precision."""
    # Of 1,000 there are 750 positives: 562.5 are called, and 62.5 of the 250 negatives. That is 9 in 10.
    assert_close(kata.prevalence_for_precision(np.array([0.75]), np.array([0.25]), 0.9), [0.75])
    # Worse than chance: the prevalence is above the precision.
    assert_close(kata.prevalence_for_precision(np.array([0.2, 0.5]), np.array([0.6, 0.5]), 0.25), [0.5, 0.25])
    n_pos, n_neg, tp, fp = counts
    assert_close(kata.prevalence_for_precision(tp / n_pos, fp / n_neg, 0.7), n_pos / (n_pos + n_neg))


def test_any_prevalence_will_do(kata):
    """The needed prevalence is 0 if the precision is enough at any prevalence: fpr is 0, or the precision asked for."""
    assert_close(kata.prevalence_for_precision(np.array([0.5, 0.0]), np.array([0.0, 0.0]), 0.9), [0.0, 0.0])
    tpr, fpr = np.array([0.5, 0.0, 0.0, 1.0]), np.array([0.0, 0.0, 0.5, 1.0])
    assert_close(kata.prevalence_for_precision(tpr, fpr, 0.0), [0.0, 0.0, 0.0, 0.0])
    assert_close(kata.prevalence_for_precision(tpr, fpr, 1.0)[:2], [0.0, 0.0])


def test_no_negatives(kata):
    """The needed prevalence is 1 if only data without negatives has the precision: it is to be 1, or tpr is 0."""
    assert_close(kata.prevalence_for_precision(np.array([0.5, 0.0]), np.array([0.25, 0.25]), 1.0), [1.0, 1.0])
    for precision in (1e-6, 0.3, 0.9, 1.0):
        needed = kata.prevalence_for_precision(np.array([0.0, 0.0, 0.0]), np.array([0.25, 1.0, 1e-6]), precision)
        assert_close(needed, [1.0, 1.0, 1.0])


@strict
def test_bad_input(kata):
    """Another shape, and a rate, prevalence or precision that is NaN or not from 0 to 1, raise ValueError."""
    fine = np.array([0.5, 0.25])
    for function in (kata.precision_at_prevalence, kata.prevalence_for_precision):
        for other in (np.array([0.5]), np.array([0.5, 0.25, 0.1]), fine[:, np.newaxis]):
            for rates in ((fine, other), (other, fine)):
                with pytest.raises(ValueError):
                    function(*rates, 0.5)
        for bad in (-0.01, 1.01, np.nan, 30.0):
            rate = np.array([0.5, bad])
            for tpr, fpr, share in [(fine, fine, bad), (rate, fine, 0.5), (fine, rate, 0.5)]:
                with pytest.raises(ValueError):
                    function(tpr, fpr, share)


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8, int])
def test_whole_rates(kata, kind):
    """Rates may be integers, and the answer is not cut to an integer."""
    tpr, fpr = np.array([1, 1, 0, 0], dtype=kind), np.array([1, 0, 1, 0], dtype=kind)
    assert_close(kata.precision_at_prevalence(tpr, fpr, 0.25), [0.25, 1.0, 0.0, 1.0])
    assert_close(kata.prevalence_for_precision(tpr, fpr, 0.25), [0.25, 0.0, 1.0, 0.0])
    for share in (0, 1):
        assert_close(kata.precision_at_prevalence(tpr, fpr, share), [float(share), 1.0, float(share), 1.0])
        assert_close(kata.prevalence_for_precision(tpr, fpr, share), [float(share), 0.0, float(share), 0.0])


def workload(kata, rng, n):
    """Points of a curve of n thresholds, from the first that calls nothing, at some prevalence and some precision."""
    tpr, fpr = np.sort(rng.integers(0, n + 1, size=(2, n)) / n)
    tpr[0] = fpr[:2] = 0.0
    share = float(rng.random())
    return kata.precision_at_prevalence(tpr, fpr, share), kata.prevalence_for_precision(tpr, fpr, share)


def picture(kata, rng):  # noqa: ARG001 - nothing in it is random
    tpr, fpr = np.array([0.95, 0.8, 0.4]), np.array([0.2, 0.05, 0.001])
    names = [f"tpr {t:g}, fpr {f:g}" for t, f in zip(tpr, fpr, strict=True)]
    exponents, targets = np.linspace(-4, 0, 81)[:-1], np.linspace(0.01, 0.99, 80)
    precision = np.array([kata.precision_at_prevalence(tpr, fpr, 10.0**at) for at in exponents])
    needed = np.log10([kata.prevalence_for_precision(tpr, fpr, target) for target in targets])
    return [
        Panel(
            "Precision of three points",
            "log10 of the prevalence",
            "precision",
            [Line(exponents, precision[:, i], name) for i, name in enumerate(names)],
            note="Only a small fpr keeps the precision at a small prevalence; a larger tpr helps little.",
        ),
        Panel(
            "The prevalence that a precision needs",
            "precision asked for",
            "log10 of the prevalence",
            [*(Line(targets, needed[:, i], name) for i, name in enumerate(names)), Mark(-2, "1 %", level=True)],
            note="Below the line of 1 % of positives: what a point can promise there.",
        ),
    ]


RIGHT = "right = tpr * prevalence"
CALLED = "called = right + fpr * (1 - prevalence)"
PRECISION = "return np.divide(right, called, out=np.ones(tpr.shape), where=called > 0)"
WRONG = "wrong = fpr * precision"
BOTH = "both = wrong + tpr * (1 - precision)"
NEEDED = "return np.divide(wrong, both, out=np.zeros(tpr.shape), where=both > 0)"
RANGE = "if not np.all((values >= 0) & (values <= 1)):"
MISTAKES = {
    "the prevalence left out": [(RIGHT, "right = tpr"), (CALLED, "called = tpr + fpr")],
    "the prevalence left out for negatives": (CALLED, "called = right + fpr"),
    "the prevalence the wrong way round": [
        (RIGHT, "right = tpr * (1 - prevalence)"),
        (CALLED, "called = right + fpr * prevalence"),
    ],
    "the prevalence taken for odds": (CALLED, "called = right + fpr"),
    "odds returned for a precision": (CALLED, "called = fpr * (1 - prevalence)"),
    "a share of all samples": (PRECISION, "return right"),
    "fpr taken for the specificity": (CALLED, "called = right + (1 - fpr) * (1 - prevalence)"),
    "the share of false calls": (PRECISION, PRECISION.replace("divide(right,", "divide(called - right,")),
    "fpr taken for a share of the calls": (PRECISION, "return 1 - fpr + 0 * called"),
    "nothing called gives 0": (PRECISION, PRECISION.replace("ones", "zeros")),
    "nothing called gives NaN": (PRECISION, "return right / called"),
    "1 without false positives only if both rates are 0": (
        PRECISION,
        "return np.where((tpr == 0) & (fpr == 0), 1.0, right / called)",
    ),
    "1 whenever nothing right is called": (PRECISION, PRECISION.replace("where=called > 0", "where=right > 0")),
    "an eps in the denominator": (PRECISION, "return np.where(called == 0, 1.0, right / (called + 1e-12))"),
    "a floor under the denominator": (PRECISION, "return np.where(called == 0, 1.0, right / np.maximum(called, 1e-9))"),
    "few calls are none": (PRECISION, PRECISION.replace("called > 0", "called > 1e-10")),
    "close to 0 is 0": (PRECISION, PRECISION.replace("called > 0", "~np.isclose(called, 0)")),
    "precision not below the prevalence": (PRECISION, f"return np.maximum(prevalence, {PRECISION[7:]})"),
    "the needed prevalence as odds": (NEEDED, "return np.where(tpr > 0, wrong / (tpr * (1 - precision)), 1.0)"),
    "the rates swapped": [(WRONG, "wrong = tpr * precision"), (BOTH, "both = wrong + fpr * (1 - precision)")],
    "the precision the wrong way round": [
        (WRONG, "wrong = fpr * (1 - precision)"),
        (BOTH, "both = wrong + tpr * precision"),
    ],
    "the share of negatives": (NEEDED, NEEDED.replace("divide(wrong,", "divide(both - wrong,")),
    "the precision for the prevalence": (NEEDED, "return precision + 0 * both"),
    "without false positives NaN": (NEEDED, "return wrong / both"),
    "without false positives 1": (NEEDED, NEEDED.replace("zeros", "ones")),
    "a tpr of 0 needs nothing": (NEEDED, NEEDED.replace("both > 0", "tpr > 0")),
    "a precision of 1 needs nothing": (NEEDED, NEEDED.replace("both > 0", "(both > 0) & (precision < 1)")),
    "a precision of 1 is never reached": (NEEDED, NEEDED.replace("both > 0", "both > wrong")),
    "an eps below the needed prevalence": (NEEDED, "return np.where(both == 0, 0.0, wrong / (both + 1e-12))"),
    "a small part is none": (NEEDED, NEEDED.replace("both > 0", "both > 1e-5")),
    "bisection that ends at 1e-6": (NEEDED, NEEDED.replace("return ", "return 2e-6 * np.ceil(5e5 * ") + ")"),
    "one point at a time": (RIGHT, "tpr, fpr = float(tpr[0]) * np.ones(1), float(fpr[0]) * np.ones(1)\n    " + RIGHT),
}

STRICT_MISTAKES = {
    "shapes may broadcast": ("if tpr.shape != fpr.shape:", "if tpr.size < fpr.size:"),
    "NaN passes": (RANGE, "if np.any((values < 0) | (values > 1)):"),
    "the share is not looked at": ("for values in (tpr, fpr, share):", "for values in (tpr, fpr):"),
    "the rates are not looked at": ("for values in (tpr, fpr, share):", "for values in (share,):"),
    "negative rates pass": (RANGE, "if not np.all(values <= 1):"),
    "percent pass": (RANGE, "if not np.all(values >= 0):"),
    "answers in the type of the rates": (PRECISION, PRECISION + ".astype(tpr.dtype)"),
}
