"""Label shift: estimate the new class priors, and correct predicted probabilities for them.

From source to target the class priors p(y) change, and p(x | y) does not. So the share of the target that a fixed
classifier predicts as class j is

    share_j = sum_i target_prior_i * P_ij              P_ij = p(predicted j | true i), from the source

Solve for target_prior, set negative entries to 0, then divide by the sum. Bayes' rule corrects the probabilities:

    p_target(y | x) = w_y * p_source(y | x) / sum_k w_k * p_source(k | x)            w = target_prior / source_prior

Sources: Lipton et al. (2018); Saerens et al. (2002).
"""

from collections import Counter
from typing import NamedTuple

import numpy as np


class LabelShift(NamedTuple):
    """The target prior of each class, and its weight w."""

    target_prior: np.ndarray
    weights: np.ndarray


def estimate_label_shift(confusion: np.ndarray, target_predictions: np.ndarray) -> LabelShift:
    """Estimate the target prior from predicted classes.

    Parameters
    ----------
    confusion : array of shape (n_classes, n_classes)
        confusion[i, j] is the number of source samples of class i that are predicted as j. It may also be that number
        divided by the number of all source samples. Row sums give the source prior.
    target_predictions : array of int of shape (n_samples,)
        From 0 to n_classes - 1. A class may be missing.

    Raises
    ------
    ValueError
        If a class has no source sample, or P is singular.

    Strict
    ------
    - Singular: the smallest singular value is below 1e-9.
    - ValueError if an entry of confusion is negative or not finite.
    - ValueError if target_predictions is empty or holds another class.

    Examples
    --------
    >>> shift = estimate_label_shift(np.array([[60, 20], [5, 15]]), np.array([0, 1, 1, 0]))
    >>> shift.target_prior.round(9), shift.weights.round(9)  # 1/2 = (1 - q) * 1/4 + q * 3/4
    (array([0.5, 0.5]), array([0.625, 2.5  ]))
    """
    conditional, source_prior = _conditional(confusion)
    counts = (target_predictions[:, None] == np.arange(len(source_prior))).sum(axis=0)
    if not counts.sum() == len(target_predictions) > 0:
        raise ValueError("there is no prediction, or one that is none of the classes")
    # Counts do for shares, since the solution is divided by its sum in the end.
    solved = np.maximum(np.linalg.solve(conditional.T, counts), 0.0)
    target_prior = solved / solved.sum()
    return LabelShift(target_prior, target_prior / source_prior)


def reweight(probs: np.ndarray, source_prior: np.ndarray, target_prior: np.ndarray) -> np.ndarray:
    """Turn probabilities of the source into those of the target.

    Parameters
    ----------
    probs : array of shape (n_samples, n_classes)
    source_prior, target_prior : arrays of shape (n_classes,)
        Shares or counts: only proportions matter. A target prior may be 0.

    Strict
    ------
    - ValueError if lengths differ, a source prior is not positive, a target prior is negative, or a row would be all 0.

    Examples
    --------
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
    if not ((confusion >= 0) & np.isfinite(confusion)).all():
        raise ValueError("the confusion matrix has an entry that is negative or not finite")
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
