# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- perplexity
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
    raise NotImplementedError


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
    raise NotImplementedError
