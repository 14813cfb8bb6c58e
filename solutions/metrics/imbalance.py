"""Scores for imbalanced classes: the majority baseline, balanced accuracy and the Matthews correlation (MCC).

A model that always predicts the largest class has a high accuracy. Compare with that baseline, or use another score.
With n samples, c of them right, t_k samples of class k and p_k predictions of class k:

    balanced accuracy = mean of (right predictions of class k) / t_k over the classes with t_k > 0
    MCC = (n * c - sum_k t_k * p_k) / sqrt((n**2 - sum_k p_k**2) * (n**2 - sum_k t_k**2))

MCC is 0 if y_true or y_pred holds one class only, where the denominator is 0. For two classes it is the usual

    MCC = (TP * TN - FP * FN) / sqrt((TP + FP) * (TP + FN) * (TN + FP) * (TN + FN))

With 100,000 samples and more, products of four counts exceed the range of 64-bit integers.

Sources: Brodersen et al., The balanced accuracy and its posterior distribution (2010); Gorodkin, Comparing two
K-category assignments by a K-category correlation coefficient (2004).

Strict
------
- ValueError if the lengths of y_true and y_pred differ, or an array is empty.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np


class Baseline(NamedTuple):
    """The label that is always predicted, and the share of the test samples on which that is right."""

    label: int
    accuracy: float


def majority_baseline(y_train: np.ndarray, y_test: np.ndarray) -> Baseline:
    """Return the most frequent label of the training set and its accuracy on the test set.

    Parameters
    ----------
    y_train : array of int of shape (n_train,)
        Labels are any integers. On a tie the lowest label wins.
    y_test : array of int of shape (n_test,)
        Labels may be missing from y_train.

    Examples
    --------
    >>> majority_baseline(np.array([5, 2, 2, 5, 7]), np.array([2, 5, 5, 5]))
    Baseline(label=2, accuracy=0.25)
    """
    if 0 in (len(y_train), len(y_test)):
        raise ValueError("there is no sample to train on, or none to test on")
    labels, counts = np.unique(y_train, return_counts=True)
    label = labels[np.argmax(counts)]  # the first of several, which is the lowest
    return Baseline(int(label), float((y_test == label).mean()))


def balanced_accuracy(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Return the mean over the classes in y_true of the share of their samples that is predicted right.

    Parameters
    ----------
    y_true, y_pred : arrays of int of shape (n_samples,)
        A class may be in one of them only.

    Examples
    --------
    >>> balanced_accuracy(np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 2, 0]))  # the mean of 3/4 and 0
    0.375
    """
    _check(y_true, y_pred)
    _, place, samples = np.unique(y_true, return_inverse=True, return_counts=True)
    return float((np.bincount(place, weights=y_true == y_pred) / samples).mean())


def matthews_corrcoef(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Return the Matthews correlation of two or more classes, from -1 to 1.

    Parameters
    ----------
    y_true, y_pred : arrays of int of shape (n_samples,)

    Examples
    --------
    >>> round(matthews_corrcoef(np.array([1, 1, 1, 0]), np.array([1, 1, 0, 0])), 6)  # (2 * 1 - 0 * 1) / sqrt(12)
    0.57735
    >>> matthews_corrcoef(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
    0.0
    """
    _check(y_true, y_pred)
    n, (labels, place) = len(y_true), np.unique(np.append(y_true, y_pred), return_inverse=True)
    true, pred = (np.bincount(half, minlength=len(labels)) for half in (place[:n], place[n:]))
    spread_true, spread_pred = (n * n - float(counts @ counts) for counts in (true, pred))
    if spread_true * spread_pred == 0:
        return 0.0
    return float((n * (y_true == y_pred).sum() - true @ pred) / np.sqrt(spread_true * spread_pred))


def _check(y_true: np.ndarray, y_pred: np.ndarray) -> None:
    if len(y_true) != len(y_pred) or len(y_true) == 0:
        raise ValueError(f"y_true has {len(y_true)} labels and y_pred has {len(y_pred)}")


def majority_baseline_via_counter(y_train: np.ndarray, y_test: np.ndarray) -> Baseline:
    """Count labels in dictionaries, of both sets."""
    train, test = Counter(y_train.tolist()), Counter(y_test.tolist())
    if not test:
        raise ValueError("there is no sample to test on")
    label = min(train, key=lambda each: (-train[each], each))
    return Baseline(label, test[label] / len(y_test))


def balanced_accuracy_via_weights(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Take the accuracy with weights under which all true classes weigh the same."""
    _check(y_true, y_pred)
    samples = Counter(y_true.tolist())
    return float(np.average(y_true == y_pred, weights=[1 / samples[label] for label in y_true.tolist()]))


def balanced_accuracy_via_loop(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Collect for each true class whether its samples are right."""
    right = {}
    for true, pred in zip(y_true.tolist(), y_pred.tolist(), strict=True):
        right.setdefault(true, []).append(true == pred)
    if not right:
        raise ValueError("there is no sample")
    return sum(sum(each) / len(each) for each in right.values()) / len(right)


def matthews_corrcoef_via_covariance(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Correlate the one-hot truth with the one-hot prediction, one class after the other."""
    _check(y_true, y_pred)
    across = spread_true = spread_pred = 0.0
    for label in np.union1d(y_true, y_pred):
        true, pred = (y_true == label) - np.mean(y_true == label), (y_pred == label) - np.mean(y_pred == label)
        across, spread_true, spread_pred = across + true @ pred, spread_true + true @ true, spread_pred + pred @ pred
    return float(across / np.sqrt(spread_true) / np.sqrt(spread_pred)) if spread_true and spread_pred else 0.0


def matthews_corrcoef_via_counter(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Count with Python's integers, which have no limit."""
    _check(y_true, y_pred)
    n, true, pred = len(y_true), Counter(y_true.tolist()), Counter(y_pred.tolist())
    if len(true) == 1 or len(pred) == 1:
        return 0.0
    above = n * int((y_true == y_pred).sum()) - sum(true[label] * pred[label] for label in true)
    spread_true, spread_pred = (n * n - sum(count**2 for count in counts.values()) for counts in (true, pred))
    return above / (spread_true * spread_pred) ** 0.5
