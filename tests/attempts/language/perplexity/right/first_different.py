# different style; both bars
# One token at a time. -log p = log(1 + sum over the other tokens of exp(z_j - z_token)): also exact if p is almost 1.
import math

import numpy as np


def _surprise(row, token):
    """-log p(token) in nats."""
    own = float(row[token])
    if own == -math.inf:
        return math.inf
    gaps = np.delete(row, token) - own
    if gaps.size == 0:
        return 0.0
    top = float(gaps.max())
    if top <= 0.0:
        return math.log1p(np.exp(gaps).sum())
    # the largest of the others leads: top + log(exp(-top) + 1 + the rest)
    lead = int(gaps.argmax())
    return top + math.log1p(math.exp(-top) + np.exp(np.delete(gaps, lead) - top).sum())


def _total(logits, labels, ignore_index):
    """The sum of the losses, and how many tokens count."""
    logits, labels = np.asarray(logits), np.asarray(labels)
    surprises = []
    for sequence, tokens in zip(logits, labels):
        for position, token in enumerate(tokens.tolist()[1:]):
            if token != ignore_index:
                surprises.append(_surprise(sequence[position].astype(np.float64), int(token)))
    if not surprises:
        raise ValueError("no token counts")
    return math.fsum(surprises), len(surprises)


def perplexity(logits: np.ndarray, labels: np.ndarray, ignore_index: int = -100) -> float:
    total, n = _total(logits, labels, ignore_index)
    try:
        return math.exp(total / n)
    except OverflowError:
        return math.inf


def bits_per_byte(logits: np.ndarray, labels: np.ndarray, texts: list[str], ignore_index: int = -100) -> float:
    n_bytes = len("".join(texts).encode("utf-8"))
    if not n_bytes:
        raise ValueError("all texts are empty")
    total, _ = _total(logits, labels, ignore_index)
    return total / (math.log(2.0) * n_bytes)
