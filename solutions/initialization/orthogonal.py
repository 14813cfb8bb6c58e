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

import math

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
        raise ValueError(f"the shape is {shape}: rows and columns need two axes or more")
    sides = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(rng.normal(size=(max(sides), min(sides))))
    # Only with a positive diagonal of R is the decomposition unique, and then Q turns with the normal matrix.
    q *= np.sign(np.diag(r))
    if sides[0] < sides[1]:
        q = q.T
    return gain * q.reshape(shape)


def orthogonal_via_polar_decomposition(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    """Replace all singular values of a normal matrix by gain."""
    if len(shape) < 2:
        raise ValueError("the shape needs two axes")
    u, _, v = np.linalg.svd(rng.normal(size=(shape[0], math.prod(shape[1:]))), full_matrices=False)
    return (gain * u @ v).reshape(shape)


def orthogonal_via_gram_schmidt(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    """Take normal vectors one by one, and remove from each what points along those before it."""
    if len(shape) < 2:
        raise ValueError("the shape needs two axes")
    sides = shape[0], math.prod(shape[1:])
    vectors = []
    for _ in range(min(sides)):
        vector = rng.normal(size=max(sides))
        # A second pass removes what rounding has left of the first.
        for other in vectors + vectors:
            vector = vector - (other @ vector) * other
        vectors.append(vector / np.linalg.norm(vector))
    matrix = np.stack(vectors, axis=0 if sides[0] <= sides[1] else 1)
    return gain * matrix.reshape(shape)


def orthogonal_via_reflections(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    """Turn the first axis to a random direction, the second within what is left, and so on (Stewart 1980)."""
    if len(shape) < 2:
        raise ValueError("the shape needs two axes")
    sides = shape[0], math.prod(shape[1:])
    n, m = max(sides), min(sides)
    columns = np.eye(n)[:, :m]
    for k in range(m)[::-1]:
        target = rng.normal(size=n - k)
        target /= np.linalg.norm(target)
        # The reflection that takes the first axis to target; the better conditioned of two, with its sign mended.
        sign = -1.0 if target[0] > 0 else 1.0
        mirror = target * sign
        mirror[0] -= 1.0
        mirror /= np.linalg.norm(mirror)
        part = columns[k:, k:]
        columns[k:, k:] = sign * (part - 2 * np.outer(mirror, mirror @ part))
    return gain * (columns if sides[0] >= sides[1] else columns.T).reshape(shape)
