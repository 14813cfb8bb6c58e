# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- isotonic_calibration
"""Isotonic regression, which calibrates scores by a curve that never falls.

Among all curves that never fall, find the one closest to the data:

    minimise sum_i w_i (y_i - m(x_i))^2    such that m(a) <= m(b) for all a < b

For calibration, x are the scores of a classifier and y the labels 0 and 1. But y may be any numbers.

Samples with equal x share one fitted value. So replace them first by one sample: the weighted mean of their y, with
the sum of their weights. The solution is then constant on blocks of neighbouring samples, and its value on a block is
the weighted mean of y. The pool adjacent violators algorithm merges neighbouring blocks whose means fall.

Source: Zadrozny and Elkan, Transforming Classifier Scores into Accurate Multiclass Probability Estimates (2002);
de Leeuw, Hornik and Mair, Isotone Optimization in R (2009).
"""

from typing import NamedTuple

import numpy as np


class IsotonicFit(NamedTuple):
    """The distinct x in ascending order, and the fitted value of each."""

    x: np.ndarray
    y: np.ndarray


def fit_isotonic(x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> IsotonicFit:
    """Fit the curve.

    Parameters
    ----------
    x, y : arrays of shape (n_samples,)
        In any order. At least one sample.
    sample_weight : array of shape (n_samples,), optional
        Positive numbers. Without them all samples weigh the same.

    Notes
    -----
    O(n_samples log n_samples), which is the sort. The pooling is linear.

    Strict
    ------
    - ValueError if there is no sample, the lengths differ, or a weight is not positive.
    - All arrays may be integers of any type.

    Examples
    --------
    >>> fit_isotonic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 0, 1]))
    IsotonicFit(x=array([1., 2., 3., 4.]), y=array([0. , 0.5, 0.5, 1. ]))
    """
    raise NotImplementedError


def predict(fit: IsotonicFit, x: np.ndarray) -> np.ndarray:
    """Return the curve's value at each x.

    Between two neighbouring points of the fit, interpolate linearly. Outside of them, take the value of the nearest
    point.

    Parameters
    ----------
    fit : IsotonicFit
        May have a single point.
    x : array of shape (n_queries,)
        In any order.

    Examples
    --------
    >>> predict(IsotonicFit(np.array([1.0, 2.0]), np.array([0.25, 0.75])), np.array([9.0, 1.5, 0.0]))
    array([0.75, 0.5 , 0.25])
    """
    raise NotImplementedError
