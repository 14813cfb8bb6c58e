"""Label shift: how common the classes have become, and what that makes of predicted probabilities.

Under label shift the classes become more or less common, and within each class everything stays as it was:
p(x | y) is the same in source and target, and so is what a fixed classifier predicts for a class. Its share of
predictions of class j in the target then is

    share_j = sum over classes i of target_prior_i * P(predicted j | true i)

The conditional probabilities are those of labelled source data that the classifier was not trained on, the shares are
seen in the unlabelled target, and solving these equations gives the target's priors. This is black-box shift
estimation. Noise may make a solution negative: negative entries are set to 0, and then all are divided by their sum.

With the priors of source and target, Bayes' rule turns probabilities for the source into those for the target, sample
by sample:

    p_target(class | x)  is proportional to  p_source(class | x) * target_prior / source_prior

Source: Lipton, Wang and Smola, Detecting and correcting for label shift with black box predictors (2018), for the
priors; Saerens, Latinne and Decaestecker, Adjusting the outputs of a classifier to new a priori probabilities (2002),
for the probabilities.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np


class LabelShift(NamedTuple):
    """What `estimate_label_shift` returns: two arrays, with one entry for each class.

    `target_prior` holds the shares of the classes in the target, which sum to 1. `weights` holds this target_prior /
    source_prior: how much a sample of the class has to count when the model is trained anew on source data.
    """

    target_prior: np.ndarray
    weights: np.ndarray


def estimate_label_shift(confusion: np.ndarray, target_predictions: np.ndarray) -> LabelShift:
    """Estimate the priors of the target from predicted classes.

    Parameters
    ----------
    confusion : array of shape (n_classes, n_classes)
        confusion[i, j] is the number of held-out source samples of true class i that were predicted as class j, as
        scikit-learn lays it out; or the share of such samples among all of them. So it is a joint distribution up to a
        factor, normalised neither by row nor by column: its row sums are the source prior, up to the same factor. At
        least one class.
    target_predictions : array of shape (n_samples,)
        The predicted class of each target sample, at least one: of an integer type, from 0 to n_classes - 1.

    Returns
    -------
    LabelShift
        target_prior, weights.

    Raises
    ------
    ValueError
        If confusion is not square; if an entry is negative, NaN or infinite; if a row is all 0, so that its class is
        missing from the source; if there is no prediction, or one below 0 or above n_classes - 1; if the equations
        have no single solution: if the smallest singular value of the matrix P(predicted j | true i) is below 1e-9.

    Examples
    --------
    Of 80 negatives 20 were predicted positive, and of 20 positives 15. In the target, half are predicted positive:
    1/2 = (1 - q) * 1/4 + q * 3/4 has the solution q = 1/2.

    >>> shift = estimate_label_shift(np.array([[60, 20], [5, 15]]), np.array([0, 1, 1, 0]))
    >>> shift.target_prior.round(9)
    array([0.5, 0.5])
    >>> shift.weights.round(9)
    array([0.625, 2.5  ])

    If nine in ten are predicted positive, more than the 3/4 that positives alone would give, q is 1.3 and 1 - q is
    -0.3.

    >>> shift = estimate_label_shift(np.array([[60, 20], [5, 15]]), np.array([0, 1, 1, 1, 1, 1, 1, 1, 1, 1]))
    >>> shift.target_prior.round(9)
    array([0., 1.])
    """
    conditional, source_prior = _conditional(confusion)
    counts = (target_predictions[:, None] == np.arange(len(source_prior))).sum(axis=0)
    if not counts.sum() == len(target_predictions) > 0:
        raise ValueError("there is no prediction, or one that is none of the classes")
    # Numbers do for shares, since the solution is divided by its sum in the end.
    solved = np.maximum(np.linalg.solve(conditional.T, counts), 0.0)
    target_prior = solved / solved.sum()
    return LabelShift(target_prior, target_prior / source_prior)


def reweight(probs: np.ndarray, source_prior: np.ndarray, target_prior: np.ndarray) -> np.ndarray:
    """Return the probabilities that a classifier of the source would give in the target.

    Parameters
    ----------
    probs : array of shape (n_samples, n_classes)
        Each row holds the calibrated probabilities of one sample under the source prior, which sum to 1.
    source_prior, target_prior : arrays of shape (n_classes,)
        How common the classes are: shares, or numbers of samples, for only their proportions matter. In the target a
        class may be missing; in the source none is.

    Returns
    -------
    array of shape (n_samples, n_classes)
        Each row sums to 1.

    Raises
    ------
    ValueError
        If a prior has another number of classes than probs; if a source prior is not above 0; if a target prior is
        negative; if a row has all of its probability on classes that are missing from the target.

    Examples
    --------
    Odds of 1 to 1 at priors of 4 to 1 are odds of 1 to 4 at priors of 1 to 1, and odds of 1 to 3 are 1 to 12.

    >>> reweight(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0.8, 0.2]), np.array([0.5, 0.5])).round(4)
    array([[0.2   , 0.8   ],
           [0.0769, 0.9231]])
    """
    _check_priors(probs, source_prior, target_prior)
    joint = probs * (target_prior / source_prior)
    total = joint.sum(axis=1, keepdims=True)
    if not (total > 0).all():
        raise ValueError("a sample has all of its probability on classes that are missing from the target")
    return joint / total


def _conditional(confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return P(predicted | true), a row for each true class, and the source prior."""
    if confusion.shape != (len(confusion), len(confusion)):
        raise ValueError(f"a confusion matrix is square, not of shape {confusion.shape}")
    if not ((confusion >= 0) & np.isfinite(confusion)).all():
        raise ValueError("the confusion matrix has an entry that is no number of samples")
    sizes = confusion.sum(axis=1)
    if (sizes == 0).any():
        raise ValueError("a class is missing from the source")
    conditional = confusion / sizes[:, None]
    if np.linalg.svd(conditional, compute_uv=False)[-1] < 1e-9:
        raise ValueError("the predictions do not tell the classes apart: the confusion matrix is singular")
    return conditional, sizes / sizes.sum()


def _check_priors(probs: np.ndarray, source_prior: np.ndarray, target_prior: np.ndarray) -> None:
    if not len(source_prior) == len(target_prior) == probs.shape[1]:
        raise ValueError(
            f"{probs.shape[1]} classes, {len(source_prior)} source priors and {len(target_prior)} target priors"
        )
    if not (source_prior > 0).all():
        raise ValueError("a class without a prior in the source cannot be reweighted")
    if not (target_prior >= 0).all():
        raise ValueError("a target prior is negative")


def _counts(target_predictions: np.ndarray, n_classes: int) -> list[int]:
    counts = Counter(target_predictions.tolist())
    if not set() < counts.keys() <= set(range(n_classes)):
        raise ValueError(f"the predictions are {sorted(counts)}, and the classes 0 to {n_classes - 1}")
    return [counts[predicted] for predicted in range(n_classes)]


def estimate_label_shift_via_joint(confusion: np.ndarray, target_predictions: np.ndarray) -> LabelShift:
    """Solve for the weights with the joint distribution, as the paper does, and turn them into priors."""
    _, source_prior = _conditional(confusion)
    weights = np.maximum(_counts(target_predictions, len(source_prior)) @ np.linalg.inv(confusion), 0.0)
    weights /= weights @ source_prior
    return LabelShift(weights * source_prior, weights)


def estimate_label_shift_via_cramer(confusion: np.ndarray, target_predictions: np.ndarray) -> LabelShift:
    """Solve by Cramer's rule: put the predictions in place of each class's row, and compare determinants."""
    conditional, source_prior = _conditional(confusion)
    counts = _counts(target_predictions, len(source_prior))
    solved = []
    for i in range(len(source_prior)):
        replaced = conditional.copy()
        replaced[i] = counts
        solved.append(max(np.linalg.det(replaced) / np.linalg.det(conditional), 0.0))
    target_prior = np.array([value / sum(solved) for value in solved])
    return LabelShift(target_prior, target_prior / source_prior)


def reweight_via_diagonal(probs: np.ndarray, source_prior: np.ndarray, target_prior: np.ndarray) -> np.ndarray:
    """Multiply by the diagonal matrix of the weights, and make the rows of length 1 in the sum norm."""
    _check_priors(probs, source_prior, target_prior)
    joint = probs @ np.diag(target_prior) @ np.linalg.inv(np.diag(source_prior))
    lengths = np.linalg.norm(joint, ord=1, axis=1)
    if not lengths.all():
        raise ValueError("a sample has all of its probability on classes that are missing from the target")
    return (joint.T / lengths).T


def reweight_via_loops(probs: np.ndarray, source_prior: np.ndarray, target_prior: np.ndarray) -> np.ndarray:
    """Go sample by sample: undo the source prior, apply the target's, divide by the sum."""
    _check_priors(probs, source_prior, target_prior)
    rows = []
    for row in probs.tolist():
        joint = [p / s * t for p, s, t in zip(row, source_prior.tolist(), target_prior.tolist(), strict=True)]
        if sum(joint) == 0:
            raise ValueError("a sample has all of its probability on classes that are missing from the target")
        rows.append([value / sum(joint) for value in joint])
    return np.array(rows)
