import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# A negative is predicted positive one time in four, a positive three times in four; four in five are negative.
TWO_CLASSES = np.array([[60.0, 20.0], [5.0, 15.0]])


@pytest.fixture
def known(rng):
    """Confusion counts of three classes, target predictions without any sampling noise, and both true priors."""
    off = rng.integers(5, 25, size=(3, 3))
    per_hundred = off + np.diag(100 - off.sum(axis=1))
    source, target = rng.permutation([1, 3, 8]), rng.permutation([2, 3, 7])
    predictions = rng.permutation(np.repeat([0, 1, 2], target @ per_hundred))
    return source[:, None] * per_hundred, predictions, source / 12, target / 12


def predictions_of(*counts):
    return np.repeat(np.arange(len(counts)), counts)


def test_prior(kata, known):
    """The target prior is what explains the shares of the predicted classes, given how each class is predicted."""
    # 1/2 = (1 - q) * 1/4 + q * 3/4 has the solution q = 1/2; with 2/5 on the left it is 3/10.
    assert_close(kata.estimate_label_shift(TWO_CLASSES, np.array([0, 1, 1, 0])).target_prior, [0.5, 0.5])
    assert_close(kata.estimate_label_shift(TWO_CLASSES, predictions_of(3, 2)).target_prior, [0.7, 0.3])
    confusion = np.array([[50.0, 30.0, 20.0], [10.0, 80.0, 10.0], [0.0, 40.0, 60.0]])
    # Of ten samples of the first class, twenty of the second and ten of the third, so many are predicted as each.
    shift = kata.estimate_label_shift(confusion, predictions_of(5 + 2, 3 + 16 + 4, 2 + 2 + 6))
    assert_close(shift.target_prior, [0.25, 0.5, 0.25])
    # A rare class is there all the same.
    assert_close(kata.estimate_label_shift(np.eye(2), predictions_of(1999, 1)).target_prior, [0.9995, 0.0005])
    confusion, predictions, _, target = known
    assert_close(kata.estimate_label_shift(confusion, predictions).target_prior, target)


def test_weights(kata, known):
    """The weight of a class is its target prior over its source prior, which is its share of the row sums."""
    shift = kata.estimate_label_shift(TWO_CLASSES, np.array([0, 1, 1, 0]))
    assert_close(shift.weights, [0.5 / 0.8, 0.5 / 0.2])
    # One source sample of each class, predicted right: the entries are counts, though none is above 1.
    assert_close(kata.estimate_label_shift(np.eye(2), np.array([0, 1, 1, 1])).weights, [0.5, 1.5])
    confusion, predictions, source, target = known
    assert_close(kata.estimate_label_shift(confusion, predictions).weights, target / source)
    # Half as many source samples of one class: the weights move, the target prior does not.
    shift = kata.estimate_label_shift(TWO_CLASSES * [[1.0], [0.5]], np.array([0, 1, 1, 0]))
    assert_close(shift.target_prior, [0.5, 0.5])
    assert_close(shift.weights, [0.5 * 90 / 80, 0.5 * 90 / 10])


def test_joint_confusion(kata, known):
    """The confusion matrix may hold shares of all source samples instead of numbers: only proportions matter."""
    shift = kata.estimate_label_shift(TWO_CLASSES / 100, np.array([0, 1, 1, 0]))
    assert_close(shift.target_prior, [0.5, 0.5])
    assert_close(shift.weights, [0.625, 2.5])
    # One source sample in 1,001 is positive, and half of the target: that makes a large weight.
    rare = TWO_CLASSES * [[250.0], [1.0]]
    for confusion in (rare, rare / rare.sum()):
        shift = kata.estimate_label_shift(confusion, np.array([0, 1, 1, 0]))
        assert_close(shift.weights, [0.5005, 500.5])
    confusion, predictions, source, target = known
    shift = kata.estimate_label_shift(confusion / confusion.sum(), predictions)
    assert_close(shift.target_prior, target)
    assert_close(shift.weights, target / source)


def test_negative_estimates(kata):
    """A negative solution is set to 0, and the rest is divided by its sum."""
    # Nine in ten predicted positive makes q 1.3, and one in ten makes it -0.3.
    for predictions, prior in [(predictions_of(1, 9), [0.0, 1.0]), (predictions_of(9, 1), [1.0, 0.0])]:
        shift = kata.estimate_label_shift(TWO_CLASSES, predictions)
        assert_close(shift.target_prior, prior)
        assert_close(shift.weights, [prior[0] / 0.8, prior[1] / 0.2])
    # The solution is 4/7, -1/6 and 25/42: without the second, 24/42 and 25/42 remain.
    confusion = np.array([[8.0, 2.0, 0.0], [1.0, 8.0, 1.0], [1.0, 2.0, 7.0]])
    shift = kata.estimate_label_shift(confusion, predictions_of(5, 1, 4))
    assert_close(shift.target_prior, [24 / 49, 0.0, 25 / 49])
    assert_close(shift.weights, [72 / 49, 0.0, 75 / 49])
    # The solution is 1/6, -1/2 and 4/3: what lies above 1 is divided as it is.
    confusion = np.array([[6.0, 2.0, 0.0], [2.0, 6.0, 0.0], [0.0, 2.0, 6.0]])
    shift = kata.estimate_label_shift(confusion, predictions_of(0, 0, 1))
    assert_close(shift.target_prior, [1 / 9, 0.0, 8 / 9])
    assert_close(shift.weights, [1 / 3, 0.0, 8 / 3])


def test_class_that_is_never_predicted(kata):
    """A class may be missing from the predictions."""
    confusion = np.array([[3.0, 1.0, 0.0], [1.0, 3.0, 0.0], [0.0, 2.0, 2.0]])
    assert_close(kata.estimate_label_shift(confusion, predictions_of(1, 1)).target_prior, [0.5, 0.5, 0.0])
    assert_close(kata.estimate_label_shift(np.eye(3), np.array([0, 0])).target_prior, [1.0, 0.0, 0.0])
    assert_close(kata.estimate_label_shift(np.eye(3), np.array([1])).target_prior, [0.0, 1.0, 0.0])


def test_poor_classifier(kata):
    """A poor classifier will do, as long as P is invertible."""
    # A class is predicted 1,019 times in 5,015, and any other class 999 times: the singular values are 1 and 0.004.
    per_class = np.full((5, 5), 999) + 20 * np.eye(5, dtype=int)
    target = np.array([1, 2, 4, 5, 3])
    shift = kata.estimate_label_shift(
        per_class * np.array([[1], [1], [2], [3], [1]]), predictions_of(*(target @ per_class))
    )
    assert_close(shift.target_prior, target / 15)
    # Of many classes, P has a tiny determinant: here 9 singular values are 1/199.
    per_class = np.full((10, 10), 99) + 5 * np.eye(10, dtype=int)
    target = np.array([1, 2, 4, 5, 3, 1, 1, 2, 3, 2])
    shift = kata.estimate_label_shift(per_class, predictions_of(*(target @ per_class)))
    assert_close(shift.target_prior, target / 24)


def test_no_solution(kata):
    """If P is singular, or a class has no source sample, there is no solution: ValueError."""
    always_the_same = [[9, 0], [4, 0]]
    independent_of_the_class = [[24, 24], [8, 8]]
    never_predicted = [[6, 4, 0], [1, 9, 0], [3, 7, 0]]
    class_without_samples = [[9, 1], [0, 0]]
    class_never_seen = [[9, 1, 0], [2, 8, 0], [0, 0, 0]]
    singular = always_the_same, independent_of_the_class, never_predicted
    for confusion in (*singular, class_without_samples, class_never_seen):
        # The last two are what some of the matrices predict in the source, so that more than one prior would do.
        for predictions in ([0, 1, 0], [0, 1], [0, 0]):
            with pytest.raises(ValueError):
                kata.estimate_label_shift(np.array(confusion, dtype=float), np.array(predictions))


def test_reweighting(kata, rng):
    """Each probability is multiplied by target prior / source prior, and each row divided by its sum."""
    probs, source, target = np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0.8, 0.2]), np.array([0.5, 0.5])
    assert_close(kata.reweight(probs, source, target), [[0.2, 0.8], [1 / 13, 12 / 13]])
    # A class that is rare in the source, and one that is rare in the target.
    source, target = np.array([0.999, 0.001]), np.array([0.5, 0.5])
    assert_close(kata.reweight(probs[:1], source, target), [[0.001, 0.999]])
    assert_close(kata.reweight(probs[:1], target, source), [[0.999, 0.001]])
    # Bayes' rule for six values of x: from p(x | y) and each prior.
    likelihood, source, target = rng.dirichlet(np.ones(6), size=3), rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3))
    source, target = (source + 0.1) / 1.3, (target + 0.1) / 1.3
    in_source, in_target = likelihood.T * source, likelihood.T * target
    probs = in_source / in_source.sum(axis=1)[:, None]
    assert_close(kata.reweight(probs, source, target), in_target / in_target.sum(axis=1)[:, None])
    certain = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.4, 0.6]])
    assert_close(kata.reweight(certain, source, source), certain)


def test_proportions_of_priors(kata):
    """Priors may be counts: only their proportions matter."""
    probs = np.array([[0.5, 0.5], [0.25, 0.75]])
    for source, target in [([8.0, 2.0], [0.5, 0.5]), ([0.8, 0.2], [300.0, 300.0]), ([4, 1], [7, 7])]:
        assert_close(kata.reweight(probs, np.array(source), np.array(target)), [[0.2, 0.8], [1 / 13, 12 / 13]])


def test_class_missing_from_the_target(kata):
    """A class whose target prior is 0 gets probability 0."""
    probs, source, target = np.array([[0.2, 0.3, 0.5]]), np.array([0.4, 0.3, 0.3]), np.array([0.0, 0.5, 0.5])
    assert_close(kata.reweight(probs, source, target), [[0.0, 3 / 8, 5 / 8]])


@strict
def test_singular_up_to_rounding(kata):
    """P is singular if its smallest singular value is below 1e-9, though rounding may hide it."""
    two_classes_alike = [[7, 2, 1], [1, 1, 8], [14, 4, 2]]
    one_a_mixture = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    independent_of_the_class = [[30, 10], [6, 2]]
    for confusion in (two_classes_alike, one_a_mixture, independent_of_the_class):
        for unit in (1.0, 0.1, 1 / 3):
            with pytest.raises(ValueError):
                kata.estimate_label_shift(unit * np.array(confusion), np.array([0, 1, 0]))
    for smallest in (1e-5, 2e-7, 1e-8):
        nearly = np.array([[1 + smallest, 1 - smallest], [1 - smallest, 1 + smallest]])
        assert_close(kata.estimate_label_shift(nearly, np.array([0, 1])).target_prior, [0.5, 0.5], rtol=1e-4)
    for smallest in (1e-10, 2e-12):
        nearly = np.array([[1 + smallest, 1 - smallest], [1 - smallest, 1 + smallest]])
        with pytest.raises(ValueError):
            kata.estimate_label_shift(nearly, np.array([0, 1]))


@strict
def test_bad_confusion(kata):
    """An entry that is negative or not finite raises ValueError."""
    for value in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError):
            kata.estimate_label_shift(np.array([[9.0, value], [2.0, 8.0]]), np.array([0, 1, 0]))


@strict
def test_bad_predictions(kata):
    """No prediction, and a prediction that is no class of the confusion matrix, raise ValueError."""
    for bad in ([0, 1, 2], [0, -1, 1], [-2, 0], [7], []):
        with pytest.raises(ValueError):
            kata.estimate_label_shift(TWO_CLASSES, np.array(bad, dtype=int))


@strict
def test_bad_priors(kata):
    """Other lengths, a source prior of 0 or less, a negative target prior and a row of zeros raise ValueError."""
    probs = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    good, two = np.array([0.2, 0.3, 0.5]), np.array([0.5, 0.5])
    bad_priors = [(two, good), (good, two), (two, two), (good[:1], good), (good, good[:1])]
    bad_priors += [(np.array([0.0, 0.5, 0.5]), good), (np.array([-0.2, 0.7, 0.5]), good)]
    bad_priors += [(good, np.array([-0.2, 0.7, 0.5]))]
    for source, target in bad_priors:
        with pytest.raises(ValueError):
            kata.reweight(probs, source, target)
    with pytest.raises(ValueError):
        kata.reweight(np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]), good, np.array([0.0, 0.5, 0.5]))


@strict
def test_integers(kata):
    """Counts may be integers of any type."""
    for kind in (np.int8, np.uint8):
        # The row sums leave int8, and 17 * 16 samples leave uint8.
        confusion = np.array([[120, 40], [10, 30]]).astype(kind)
        shift = kata.estimate_label_shift(confusion, np.tile([0, 1, 1, 0], 68).astype(kind))
        assert_close(shift.target_prior, [0.5, 0.5])
        assert_close(shift.weights, [0.625, 2.5])
        certain = np.array([[1, 0], [0, 1], [1, 0]], dtype=kind)
        assert_close(kata.reweight(certain, np.array([3, 1], dtype=kind), np.array([1, 2], dtype=kind)), certain)


def workload(kata, rng, n):
    """Return the shift between two samples of four classes, one of them rare, and the reweighted probabilities."""
    n_classes = 4
    source, target = rng.dirichlet(np.full(n_classes, 3.0)), rng.dirichlet(np.ones(n_classes))
    conditional = 0.6 * np.eye(n_classes) + 0.4 * rng.dirichlet(np.ones(n_classes), size=n_classes)
    confusion = np.array([rng.multinomial(20 * n * p + 1, row) for p, row in zip(source, conditional, strict=True)])
    predictions = rng.choice(n_classes, p=target @ conditional, size=n)
    shift = kata.estimate_label_shift(confusion, predictions)
    probs = rng.dirichlet(np.ones(n_classes), size=n)
    return shift, kata.reweight(probs, confusion.sum(axis=1), target), kata.reweight(probs, source, shift.target_prior)


MISTAKES = {
    "rows for columns": ("np.linalg.solve(conditional.T, counts)", "np.linalg.solve(conditional, counts)"),
    "the shares of the predictions as prior": (
        "np.maximum(np.linalg.solve(conditional.T, counts), 0.0)",
        "counts",
    ),
    "conditioned on the prediction": (
        "np.maximum(np.linalg.solve(conditional.T, counts), 0.0)",
        "confusion / np.maximum(confusion.sum(axis=0), 1e-12) @ counts",
    ),
    "weights for priors": (
        "np.maximum(np.linalg.solve(conditional.T, counts), 0.0)",
        "np.maximum(np.linalg.solve((confusion / confusion.sum()).T, counts), 0.0)",
    ),
    "the joint matrix taken as conditional": (
        "np.linalg.solve(conditional.T, counts)",
        "np.linalg.solve(confusion.T, counts)",
    ),
    "the source prior from the predictions": ("sizes / sizes.sum()", "confusion.sum(axis=0) / confusion.sum()"),
    "weights upside down": (
        "target_prior / source_prior)\n\n\ndef reweight(",
        "source_prior / target_prior)\n\n\ndef reweight(",
    ),
    "priors for weights": ("target_prior / source_prior)\n\n\ndef reweight(", "target_prior)\n\n\ndef reweight("),
    "negative estimates pass": (
        "np.maximum(np.linalg.solve(conditional.T, counts), 0.0)",
        "np.linalg.solve(conditional.T, counts)",
    ),
    "negative estimates made positive": (
        "np.maximum(np.linalg.solve(conditional.T, counts), 0.0)",
        "np.abs(np.linalg.solve(conditional.T, counts))",
    ),
    "clipped, and not divided by the sum": ("solved / solved.sum()", "np.minimum(solved / counts.sum(), 1.0)"),
    "cut off at 1, and then divided by the sum": (
        "np.maximum(np.linalg.solve(conditional.T, counts), 0.0)",
        "np.linalg.solve(conditional.T, counts / counts.sum()).clip(0.0, 1.0)",
    ),
    "the softmax of the solution": (
        "solved / solved.sum()",
        "np.exp(solved / counts.sum()) / np.exp(solved / counts.sum()).sum()",
    ),
    "only classes that are predicted": (
        "== np.arange(len(source_prior)))",
        "== np.unique(target_predictions))",
    ),
    "the solution of the numbers is not divided": ("solved / solved.sum()", "solved"),
    "a pseudo-inverse for singular matrices": [
        ("    if np.linalg.svd(conditional, compute_uv=False)[-1] < 1e-9:", "    if False:"),
        ("np.linalg.solve(conditional.T, counts)", "np.linalg.pinv(conditional.T) @ counts"),
    ],
    "singular by the determinant": (
        "np.linalg.svd(conditional, compute_uv=False)[-1] < 1e-9",
        "abs(np.linalg.det(conditional)) < 1e-9",
    ),
    "a poor classifier is refused": ("compute_uv=False)[-1] < 1e-9", "compute_uv=False)[-1] < 1e-2"),
    "a little ridge against singular matrices": (
        "np.linalg.solve(conditional.T, counts)",
        "np.linalg.solve(conditional.T + 1e-6 * np.eye(len(counts)), counts)",
    ),
    "a missing class is divided by 1": [
        ("    if (sizes == 0).any():", "    sizes = np.where(sizes == 0, 1, sizes)\n    if False:"),
        ("    if np.linalg.svd(conditional, compute_uv=False)[-1] < 1e-9:", "    if False:"),
        ("np.linalg.solve(conditional.T, counts)", "np.linalg.pinv(conditional.T) @ counts"),
    ],
    "the priors swapped": (
        "joint = probs * (target_prior / source_prior)",
        "joint = probs * (source_prior / target_prior)",
    ),
    "the source prior left out": ("joint = probs * (target_prior / source_prior)", "joint = probs * target_prior"),
    "rows that do not sum to 1": ("    return joint / total\n\n\ndef _cond", "    return joint\n\n\ndef _cond"),
    "divided by the sum over samples": ("joint.sum(axis=1, keepdims=True)", "joint.sum(axis=0, keepdims=True)"),
    "clipped instead of divided": (
        "    return joint / total\n\n\ndef _cond",
        "    return joint.clip(0, 1)\n\n\ndef _cond",
    ),
    "the odds of the last class alone": (
        "joint = probs * (target_prior / source_prior)",
        "joint = probs * np.append(np.ones(len(source_prior) - 1), (target_prior / source_prior)[-1])",
    ),
    "a target prior of 0 is refused": ("if not (target_prior >= 0).all():", "if not (target_prior > 0).all():"),
    "the weights clipped at 1": (
        "return LabelShift(target_prior, target_prior / source_prior)\n\n\ndef reweight(",
        "return LabelShift(target_prior, np.minimum(target_prior / source_prior, 1.0))\n\n\ndef reweight(",
    ),
}

STRICT_MISTAKES = {
    "singular only where solving fails": (
        "    if np.linalg.svd(conditional, compute_uv=False)[-1] < 1e-9:",
        "    if False:",
    ),
    "singular by the rank in floating point": (
        "np.linalg.svd(conditional, compute_uv=False)[-1] < 1e-9",
        "np.linalg.matrix_rank(conditional) < len(conditional)",
    ),
    "a very poor classifier is refused": ("compute_uv=False)[-1] < 1e-9", "compute_uv=False)[-1] < 1e-6"),
    "negative counts pass": ("((confusion >= 0) & np.isfinite(confusion)).all()", "np.isfinite(confusion).all()"),
    "predictions below 0 count from the end": (
        "(target_predictions[:, None] ==",
        "(np.where(target_predictions < 0, target_predictions + 2, target_predictions)[:, None] ==",
    ),
    "predictions of other classes are left out": (
        "if not counts.sum() == len(target_predictions) > 0:",
        "if not counts.sum() > 0:",
    ),
    "no prediction gives NaN": (
        "if not counts.sum() == len(target_predictions) > 0:",
        "if counts.sum() != len(target_predictions):",
    ),
    "a sample of no class gets NaN": ("    if not (total > 0).all():\n        raise", "    if False:\n        raise"),
    "a source prior of 0 passes": ("if not (source_prior > 0).all():", "if not (source_prior >= 0).all():"),
    "a negative target prior passes": ("if not (target_prior >= 0).all():", "if False:"),
    "lengths that NumPy stretches pass": (
        "    if not len(source_prior) == len(target_prior) == probs.shape[1]:",
        "    if not {len(source_prior), len(target_prior)} <= {1, probs.shape[1]}:",
    ),
}
