# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- multi_head_attention
"""Multi-head self-attention.

One softmax can follow one pattern at a time. Several heads, each in a subspace of its own, can follow several. A
token's vector, of size d_model, is projected to a query, a key and a value, each of size d_model too:

    q = x w_q,   k = x w_k,   v = x w_v

Head h, counted from 0, takes columns h d_head to (h + 1) d_head - 1 of each, where d_head = d_model / n_heads, and
attends within them:

    scores  = q_h k_h' / sqrt(d_head)
    weights = softmax of each row of scores, over the keys that the token may attend to
    head_h  = weights v_h

Side by side, in the order of h, the heads' results have size d_model again, and w_o mixes them:

    out = [head_0, head_1, ...] w_o

There are no biases. A key that is not permitted has no part in the softmax, and a token that
may attend to no key in a head gets zeros from that head.

Compute the softmax so that it holds for scores as large as 10,000: no eps is added and nothing is clipped.

Source: Vaswani et al. (2017), Attention Is All You Need, section 3.2.2. What are separate projections for each head
there are the head's columns of w_q, w_k and w_v here. PyTorch's MultiheadAttention keeps the same matrices transposed,
and in its masks True means forbidden.
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
    """Let each token gather from the others, in several heads at once.

    Parameters
    ----------
    x : array of shape (..., n_tokens, d_model)
        One sequence, or an array of them with any number of leading axes; each sequence attends within itself. All
        numbers are finite, and scores lie between -10,000 and 10,000.
    w_q, w_k, w_v, w_o : arrays of shape (d_model, d_model)
        They multiply from the right: x w.
    n_heads : int
    mask : array of booleans, of a shape that NumPy broadcasts to (..., n_heads, n_tokens, n_tokens)
        Entry [..., h, i, j] is True where token i may attend to token j in head h. The dots are x's leading axes. A
        mask for all sequences and heads has shape (n_tokens, n_tokens); one for each head, the same in all sequences,
        (n_heads, n_tokens, n_tokens); one for each sequence of a batch, (batch, 1, n_tokens, n_tokens). None permits
        everything.

    Returns
    -------
    array of the shape of x

    Raises
    ------
    ValueError
        If n_heads is not positive, or d_model is not a multiple of it.

    Examples
    --------
    All scores are equal if w_q is zero: each token gets the mean of the values it may see.

    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> zero, same = np.zeros((2, 2)), np.eye(2)
    >>> multi_head_attention(x, zero, same, same, same, n_heads=2)
    array([[ 2., 20.],
           [ 2., 20.]])

    Two heads of size 1, the second of which sees only the token itself.

    >>> mask = np.array([[[True, True], [True, True]], [[True, False], [False, True]]])
    >>> multi_head_attention(x, zero, same, same, same, 2, mask)
    array([[ 2., 10.],
           [ 2., 30.]])
    """
    raise NotImplementedError
