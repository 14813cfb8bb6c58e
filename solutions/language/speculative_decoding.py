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
    return np.where(target < draft, target, 1) / np.where(target < draft, draft, 1)


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
    missing = np.maximum(target - draft, 0)
    missing = np.where(missing.any(axis=-1, keepdims=True), missing, target)
    return missing / missing.sum(axis=-1, keepdims=True)


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
    n_drafted = len(drafted)
    chances = acceptance(target[:n_drafted], draft)[np.arange(n_drafted), drafted]
    accepted = np.cumprod(rng.random(n_drafted) < chances).sum()
    last = residual(target[accepted], draft[accepted]) if accepted < n_drafted else target[n_drafted]
    sums = last.cumsum()
    return np.append(drafted[:accepted], np.searchsorted(sums, rng.random() * sums[-1], side="right"))


def acceptance_via_division(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """Divide, by 0 too, and cut at 1; 0 / 0 is no number and stands for 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.minimum(np.nan_to_num(target / draft, nan=1.0), 1.0)


def acceptance_via_loop(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """Go through the pairs of probabilities in plain Python."""
    pairs = zip(target.ravel().tolist(), draft.ravel().tolist(), strict=True)
    return np.array([p / q if q > p else 1.0 for p, q in pairs]).reshape(target.shape)


def residual_via_shared_mass(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """Take the mass that both share off the target."""
    left = target - np.minimum(target, draft)
    with np.errstate(invalid="ignore"):
        return np.where(left.any(axis=-1, keepdims=True), left / left.sum(axis=-1, keepdims=True), target)


def residual_via_loop(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """Go through the rows in plain Python."""
    rows = []
    vocab_size = target.shape[-1]
    for p, q in zip(target.reshape(-1, vocab_size).tolist(), draft.reshape(-1, vocab_size).tolist(), strict=True):
        gains = [a - b if a > b else 0.0 for a, b in zip(p, q, strict=True)]
        rows.append([gain / sum(gains) for gain in gains] if any(gains) else p)
    return np.array(rows).reshape(target.shape)


def accept_or_resample_via_loop(
    target: np.ndarray, draft: np.ndarray, drafted: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Check one token after another, and stop at the first rejection."""
    tokens = []
    for p, q, token in zip(target[:-1], draft, drafted.tolist(), strict=True):
        if rng.random() * q[token] >= p[token]:
            weights = residual(p, q).tolist()
            break
        tokens.append(token)
    else:
        weights = target[-1].tolist()
    return np.array([*tokens, rng.choice(len(weights), p=np.divide(weights, sum(weights)))])


def accept_or_resample_via_one_draw(
    target: np.ndarray, draft: np.ndarray, drafted: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw each token at once from its distribution given the drafted one, and stop where the two differ."""
    tokens = []
    for i, token in enumerate(drafted.tolist()):
        chance = acceptance(target[i], draft[i])[token]
        given = (1 - chance) * residual(target[i], draft[i]).astype(float)
        given[token] = chance
        tokens.append(int(rng.multinomial(1, given / given.sum()).argmax()))
        if tokens[-1] != token:
            return np.array(tokens)
    likely = np.flatnonzero(target[-1])
    noisy = np.log(target[-1, likely]) + rng.gumbel(size=likely.size)
    return np.array([*tokens, likely[noisy.argmax()]])
