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

import math

import numpy as np


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
        raise ValueError(f"a table of {n_positions} positions and {d_model} columns is none")
    rates = 10000.0 ** (-np.arange(0, d_model, 2) / d_model)
    angles = np.outer(np.arange(n_positions), rates)
    table = np.empty((n_positions, d_model))
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : d_model // 2])
    return table


def sinusoidal_encoding_via_rotation(n_positions: int, d_model: int) -> np.ndarray:
    """Turn each row, as points on a circle, by its rates to get the next one."""
    if n_positions < 1 or d_model < 1:
        raise ValueError("the table needs at least one row and one column")
    turns = np.exp(1j * np.array([10000.0 ** (-(column - column % 2) / d_model) for column in range(d_model)]))
    rows = [np.ones(d_model)]
    while len(rows) < n_positions:
        rows.append(rows[-1] * turns)
    return np.where(np.arange(d_model) % 2, np.real(rows), np.imag(rows))


def sinusoidal_encoding_via_phase(n_positions: int, d_model: int) -> np.ndarray:
    """Take a sine everywhere, a quarter of a turn ahead in the odd columns."""
    if min(n_positions, d_model) < 1:
        raise ValueError("the table needs at least one row and one column")
    odd = np.arange(d_model) % 2
    exponents = (np.arange(d_model) - odd) / d_model
    angles = np.arange(n_positions)[:, np.newaxis] * np.exp(-exponents * math.log(10000.0))
    return np.sin(angles + odd * math.pi / 2)


def sinusoidal_encoding_via_loop(n_positions: int, d_model: int) -> np.ndarray:
    """Fill in one number at a time, in plain Python."""
    if n_positions <= 0 or d_model <= 0:
        raise ValueError("the table needs at least one row and one column")
    table = []
    for position in range(n_positions):
        row = []
        for column in range(d_model):
            wave = math.cos if column % 2 else math.sin
            row.append(wave(position / 10000 ** (2 * (column // 2) / d_model)))
        table.append(row)
    return np.array(table)
