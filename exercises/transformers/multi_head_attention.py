# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- multi_head_attention
"""Multi-head self-attention.

The tokens x are projected to queries, keys and values, and each head attends within its own columns:

    q = x w_q,   k = x w_k,   v = x w_v              each of shape (..., n_tokens, d_model)
    q_h, k_h, v_h: columns h d_head to (h + 1) d_head - 1, for h = 0, ..., n_heads - 1, with d_head = d_model / n_heads

    scores_h = q_h k_h^T / sqrt(d_head)
    head_h   = softmax(scores_h) v_h                 softmax of each row, over the permitted tokens
    out      = [head_0, head_1, ...] w_o

A token that is not permitted has no part in the sum of the softmax. Where no token is permitted, the head gives zeros.

Scores may be as large as 1e4, of either sign. No eps and no clipping: the result follows the formula.

Source: Vaswani et al., Attention Is All You Need (2017), section 3.2.2.
"""

import numpy as np


def multi_head_attention(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Return the tokens' outputs, in the shape of x.

    Parameters
    ----------
    x : array of shape (..., n_tokens, d_model)
        Any number of leading axes, or none. Each sequence attends within itself.
    w_q, w_k, w_v, w_o : arrays of shape (d_model, d_model)
    n_heads : int
    mask : array of bool that broadcasts to (..., n_heads, n_tokens, n_tokens)
        Entry [..., h, i, j] is True where token i may attend to token j in head h. None permits everything.

    Raises
    ------
    ValueError
        If d_model is not a multiple of n_heads.

    Strict
    ------
    - ValueError if n_heads is not positive.

    Examples
    --------
    All scores are equal if w_q is zero. Each token gets the mean of the values that it may see.

    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> zero, same = np.zeros((2, 2)), np.eye(2)
    >>> multi_head_attention(x, zero, same, same, same, n_heads=2)
    array([[ 2., 20.],
           [ 2., 20.]])

    In the second head a token may see only itself.

    >>> mask = np.array([[[True, True], [True, True]], [[True, False], [False, True]]])
    >>> multi_head_attention(x, zero, same, same, same, 2, mask)
    array([[ 2., 10.],
           [ 2., 30.]])
    """
    raise NotImplementedError
