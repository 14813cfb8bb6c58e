import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

PURE = True

# A large vocabulary: special tokens 0, 1 and 2, the mask token 3.
SPECIAL, MASK, VOCAB = [0, 1, 2], 3, 5_000


@pytest.fixture
def ids(rng):
    """Return 400 sequences of 100 tokens, of which the first, the last and some at the end are special."""
    ids = rng.integers(4, VOCAB, size=(400, 100))
    ids[:, 0] = 1
    for row, length in enumerate(rng.integers(40, 100, size=400)):
        ids[row, length - 1] = 2
        ids[row, length:] = 0
    return ids


def masked(kata, ids, rate, rng, special=SPECIAL):
    """Return inputs and labels as arrays."""
    found = kata.mask_tokens(ids, special, MASK, VOCAB, rate, rng)
    for each, what in zip(found, ("inputs", "labels"), strict=True):
        assert_equal(np.shape(each), np.shape(ids), what=f"the shape of {what}")
    return np.asarray(found.inputs), np.asarray(found.labels)


def assert_share(hits, expected, what):
    """Check a mean of independent events with a known probability: within seven standard deviations."""
    spread = (expected * (1 - expected) / np.size(hits)) ** 0.5
    assert_close(np.mean(hits), expected, rtol=0.0, atol=7 * spread + 1e-12, what=what)


def test_special_tokens(kata, rng, ids):
    """At rate 1 every token is selected except the special ones, which stay as they are."""
    small = np.array([[1, 7, 9, 2], [1, 5, 2, 0]])
    inputs, labels = masked(kata, small, 1.0, rng)
    assert_equal(labels, [[-100, 7, 9, -100], [-100, 5, -100, -100]])
    assert_equal(inputs[small < 3], small[small < 3])
    inputs, labels = masked(kata, ids, 1.0, rng)
    special = np.isin(ids, SPECIAL)
    assert_equal(labels, np.where(special, -100, ids))
    assert_equal(inputs[special], ids[special])
    # Without special tokens 0, too, is a token like others.
    assert_equal(masked(kata, small, 1.0, rng, [])[1], small)
    assert_equal(masked(kata, small, 1.0, rng, [7])[1], [[1, -100, 9, 2], [1, 5, 2, 0]])


def test_labels(kata, rng, ids):
    """A label is the original token or -100; where it is -100, the input is the original token."""
    small = np.arange(4, 24)
    inputs, labels = masked(kata, small, 0.5, rng)
    assert_equal(np.where(labels == -100, small, labels), small)
    assert_equal(np.where(labels == -100, inputs, small), small)
    # One that is replaced by itself is to be predicted, too.
    assert_equal(masked(kata, np.full(50, MASK), 1.0, rng)[1], np.full(50, MASK))
    for rate in (0.15, 0.6):
        inputs, labels = masked(kata, ids, rate, rng)
        assert_equal(np.where(labels == -100, ids, labels), ids)
        assert_equal(np.where(labels == -100, inputs, ids), ids)
        assert_equal(labels[np.isin(ids, SPECIAL)], np.full(np.isin(ids, SPECIAL).sum(), -100))


def test_rate(kata, rng, ids):
    """The rate is the share of selected tokens among those that are not special; at rate 0 there are none."""
    inputs, labels = masked(kata, ids, 0.0, rng)
    assert_equal(labels, np.full(ids.shape, -100))
    assert_equal(inputs, ids)
    usable = ~np.isin(ids, SPECIAL)
    for rate in (0.15, 0.02, 0.5, 0.9):
        _, labels = masked(kata, ids, rate, rng)
        assert_share(labels[usable] != -100, rate, f"the share of selected tokens at rate {rate}")


def test_eighty_ten_ten(kata, rng, ids):
    """Of the selected tokens 80 % become the mask token, 10 % a random one, and 10 % are kept."""
    for rate in (1.0, 0.5):
        inputs, labels = masked(kata, ids, rate, rng)
        own, original = inputs[labels != -100], ids[labels != -100]
        assert_share(own == MASK, 0.8 + 0.1 / VOCAB, "the share of mask tokens")
        assert_share(own == original, 0.1 + 0.1 / VOCAB, "the share of tokens that are kept")
        other = (own != MASK) & (own != original)
        assert_share(other, 0.1 - 0.2 / VOCAB, "the share of random tokens")


def test_random_tokens(kata, rng):
    """A random token is any from 0 to vocab_size - 1, all equally likely: also special, the mask or the original."""
    ids = np.full(60_000, 4)
    found = kata.mask_tokens(ids, [0, 1], 3, 6, 1.0, rng)
    inputs = np.asarray(found.inputs)
    assert_equal(np.unique(inputs), np.arange(6))
    for token, expected in enumerate([1 / 60, 1 / 60, 1 / 60, 0.8 + 1 / 60, 0.1 + 1 / 60, 1 / 60]):
        assert_share(inputs == token, expected, f"the share of token {token} with a vocabulary of 6")
    # 6,000 random tokens of 40: each about 150 times.
    inputs = np.asarray(kata.mask_tokens(ids, [], 3, 40, 1.0, rng).inputs)
    assert_equal(np.unique(inputs), np.arange(40))
    for token in [0, 1, 2, *range(5, 40)]:
        assert_share(inputs == token, 0.1 / 40, f"the share of token {token} with a vocabulary of 40")


def test_draws_are_independent(kata, rng):
    """Tokens are selected, and replaced, independently of each other, within a sequence and across."""
    ids = np.full((3_000, 20), 9)
    inputs, labels = masked(kata, ids, 0.3, rng)
    selected = labels != -100
    # The number of selected tokens in a sequence is binomial: its variance is 20 * 0.3 * 0.7.
    assert_close(selected.sum(axis=1).var(), 4.2, rtol=0.0, atol=0.9, what="the variance of a sequence's targets")
    assert_close(selected.mean(axis=0), np.full(20, 0.3), rtol=0.0, atol=0.06, what="the share at each position")
    drawn = (inputs != MASK) & (inputs != 9)
    for what, event, p in [
        ("selected", selected, 0.3),
        ("kept", selected & (inputs == 9), 0.03),
        ("random", drawn, 0.03),
    ]:
        assert_share(event[1::2] & event[::2], p * p, f"the share of places that are {what} in both of two sequences")
        assert_share(event[:, 1::2] & event[:, ::2], p * p, f"the share of neighbours that are both {what}")
    # Of ten selected tokens 8 are masked on average, and not each time.
    counts = {int((masked(kata, np.full(10, 9), 1.0, rng)[0] == MASK).sum()) for _ in range(30)}
    assert_equal(len(counts) > 1, True, what="how many of ten selected tokens are masked differs from call to call")
    # Random tokens are drawn one by one: two of them are rarely the same.
    inputs, _ = masked(kata, ids[:1_000], 1.0, rng)
    drawn = (inputs != MASK) & (inputs != 9)
    for first, second in [(np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])]:
        both = drawn[first] & drawn[second]
        assert_close(
            (inputs[first] == inputs[second])[both].mean(), 0.0, atol=0.2, what="the share of equal random pairs"
        )


def test_generator(kata, ids):
    """All draws come from rng: the same seed gives the same result, another one or a second call another."""
    ids = ids[:5]
    first, same, other = (masked(kata, ids, 0.3, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert_equal(same[0], first[0])
    assert_equal(same[1], first[1])
    assert_equal(np.array_equal(first[1], other[1]), False, what="two seeds give the same labels")
    rng = np.random.default_rng(3)
    first, second = masked(kata, ids, 0.3, rng), masked(kata, ids, 0.3, rng)
    assert_equal(np.array_equal(first[1], second[1]), False, what="two calls give the same labels")


def test_shapes(kata, rng):
    """The arrays may have any shape, and be empty of tokens that can be selected."""
    for shape in [(1,), (7,), (1, 5), (2, 3, 4)]:
        ids = rng.integers(4, VOCAB, size=shape)
        assert_equal(masked(kata, ids, 1.0, rng)[1], ids)
        assert_equal(masked(kata, np.full(shape, 2), 1.0, rng)[1], np.full(shape, -100))
        assert_equal(masked(kata, np.full(shape, 2), 1.0, rng)[0], np.full(shape, 2))
        assert_equal(masked(kata, ids, 0.0, rng)[0], ids)


@strict
def test_small_types(kata, rng):
    """Ids may be of a type that does not hold -100, the mask token or a random token."""
    for kind in (np.uint8, np.int8, np.uint16, np.int64):
        ids = np.full(20_000, 100, dtype=kind)
        ids[::2] = 1
        found = kata.mask_tokens(ids, [1], 69_999, 70_000, 1.0, rng)
        inputs, labels = np.asarray(found.inputs).astype(float), np.asarray(found.labels).astype(float)
        assert_equal(labels, np.where(ids == 1, -100.0, 100.0))
        assert_equal(np.unique(inputs[::2]), [1.0])
        assert_share(inputs[1::2] == 69_999, 0.8 + 0.1 / 70_000, "the share of mask tokens")
        assert_share((inputs[1::2] > 300) & (inputs[1::2] < 69_999), 0.1 * 69_698 / 70_000, "the share above 300")


@strict
def test_bad_rate(kata, rng):
    """A rate below 0 or above 1 raises ValueError, also if no token can be selected."""
    for rate in (-0.1, 1.5, 15.0):
        for ids in (np.full((2, 3), 4), np.zeros(3, dtype=int)):
            with pytest.raises(ValueError):
                kata.mask_tokens(ids, [0], 3, 10, rate, rng)


def workload(kata, rng, n):
    """Mask n sequences, and return what does not depend on the draws."""
    ids = rng.integers(0, 50, size=(n, 12))
    inputs, labels = masked(kata, ids, 0.4, rng)
    everything, nothing = masked(kata, ids, 1.0, rng), masked(kata, ids, 0.0, rng)
    return (
        np.where(labels == -100, inputs, ids),
        np.where(labels == -100, ids, labels),
        everything[1],
        everything[0][ids < 3],
        nothing,
        np.shape(inputs),
    )


SELECT = "selected = (rng.random(ids.shape) < rate) & ~np.isin(ids, special_ids)"
FATE = 'fate = rng.choice(["masked", "random", "kept"], p=[0.8, 0.1, 0.1], size=ids.shape)'
MASKED = 'inputs = np.where(selected & (fate == "masked"), mask_id, ids)'
RANDOM = 'inputs = np.where(selected & (fate == "random"), rng.integers(vocab_size, size=ids.shape), inputs)'
LABELS = "np.where(selected, ids, -100)"

MISTAKES = {
    "special tokens are selected": (SELECT, SELECT.replace(" & ~np.isin(ids, special_ids)", "")),
    "only the first special token is exempt": (SELECT, SELECT.replace("special_ids", "special_ids[:1]")),
    "tokens below the largest special one are exempt": (
        SELECT,
        SELECT.replace("~np.isin(ids, special_ids)", "(ids > max(special_ids, default=-1))"),
    ),
    "0 is always taken for padding": (
        SELECT,
        SELECT.replace("~np.isin(ids, special_ids)", "~np.isin(ids, [0, *special_ids])"),
    ),
    "the rate is fixed": (SELECT, SELECT.replace("< rate", "< (0.15 if 0 < rate < 1 else rate)")),
    "the share of all tokens, special ones included": (
        SELECT,
        (
            "usable = ~np.isin(ids, special_ids)\n"
            "    selected = (rng.random(ids.shape) < rate / max(usable.mean(), 1e-9)) & usable"
        ),
    ),
    "a fixed number in each sequence": (
        SELECT,
        (
            "usable = ~np.isin(ids, special_ids)\n"
            "    scores = np.where(usable, rng.random(ids.shape), 2.0)\n"
            "    counts = np.round(rate * usable.sum(axis=-1, keepdims=True))\n"
            "    selected = scores.argsort(axis=-1).argsort(axis=-1) < counts"
        ),
    ),
    "a fixed number in the batch": (
        SELECT,
        (
            "places = np.flatnonzero(~np.isin(ids, special_ids))\n"
            "    selected = np.zeros(ids.size, dtype=bool)\n"
            "    selected[places[: round(rate * len(places))]] = True\n"
            "    selected = selected.reshape(ids.shape)"
        ),
    ),
    "the same places in each sequence": (
        SELECT,
        SELECT.replace("rng.random(ids.shape)", "np.broadcast_to(rng.random(ids.shape[-1]), ids.shape)"),
    ),
    "whole sequences are selected": (
        SELECT,
        SELECT.replace("rng.random(ids.shape)", "np.broadcast_to(rng.random((*ids.shape[:-1], 1)), ids.shape)"),
    ),
    "one fate for each sequence": (
        FATE,
        FATE.replace("size=ids.shape)", "size=(*ids.shape[:-1], 1))") + "\n    fate = np.broadcast_to(fate, ids.shape)",
    ),
    "a new generator with a fixed seed": (SELECT, "rng = np.random.default_rng(0)\n    " + SELECT),
    "the global generator": (SELECT, SELECT.replace("rng.random(ids.shape)", "np.random.random(ids.shape)")),
    "always the mask": (FATE, FATE.replace("[0.8, 0.1, 0.1]", "[1.0, 0.0, 0.0]")),
    "no token is kept": (FATE, FATE.replace("[0.8, 0.1, 0.1]", "[0.8, 0.2, 0.0]")),
    "no random token": (FATE, FATE.replace("[0.8, 0.1, 0.1]", "[0.8, 0.0, 0.2]")),
    "10 % of the rest, not of all": (FATE, FATE.replace("[0.8, 0.1, 0.1]", "[0.8, 0.02, 0.18]")),
    "half of all, tossed independently": (FATE, FATE.replace("[0.8, 0.1, 0.1]", "[0.4, 0.5, 0.1]")),
    "a random token may overwrite the mask": (FATE, FATE.replace("[0.8, 0.1, 0.1]", "[0.72, 0.1, 0.18]")),
    "all positions get random tokens": (RANDOM, RANDOM.replace("selected & ", "")),
    "all positions are masked": (MASKED, MASKED.replace("selected & ", "")),
    "one random token for each sequence": (
        RANDOM,
        RANDOM.replace("size=ids.shape)", "size=(*ids.shape[:-1], 1))"),
    ),
    "one random token for all": (
        RANDOM,
        RANDOM.replace("rng.integers(vocab_size, size=ids.shape)", "rng.integers(vocab_size)"),
    ),
    "random tokens from the batch": (
        RANDOM,
        RANDOM.replace("rng.integers(vocab_size, size=ids.shape)", "rng.permutation(ids.ravel()).reshape(ids.shape)"),
    ),
    "token 0 is never drawn": (RANDOM, RANDOM.replace("rng.integers(vocab_size,", "rng.integers(1, vocab_size,")),
    "the last token is never drawn": (
        RANDOM,
        RANDOM.replace("rng.integers(vocab_size,", "rng.integers(vocab_size - 1,"),
    ),
    "a token beyond the vocabulary": (
        RANDOM,
        RANDOM.replace("rng.integers(vocab_size,", "rng.integers(vocab_size + 1,"),
    ),
    "a random token is never the original": (
        RANDOM,
        RANDOM.replace(
            "rng.integers(vocab_size, size=ids.shape)",
            "(ids + rng.integers(1, vocab_size, size=ids.shape)) % vocab_size",
        ),
    ),
    "a random token is never special": (
        RANDOM,
        RANDOM.replace(
            "rng.integers(vocab_size, size=ids.shape)",
            "rng.choice(np.setdiff1d(np.arange(vocab_size), special_ids), size=ids.shape)",
        ),
    ),
    "labels everywhere": (LABELS, "ids"),
    "labels where nothing was selected": (LABELS, "np.where(selected, -100, ids)"),
    "labels 0 instead of -100": (LABELS, "np.where(selected, ids, 0)"),
    "labels are the inputs": (LABELS, "np.where(selected, inputs, -100)"),
    "labels where the input is the mask": (LABELS, 'np.where(selected & (fate == "masked"), ids, -100)'),
    "labels where the input differs": (LABELS, "np.where(inputs != ids, ids, -100)"),
    "the argument is changed": [
        ("    ids = ids.astype(np.int64)\n", "    given, ids = ids, ids.astype(np.int64)\n"),
        ("return Masked(inputs,", "given[...] = inputs\n    return Masked(given,"),
    ],
}

STRICT_MISTAKES = {
    "in the type of the ids": [
        ("    ids = ids.astype(np.int64)\n", "    own = ids.dtype\n    ids = ids.astype(np.int64)\n"),
        (
            "return Masked(inputs, np.where(selected, ids, -100))",
            "return Masked(inputs.astype(own), np.where(selected, ids, -100).astype(own))",
        ),
    ],
    "any rate": ("if not 0 <= rate <= 1:", "if False:"),
    "a rate in percent": ("if not 0 <= rate <= 1:", "if not 0 <= rate <= 100:"),
    "a negative rate selects nothing": ("if not 0 <= rate <= 1:", "if rate > 1:"),
}
