# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- speculative_decoding
"""Speculative decoding: a small model drafts tokens, and a large one accepts or corrects them.

For one position let p be the target's distribution over the vocabulary and q the draft's, from which token x was
drawn. Accept x with probability a(x), else draw a token from r instead:

    a(x) = min(1, p(x) / q(x))                1 where q(x) = 0
    r(x) = max(0, p(x) - q(x)) / sum_y max(0, p(y) - q(y))

Together this is a draw from p, whatever q is: q(x) a(x) + (1 - sum_y q(y) a(y)) r(x) = p(x).

Several positions are checked from left to right. The first rejected token is replaced by a draw from r, and those after
it are dropped. If all are accepted, the target's next distribution gives one more token.

Source: Leviathan, Kalman and Matias, Fast Inference from Transformers via Speculative Decoding (2023), section 2 and
appendix A.1.

Strict
------
- Probabilities may be float32, and sum to 1 in seven digits only.
"""

import numpy as np


def acceptance(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """Return a(x) for each token x, in the shape of target.

    Parameters
    ----------
    target, draft : arrays of shape (..., vocab_size)
        Probabilities p and q; each row sums to 1.

    Examples
    --------
    >>> acceptance(np.array([0.5, 0.25, 0.25, 0.0]), np.array([0.25, 0.5, 0.0, 0.25]))
    array([1. , 0.5, 1. , 0. ])
    """
    raise NotImplementedError


def residual(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """Return r, in the shape of target. If p = q, a token is never rejected, and r is p.

    Parameters
    ----------
    target, draft : arrays of shape (..., vocab_size)

    Examples
    --------
    >>> residual(np.array([[0.5, 0.25, 0.25], [0.5, 0.5, 0.0]]), np.array([[0.75, 0.125, 0.125], [0.5, 0.5, 0.0]]))
    array([[0. , 0.5, 0.5],
           [0.5, 0.5, 0. ]])
    """
    raise NotImplementedError


def accept_or_resample(
    target: np.ndarray, draft: np.ndarray, drafted: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the tokens of one round: those accepted, then one from r or from the target.

    Parameters
    ----------
    target : array of shape (n_drafted + 1, vocab_size)
        Row i is p after the first i drafted tokens.
    draft : array of shape (n_drafted, vocab_size)
        Row i is q after the first i drafted tokens.
    drafted : array of int of shape (n_drafted,)
        Token i was drawn from row i of draft. n_drafted may be 0.
    rng : numpy.random.Generator

    Returns
    -------
    array of int
        1 to n_drafted + 1 tokens.

    Examples
    --------
    Token 0 is accepted, token 2 is not.

    >>> target = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> draft = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    >>> accept_or_resample(target, draft, np.array([0, 2]), np.random.default_rng(0))
    array([0, 1])
    """
    raise NotImplementedError
