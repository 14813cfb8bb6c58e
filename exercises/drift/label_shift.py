# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- label_shift
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
    raise NotImplementedError


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
    raise NotImplementedError
