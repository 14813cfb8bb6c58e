import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def batch(rng):
    """Four sequences of seven tokens, of which 6, 1, 3 and 2 count; the padding has logits too."""
    logits, labels = rng.normal(size=(4, 7, 5)) * 2, rng.integers(0, 5, size=(4, 7))
    labels[1, 2:] = -100
    labels[2, 4:] = -100
    labels[3, :5] = -100
    return logits, labels


def losses(logits, labels, ignore_index=-100):
    """Return -log p of each token that counts, in one list for each sequence."""
    found = []
    for scores, tokens in zip(logits.tolist(), labels.tolist(), strict=True):
        found.append([])
        for i in range(1, len(tokens)):
            if tokens[i] != ignore_index:
                top = max(scores[i - 1])
                total = sum(math.exp(z - top) for z in scores[i - 1])
                found[-1].append(top + math.log(total) - scores[i - 1][tokens[i]])
    return found


def defined(logits, labels, ignore_index=-100):
    """Return the perplexity, token by token."""
    flat = [loss for row in losses(logits, labels, ignore_index) for loss in row]
    return math.exp(sum(flat) / len(flat))


def bits(logits, labels, n_bytes, ignore_index=-100):
    """Return the bits per byte, token by token."""
    return sum(map(sum, losses(logits, labels, ignore_index))) / math.log(2) / n_bytes


def test_probabilities(kata, rng):
    """The perplexity is exp of the mean -log p; a uniform guess among k tokens has perplexity k."""
    # Probabilities 4/8 and 1/8: their geometric mean is 1/4.
    logits = np.log([[[4.0, 2.0, 1.0, 1.0], [4.0, 2.0, 1.0, 1.0], [1.0, 1.0, 1.0, 5.0]]])
    assert_close(kata.perplexity(logits, np.array([[3, 0, 2]])), 4.0)
    assert_close(kata.perplexity(np.zeros((2, 4, 6)), rng.integers(0, 6, size=(2, 4))), 6.0)
    for shape in [(3, 5, 4), (1, 2, 3), (2, 6, 2), (5, 2, 7), (4, 4, 4)]:
        logits, labels = rng.normal(size=shape) * 3, rng.integers(0, shape[2], size=shape[:2])
        assert_close(kata.perplexity(logits, labels), defined(logits, labels))


def test_shift(kata, rng):
    """The logits at position i predict the token at i + 1; the first token and the last logits do not matter."""
    sure = np.log([[[1.0, 3.0], [3.0, 1.0], [1.0, 3.0], [1.0, 1.0]]])
    assert_close(kata.perplexity(sure, np.array([[0, 1, 0, 1]])), 4 / 3)
    assert_close(kata.perplexity(sure, np.array([[1, 0, 1, 0]])), 4.0)
    logits, labels = rng.normal(size=(3, 4, 5)), rng.integers(0, 5, size=(3, 4))
    expected = defined(logits, labels)
    logits[:, -1] += rng.normal(size=(3, 5)) * 10
    labels[:, 0] = rng.permutation([0, 4, -100])
    assert_close(kata.perplexity(logits, labels), expected)


def test_padding(kata, batch):
    """Tokens with the label -100 do not count, neither in the sum nor in n."""
    logits = np.log([[[1.0, 3.0], [1.0, 1.0], [7.0, 1.0], [9.0, 2.0]]])
    assert_close(kata.perplexity(logits, np.array([[0, 0, -100, -100]])), 4.0)
    # What follows on padding counts: its logits come from there.
    assert_close(kata.perplexity(logits, np.array([[-100, -100, 1, -100]])), 2.0)
    assert_close(kata.perplexity(logits, np.array([[-100, -100, -100, 1]])), 8.0)
    assert_close(kata.perplexity(*batch), defined(*batch))


def test_every_token_weighs_the_same(kata, batch):
    """The mean is over the tokens of all sequences, not over the means of the sequences."""
    logits = np.zeros((2, 4, 2))
    logits[0] = np.log([1.0, 15.0])
    # One token of probability 1/16, and three of 1/2: the product is 2**-7.
    assert_close(kata.perplexity(logits, np.array([[1, 0, -100, -100], [0, 1, 0, 1]])), 2 ** (7 / 4))
    logits, labels = batch
    labels[3, 1:] = -100
    assert_close(kata.perplexity(logits, labels), defined(logits, labels))


def test_ignore_index(kata, rng):
    """Any number may mark what does not count, also 0 and other numbers of the vocabulary."""
    logits = np.log([[[1.0, 3.0], [4.0, 1.0], [1.0, 1.0]]])
    assert_close(kata.perplexity(logits, np.array([[1, 1, 0]]), 0), 4 / 3)
    assert_close(kata.perplexity(logits, np.array([[1, 1, 0]]), 1), 5 / 4)
    for ignored in (0, 1, 3, -1):
        logits, labels = rng.normal(size=(4, 6, 4)) * 2, rng.integers(0, 4, size=(4, 6))
        labels[:, 3:][rng.random((4, 3)) < 0.5] = ignored
        labels[0, :2] = 2
        assert_close(kata.perplexity(logits, labels, ignored), defined(logits, labels, ignored))
        texts = ["abc", "", "d", "ef"]
        assert_close(kata.bits_per_byte(logits, labels, texts, ignored), bits(logits, labels, 6, ignored))


def test_large_logits(kata, rng):
    """Logits of 1e4 do not overflow, and a token that is 900 below the best costs 900."""
    logits = np.array([[[1e4, 1e4], [-1e4, -1e4], [1e4, -1e4], [0.0, 0.0]]])
    assert_close(kata.perplexity(logits, np.array([[0, 1, 0, 0]])), 2 ** (2 / 3))
    logits = np.array([[[900.0, 0.0], [0.0, 1e4], [0.0, 1.0]]])
    assert_close(kata.bits_per_byte(logits, np.array([[0, 1, 1]]), ["ab"]), 450 / math.log(2))
    logits, labels = rng.normal(size=(2, 5, 3)), rng.integers(0, 3, size=(2, 5))
    levels = rng.permutation(np.linspace(-1e4, 1e4, 10)).reshape(2, 5, 1)
    assert_close(kata.perplexity(logits + levels, labels), defined(logits, labels))


def test_long_sequences(kata, rng):
    """Many tokens do not underflow: the product of their probabilities is far below the smallest float."""
    assert_close(kata.perplexity(np.zeros((1, 3_000, 8)), rng.integers(0, 8, size=(1, 3_000))), 8.0)
    logits, labels = rng.normal(size=(2, 800, 6)), rng.integers(0, 6, size=(2, 800))
    assert_close(kata.perplexity(logits, labels), defined(logits, labels))


def test_bits_per_byte(kata, batch):
    """Bits per byte is the sum of -log2 p over the bytes of all texts."""
    logits = np.log([[[4.0, 2.0, 1.0, 1.0], [4.0, 2.0, 1.0, 1.0], [1.0, 1.0, 1.0, 5.0]]])
    # Three bits and one bit.
    assert_close(kata.bits_per_byte(logits, np.array([[3, 2, 0]]), ["a lot"]), 4 / 5)
    assert_close(kata.bits_per_byte(np.zeros((2, 3, 4)), np.array([[0, 1, 2], [3, 1, -100]]), ["ab", "xyz!"]), 1.0)
    assert_close(
        kata.bits_per_byte(*batch, ["some letters", "t", " (and more)", "a"]),
        bits(*batch, 25),
    )


def test_utf8(kata, rng):
    """A byte is one of UTF-8: a character has one to four of them."""
    logits, labels = np.zeros((1, 2, 16)), np.array([[0, 7]])
    for text, n_bytes in [("a", 1), ("é", 2), ("€", 3), ("🙂", 4), ("naïve Größe", 14), ("日本 ok\n", 10)]:
        assert_close(kata.bits_per_byte(logits, labels, [text]), 4 / n_bytes)
    logits, labels = rng.normal(size=(3, 4, 5)), rng.integers(0, 5, size=(3, 4))
    assert_close(kata.bits_per_byte(logits, labels, ["Ünal", "", "x² ≤ 1"]), bits(logits, labels, 5 + 9))


@strict
def test_small_types(kata, rng):
    """Logits and labels may be of smaller types: the result is that of float64."""
    for kind in (np.int8, np.float16, np.float32):
        logits = rng.integers(-127, 128, size=(2, 40, 200)).astype(kind)
        labels = rng.integers(0, 200, size=(2, 40)).astype(np.uint8)
        labels[0, 30:] = 255
        texts = ["a", "bc"]
        expected = bits(logits, labels, 3, 255)
        assert_close(kata.bits_per_byte(logits, labels, texts, 255), expected)
        logits = (rng.integers(-16, 17, size=(2, 40, 200)) / (1 if kind is np.int8 else 8)).astype(kind)
        assert_close(kata.perplexity(logits, labels, 255), defined(logits, labels, 255))
        labels = np.minimum(labels, 127).astype(np.int8)
        assert_close(kata.perplexity(logits, labels), defined(logits, labels))


@strict
def test_infinite(kata):
    """A token that is ruled out makes the result inf if it counts; a loss of 1,000 has perplexity inf."""
    logits = np.array([[[0.0, -np.inf], [0.0, -np.inf], [0.0, 0.0]]])
    assert_close(kata.perplexity(logits, np.array([[0, 1, 0]])), np.inf)
    assert_close(kata.bits_per_byte(logits, np.array([[0, 0, 1]]), ["ab"]), np.inf)
    assert_close(kata.perplexity(logits, np.array([[1, 0, 0]])), 1.0)
    assert_close(kata.perplexity(logits, np.array([[0, 0, -100]])), 1.0)
    assert_close(kata.perplexity(np.array([[[0.0, 1e3], [0.0, 0.0]]]), np.array([[0, 0]])), np.inf)


@strict
def test_nothing_counts(kata):
    """No token that counts, or no text, raises ValueError."""
    for ignored in (-100, 0):
        for labels in (np.array([[0], [1]]), np.array([[0, ignored], [1, ignored]])):
            logits = np.zeros((*labels.shape, 3))
            with pytest.raises(ValueError):
                kata.perplexity(logits, labels, ignored)
            with pytest.raises(ValueError):
                kata.bits_per_byte(logits, labels, ["a", "b"], ignored)
    with pytest.raises(ValueError):
        kata.bits_per_byte(np.zeros((2, 2, 3)), np.array([[0, 1], [1, 1]]), ["", ""])


def workload(kata, rng, n):
    """Score a batch with sequences of different lengths, one of them a single token."""
    logits, labels = rng.normal(scale=2.0, size=(4, n, 9)), rng.integers(0, 9, size=(4, n))
    logits[:, ::3] = logits[:, ::3].round()
    logits += rng.choice([-1e4, 0.0, 1e4], size=(4, n, 1))
    for row, length in enumerate([n, n // 2, 1, 3]):
        labels[row, length:] = -100
    texts = ["ab" * n, "é" * n, "", "x"]
    return (
        kata.perplexity(logits, labels),
        kata.perplexity(logits, labels % 9, 0),
        kata.bits_per_byte(logits, labels, texts),
    )


PICK = "own = kept[np.arange(len(kept)), targets[counts]]"
EXP = "return float(np.exp(total / n))"
END = "return (np.log(np.exp(kept).sum(axis=1)) - own).sum(), len(kept)"
BITS = "return float(total / (math.log(2) * n_bytes))"
KEPT = "kept = logits[:, :-1][counts].astype(np.float64)"

MISTAKES = {
    "no shift": [("targets = labels[:, 1:]", "targets = labels"), (KEPT, KEPT.replace("[:, :-1]", ""))],
    "a shift the wrong way": [
        ("targets = labels[:, 1:]", "targets = labels[:, :-1]"),
        (KEPT, KEPT.replace("[:, :-1]", "[:, 1:]")),
    ],
    "the first token counts, as the last logits predict it": [
        ("targets = labels[:, 1:]", "targets = labels"),
        (KEPT, "kept = np.roll(logits, 1, axis=1)[counts].astype(np.float64)"),
    ],
    "what comes after an ignored token does not count": (
        "counts = targets != ignore_index",
        "counts = (targets != ignore_index) & (labels[:, :-1] != ignore_index)",
    ),
    "ignored by the token that predicts": (
        "counts = targets != ignore_index",
        "counts = (labels[:, :-1] != ignore_index) & (targets >= 0)",
    ),
    "only negative labels are ignored": ("counts = targets != ignore_index", "counts = targets >= 0"),
    "only -100 is ignored": ("counts = targets != ignore_index", "counts = targets != -100"),
    "an ignore_index of 0 is taken for none": (
        "counts = targets != ignore_index",
        "counts = targets != (ignore_index or -100)",
    ),
    "padding counts as token 0": [
        ("counts = targets != ignore_index", "counts = np.ones(targets.shape, dtype=bool)"),
        (PICK, PICK.replace("targets[counts]", "np.maximum(targets[counts], 0)")),
    ],
    "n counts the padding too": (END, END.replace("len(kept)", "targets.size")),
    "n is the number of sequences": (END, END.replace("len(kept)", "len(labels)")),
    "n counts the first tokens too": (END, END.replace("len(kept)", "int((labels != ignore_index).sum())")),
    "mean of the sequences' means": (
        END,
        (
            "each = np.zeros(targets.shape)\n"
            "    each[counts] = np.log(np.exp(kept).sum(axis=1)) - own\n"
            "    own_n = np.maximum(counts.sum(axis=1), 1)\n"
            "    return (each.sum(axis=1) / own_n).sum() / counts.any(axis=1).sum() * len(kept), len(kept)"
        ),
    ),
    "an eps in the logarithm": (
        END,
        "return -np.log(np.exp(own) / np.exp(kept).sum(axis=1) + 1e-12).sum(), len(kept)",
    ),
    "logarithm of the softmax": (
        END,
        (
            'with np.errstate(divide="ignore"):\n'
            "        return -np.log(np.exp(own) / np.exp(kept).sum(axis=1)).sum(), len(kept)"
        ),
    ),
    "exponentials of the logits as they are": ("    kept -= kept.max(axis=1, keepdims=True)\n", ""),
    "one maximum for the whole batch": ("kept.max(axis=1, keepdims=True)", "kept.max()"),
    "the product of the probabilities": (
        END,
        (
            'with np.errstate(divide="ignore"):\n'
            "        return -np.log(np.prod(np.exp(own) / np.exp(kept).sum(axis=1))), len(kept)"
        ),
    ),
    "logits taken for log-probabilities": (END, "return -own.sum(), len(kept)"),
    "the loss": (EXP, "return float(total / n)"),
    "2 to the power of nats": (EXP, "return float(np.exp2(total / n))"),
    "exp of the sum": (EXP, "return float(np.exp(total))"),
    "rounded": (EXP, "return round(float(np.exp(total / n)), 6)"),
    "nats per byte": (BITS, "return float(total / n_bytes)"),
    "bits per token": (BITS, "return float(total / (math.log(2) * _))"),
    "multiplied by the logarithm of 2": (BITS, "return float(total * math.log(2) / n_bytes)"),
    "characters, not bytes": ('len("".join(texts).encode())', 'len("".join(texts))'),
    "bytes of UTF-16": ('len("".join(texts).encode())', 'len("".join(texts).encode("utf-16-le"))'),
    "bytes of the first text": ('len("".join(texts).encode())', "len(texts[0].encode())"),
    "bits per byte with the default ignore_index": (
        "total, _ = _summed(logits, labels, ignore_index)",
        "total, _ = _summed(logits, np.where(labels == -1, -100, labels), -100)",
    ),
}

STRICT_MISTAKES = {
    "in the type of the logits": (KEPT, KEPT.replace(".astype(np.float64)", "")),
    "the first token may be the only one": ("if not counts.any():", "if False:"),
    "infinity per byte": ("if n_bytes == 0:", "if n_bytes < 0:"),
}
