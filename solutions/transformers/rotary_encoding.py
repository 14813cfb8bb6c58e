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
    d = x.shape[-1]
    if d % 2:
        raise ValueError(f"d is {d}: an odd number of numbers cannot be split into pairs")
    angles = np.outer(positions, base ** (-np.arange(0, d, 2) / d))
    cos, sin = np.cos(angles), np.sin(angles)
    first, second = (
        (np.s_[..., 0::2], np.s_[..., 1::2]) if interleaved else (np.s_[..., : d // 2], np.s_[..., d // 2 :])
    )
    out = np.empty(x.shape)
    out[first] = x[first] * cos - x[second] * sin
    out[second] = x[first] * sin + x[second] * cos
    return out


def rotary_via_complex_numbers(
    x: np.ndarray, positions: np.ndarray, base: float = 10000.0, interleaved: bool = True
) -> np.ndarray:
    """Make each pair a complex number: to turn it is one multiplication."""
    half = x.shape[-1] // 2  # reshape refuses an odd size
    split = (half, 2) if interleaved else (2, half)
    a, b = np.moveaxis(x.reshape(*x.shape[:-1], *split), -1 if interleaved else -2, 0)
    rates = np.exp(-np.log(base) * np.arange(half) / half)
    turned = (a + 1j * b) * np.exp(1j * np.multiply.outer(positions, rates))
    parts = np.stack([turned.real, turned.imag], axis=-1 if interleaved else -2)
    return parts.reshape(x.shape)


def rotary_via_partner(
    x: np.ndarray, positions: np.ndarray, base: float = 10000.0, interleaved: bool = True
) -> np.ndarray:
    """Multiply each number by its cosine, and its partner in the pair by a sine with a sign."""
    d = x.shape[-1]
    pairs = x.reshape(*x.shape[:-1], d // 2, 2) if interleaved else x.reshape(*x.shape[:-1], 2, d // 2).swapaxes(-1, -2)
    partner = np.stack([-pairs[..., 1], pairs[..., 0]], axis=-1)
    angles = positions[:, np.newaxis, np.newaxis] / base ** (np.arange(d // 2) * 2 / d)[:, np.newaxis]
    turned = pairs * np.cos(angles) + partner * np.sin(angles)
    return (turned if interleaved else turned.swapaxes(-1, -2)).reshape(x.shape)


def rotary_via_matrices(
    x: np.ndarray, positions: np.ndarray, base: float = 10000.0, interleaved: bool = True
) -> np.ndarray:
    """Build the rotation matrix of each position, and multiply each token by its own."""
    d = x.shape[-1]
    if d // 2 * 2 != d:
        raise ValueError("the last number has no partner")
    turns = np.zeros((len(positions), d, d))
    for place, position in enumerate(positions.tolist()):
        for i in range(d // 2):
            a, b = (2 * i, 2 * i + 1) if interleaved else (i, i + d // 2)
            angle = position * base ** (-2 * i / d)
            turns[place, [a, b], [a, b]] = np.cos(angle)
            turns[place, [a, b], [b, a]] = -np.sin(angle), np.sin(angle)
    return np.einsum("nij,...nj->...ni", turns, x)
