# wrong (core): table of angles from 0 indexed by position, negative positions wrap
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- rotary_encoding
"""Rotary position encoding (RoPE): positions as rotations of queries and keys.

The numbers of a token are taken in pairs. Pair i of a token at position p is turned, as a point in the plane, by the
angle p * theta_i:

    theta_i = base ** (-2 i / d)        i = 0, ..., d/2 - 1

    a  <-  a cos(p theta_i) - b sin(p theta_i)
    b  <-  a sin(p theta_i) + b cos(p theta_i)

Which numbers are a pair (a, b) differs from one code to another:

    interleaved:    x[2i] and x[2i + 1]        the paper, GPT-J
    halves:         x[i] and x[i + d/2]        GPT-NeoX, Llama in Hugging Face's transformers

With queries and keys turned in this way, their dot product depends on the difference of their positions only.

Source: Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding (2021), section 3.2.2.
"""

import numpy as np


def rotary(x: np.ndarray, positions: np.ndarray, base: float = 10000.0, interleaved: bool = True) -> np.ndarray:
    """Return the tokens, each turned by its position.

    Parameters
    ----------
    x : array of shape (..., n, d)
        Queries or keys, with any leading axes, such as batch and heads.
    positions : array of int of shape (n,)
        The position of each token. They may begin anywhere, also below 0, in any order.
    base : float
    interleaved : bool
        True for pairs of neighbours, False for halves.

    Returns
    -------
    array in the shape of x
        The turned numbers stand where they stood in x.

    Raises
    ------
    ValueError
        If d is odd.

    Examples
    --------
    At position 2 with base 100, the first pair turns by 2 and the second by 0.2 (radians).

    >>> x = np.array([[1.0, 0.0, 0.0, 1.0]])
    >>> rotary(x, np.array([2]), base=100.0).round(3)
    array([[-0.416,  0.909, -0.199,  0.98 ]])
    >>> rotary(x, np.array([2]), base=100.0, interleaved=False).round(3)
    array([[-0.416, -0.199,  0.909,  0.98 ]])
    """
    x = np.asarray(x, dtype=float)
    positions = np.asarray(positions)
    d = x.shape[-1]
    if d % 2:
        raise ValueError("d must be even")
    theta = float(base) ** (-2.0 * np.arange(d // 2) / d)
    table = np.arange(np.abs(positions).max(initial=0) + 1)[:, None] * theta
    angle = table[positions]
    cos, sin = np.cos(angle), np.sin(angle)
    if interleaved:
        first, second = slice(0, d, 2), slice(1, d, 2)
    else:
        first, second = slice(0, d // 2), slice(d // 2, d)
    a, b = x[..., first], x[..., second]
    out = np.empty_like(x)
    out[..., first] = a * cos - b * sin
    out[..., second] = a * sin + b * cos
    return out
