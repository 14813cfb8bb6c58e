# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- pruning
"""Pruning by magnitude: which weights of a network to set to 0.

The smallest weights in absolute value go. The result is a mask, True where a weight is kept, since later steps of
training have to keep the others at 0. A sparsity of 0.9 prunes 90 % of the weights: of n weights exactly

    k = round(sparsity * n)        by Python's round

Of weights of equal size any may go, as long as the count is exact. A weight that is 0 already counts among the n, and
is smaller than all that are not.

Sources: Han et al., Learning both Weights and Connections for Efficient Neural Networks (2015), section 3; Mishra et
al., Accelerating Sparse Deep Neural Networks (2021), section 3, for n:m.

Strict
------
- k is rounded as Python does it: halves to the even integer.
- ValueError if sparsity is not in [0, 1].
"""

import numpy as np


def magnitude_mask(w: np.ndarray, sparsity: float) -> np.ndarray:
    """Return the mask of one layer: False for the k smallest weights.

    Parameters
    ----------
    w : array of any shape
    sparsity : float
        From 0 to 1.

    Returns
    -------
    array of bool, in the shape of w

    Examples
    --------
    >>> magnitude_mask(np.array([[3.0, -0.1], [-4.0, 0.0]]), 0.5)
    array([[ True, False],
           [ True, False]])
    """
    raise NotImplementedError


def global_masks(weights: list[np.ndarray], sparsity: float) -> list[np.ndarray]:
    """Return the masks of several layers, pruned together: n counts the weights of all, and all are compared.

    Examples
    --------
    >>> global_masks([np.array([3.0, 4.0]), np.array([[0.1, -5.0, 0.2]])], 0.4)
    [array([ True,  True]), array([[False,  True, False]])]
    """
    raise NotImplementedError


def n_m_mask(w: np.ndarray, n: int = 2, m: int = 4) -> np.ndarray:
    """Return the mask that keeps the n largest of each m neighbours along the last axis.

    Parameters
    ----------
    w : array of shape (..., n_in)
        The first group is w[..., :m].
    n, m : int
        n from 1 to m. Exactly n of each group are kept, even if more of them are 0.

    Raises
    ------
    ValueError
        If n_in is not a multiple of m.

    Examples
    --------
    >>> n_m_mask(np.array([[5.0, -6.0, 7.0, -8.0, 0.1, 0.0, -0.2, 0.0]])).astype(int)
    array([[0, 0, 1, 1, 1, 0, 1, 0]])
    """
    raise NotImplementedError
