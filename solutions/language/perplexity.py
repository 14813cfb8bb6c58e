"""Perplexity and bits per byte: how well a causal language model predicts a text.

The model gives a probability p to each token, from the tokens before it. For the n tokens that count, in all sequences
of the batch together,

    loss           = 1/n * sum of -log p(token)
    perplexity     = exp(loss)
    bits per byte  = n * loss / (log(2) * number of bytes)

p is the softmax of the logits. The logits at position i predict the token at position i + 1. So the first token of a
sequence does not count, and the last logits are not used. Logits may be as large as 1e4, and sequences may be long.

Sources: Jurafsky and Martin, Speech and Language Processing (3rd edition, draft), section 3.3; Gao et al., The Pile
(2020), section 3.1.

Strict
------
- Logits and labels may be of any number type. The result is as exact as float64 allows.
- A token whose logit is -inf makes both inf, if it counts. So does a loss whose exponential is beyond float64.
- ValueError if no token counts, or if all texts are empty.
"""

import math

import numpy as np


def perplexity(logits: np.ndarray, labels: np.ndarray, ignore_index: int = -100) -> float:
    """Return the perplexity of a batch.

    Parameters
    ----------
    logits : array of shape (n_sequences, n_tokens, n_vocab)
    labels : array of int of shape (n_sequences, n_tokens)
        The tokens themselves: labels are not shifted yet.
    ignore_index : int
        A token with this label does not count (padding, or a prompt). It may also be a number from 0 to n_vocab - 1.

    Examples
    --------
    Three tokens count, with probabilities 1/2, 1/2 and 1/5.

    >>> logits = np.log([[[1.0, 1.0], [1.0, 1.0], [9.0, 1.0]], [[4.0, 1.0], [7.0, 1.0], [1.0, 7.0]]])
    >>> labels = np.array([[0, 0, 1], [1, 1, -100]])
    >>> round(perplexity(logits, labels) ** 3, 6)
    20.0
    """
    total, n = _summed(logits, labels, ignore_index)
    with np.errstate(over="ignore"):
        return float(np.exp(total / n))


def bits_per_byte(logits: np.ndarray, labels: np.ndarray, texts: list[str], ignore_index: int = -100) -> float:
    """Return the bits per byte of a batch.

    Parameters
    ----------
    logits, labels, ignore_index
        As for perplexity.
    texts : list of str
        The text of the tokens that count, one for each sequence. Its bytes are those of UTF-8.

    Examples
    --------
    Two tokens of two bits each, and three bytes.

    >>> round(bits_per_byte(np.zeros((1, 3, 4)), np.array([[0, 1, 2]]), ["hé"]), 6)
    1.333333
    """
    total, _ = _summed(logits, labels, ignore_index)
    n_bytes = len("".join(texts).encode())
    if n_bytes == 0:
        raise ValueError("the texts are empty")
    return float(total / (math.log(2) * n_bytes))


def _summed(logits: np.ndarray, labels: np.ndarray, ignore_index: int) -> tuple[np.float64, int]:
    """Return the sum of -log p over the tokens that count, and their number."""
    targets = labels[:, 1:]
    counts = targets != ignore_index
    if not counts.any():
        raise ValueError("no token counts")
    kept = logits[:, :-1][counts].astype(np.float64)
    kept -= kept.max(axis=1, keepdims=True)
    own = kept[np.arange(len(kept)), targets[counts]]
    return (np.log(np.exp(kept).sum(axis=1)) - own).sum(), len(kept)


def perplexity_via_loop(logits: np.ndarray, labels: np.ndarray, ignore_index: int = -100) -> float:
    """Go over the tokens one by one, in plain Python."""
    losses = []
    for scores, tokens in zip(logits.tolist(), labels.tolist(), strict=True):
        for row, token in zip(scores[:-1], tokens[1:], strict=True):
            if token != ignore_index:
                top = max(row)
                losses.append(top - row[token] + math.log(math.fsum(math.exp(z - top) for z in row)))
    if not losses:
        raise ValueError("nothing to predict")
    try:
        return math.exp(math.fsum(losses) / len(losses))
    except OverflowError:
        return math.inf


def perplexity_via_running_mean(logits: np.ndarray, labels: np.ndarray, ignore_index: int = -100) -> float:
    """Update the mean of log2 p position by position, each weighted by the tokens that count there."""
    n, mean = 0, 0.0
    for i in range(1, labels.shape[1]):
        rows = np.flatnonzero(labels[:, i] != ignore_index)
        if len(rows):
            z = logits[rows, i - 1].astype(float) / math.log(2)
            surprise = np.logaddexp2.reduce(z, axis=1) - z[np.arange(len(rows)), labels[rows, i]]
            before, n = n, n + len(rows)
            mean = mean * (before / n) + surprise.sum() / n
    if n == 0:
        raise ValueError("nothing to predict")
    with np.errstate(over="ignore"):
        return float(np.exp2(mean))


def bits_per_byte_via_loop(logits: np.ndarray, labels: np.ndarray, texts: list[str], ignore_index: int = -100) -> float:
    """Add up the bits and the bytes of one sequence after the other."""
    bits, n_bytes = 0.0, 0
    for scores, tokens, text in zip(logits.tolist(), labels.tolist(), texts, strict=True):
        n_bytes += len(text.encode("utf-8"))
        for row, token in zip(scores[:-1], tokens[1:], strict=True):
            if token != ignore_index:
                below = (max(row) - row[token]) / math.log(2)
                bits += below + math.log2(math.fsum(math.exp(z - max(row)) for z in row))
    if n_bytes == 0 or not (labels[:, 1:] != ignore_index).any():
        raise ValueError("nothing to predict")
    return bits / n_bytes


def bits_per_byte_via_one_hot(
    logits: np.ndarray, labels: np.ndarray, texts: list[str], ignore_index: int = -100
) -> float:
    """Compare each label with each token, and average over the bytes."""
    counts = (labels != ignore_index)[:, 1:, np.newaxis]
    own = counts & (labels[:, 1:, np.newaxis] == np.arange(logits.shape[2]))
    # Code points up to U+007F, U+07FF and U+FFFF take one, two and three bytes.
    points = np.array([ord(character) for text in texts for character in text])
    if not counts.any() or not len(points):
        raise ValueError("nothing to predict")
    n_bytes = 1 + np.searchsorted([0x80, 0x800, 0x10000], points, side="right")
    z = np.asarray(logits[:, :-1], dtype=float)
    log_p = z - np.logaddexp.reduce(z, axis=2, keepdims=True)
    return float(np.log2(np.e) * -log_p[own].sum() / n_bytes.sum())
