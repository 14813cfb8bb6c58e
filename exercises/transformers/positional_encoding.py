# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- positional_encoding
"""Sinusoidal positional encoding.

Attention does not see the order of its tokens. A position p, counted from 0, is therefore turned into a vector of size
d_model, which is added to the token's. Its entries go in pairs, i = 0, 1, 2, ..., of a sine and the cosine of one
angle:

    PE[p, 2i]     = sin(p / 10000^(2i / d_model))
    PE[p, 2i + 1] = cos(p / 10000^(2i / d_model))

The first pair turns once in 2 pi positions, and each further pair more slowly than the one before, always by the same
factor.

If d_model is odd, the last pair has no room for its cosine: the last column is a sine, and the formulas are the same.

Source: Vaswani et al. (2017), Attention Is All You Need, section 3.5.
"""

import numpy as np


def sinusoidal_encoding(n_positions: int, d_model: int) -> np.ndarray:
    """Return the encoding of the first n_positions positions, a row for each.

    Parameters
    ----------
    n_positions : int
        The positions are 0 to n_positions - 1.
    d_model : int
        May be odd.

    Returns
    -------
    array of shape (n_positions, d_model)
        In double precision, right to 1e-9 even at positions in the thousands.

    Raises
    ------
    ValueError
        If n_positions or d_model is not positive.

    Examples
    --------
    With four columns the angles are p and p / 100.

    >>> sinusoidal_encoding(3, 4).round(4)
    array([[ 0.    ,  1.    ,  0.    ,  1.    ],
           [ 0.8415,  0.5403,  0.01  ,  1.    ],
           [ 0.9093, -0.4161,  0.02  ,  0.9998]])

    With three they are p and p / 10000^(2/3).

    >>> sinusoidal_encoding(2, 3).round(4)
    array([[0.    , 1.    , 0.    ],
           [0.8415, 0.5403, 0.0022]])
    """
    raise NotImplementedError
