# wrong (core): U or V^T of an SVD with signs as LAPACK gives them, instead of U V^T
"""Orthogonal initialization.

Weights of the shape (n_out, n_in), or (n_out, n_in, *kernel) for a convolution, are seen as a matrix W of n_out rows:
all other axes are flattened into columns. W is orthogonal times gain:

    rows <= columns:    W @ W.T = gain**2 * I
    rows >= columns:    W.T @ W = gain**2 * I

A square W satisfies both. So a linear layer with a square W multiplies the length of every vector by gain.

W is drawn uniformly from all such matrices (Haar measure): A @ W @ B has the same distribution as W for any fixed
orthogonal A and B. So each entry is positive half of the time, and so is the determinant of a square W. The Q of a QR
decomposition does not have this by itself: the decomposition chooses the signs of its columns.

All randomness comes from rng.

Sources: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural
networks (2014); Mezzadri, How to Generate Random Matrices from the Classical Compact Groups (2007).
"""

import numpy as np


def orthogonal(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    """Draw the weights of a layer.

    Parameters
    ----------
    shape : tuple of int
    gain : float
        At least 0.
    rng : np.random.Generator

    Returns
    -------
    array of the given shape

    Strict
    ------
    - ValueError if the shape has fewer than two axes.

    Examples
    --------
    >>> weights = orthogonal((2, 3), 2.0, np.random.default_rng(0))
    >>> np.round(weights @ weights.T, 9) + 0.0
    array([[4., 0.],
           [0., 4.]])
    >>> kernels = orthogonal((8, 2, 3, 3), 1.0, np.random.default_rng(0))
    >>> flat = kernels.reshape(8, 18)
    >>> np.allclose(flat @ flat.T, np.eye(8))
    True
    """
    if len(shape) < 2:
        raise ValueError("shape needs at least two axes")
    rows = shape[0]
    cols = int(np.prod(shape[1:]))
    a = rng.standard_normal((rows, cols))
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    q = u if u.shape == (rows, cols) else vt
    return gain * q.reshape(shape)
