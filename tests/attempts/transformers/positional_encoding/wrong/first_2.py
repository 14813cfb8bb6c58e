# wrong (core): the table is cached by d_model only, a later longer call gets too few rows
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# To grade: nox -s grade -- positional_encoding
"""Sinusoidal positional encoding.

Attention does not see the order of its tokens. So each position p = 0, 1, 2, ... gets a vector of size d_model, which
is added to the token's embedding. Its columns come in pairs, the sine and the cosine of one angle:

    PE[p, 2i]     = sin(p / 10000**(2i / d_model))
    PE[p, 2i + 1] = cos(p / 10000**(2i / d_model))

If d_model is odd, the last column is a sine without its cosine.

Source: Vaswani et al., Attention Is All You Need (2017), section 3.5.

Strict
------
- ValueError if n_positions or d_model is less than 1.
"""

import numpy as np


_tables = {}


def sinusoidal_encoding(n_positions: int, d_model: int) -> np.ndarray:
    """Return the encoding of positions 0 to n_positions - 1, of shape (n_positions, d_model).

    Examples
    --------
    >>> sinusoidal_encoding(3, 4).round(4)
    array([[ 0.    ,  1.    ,  0.    ,  1.    ],
           [ 0.8415,  0.5403,  0.01  ,  1.    ],
           [ 0.9093, -0.4161,  0.02  ,  0.9998]])
    >>> sinusoidal_encoding(2, 3).round(4)
    array([[0.    , 1.    , 0.    ],
           [0.8415, 0.5403, 0.0022]])
    """
    if n_positions < 1 or d_model < 1:
        raise ValueError("n_positions and d_model must be at least 1")
    if d_model in _tables:
        return _tables[d_model][:n_positions].copy()
    positions = np.arange(n_positions, dtype=float)[:, None]
    scales = 10000.0 ** (np.arange(0, d_model, 2) / d_model)
    angles = positions / scales
    table = np.empty((n_positions, d_model))
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : d_model // 2])
    _tables[d_model] = table
    return table.copy()
