import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def counts(rng):
    """Five documents of seven words, of which one is in none and one in all; one document is empty of the rest."""
    counts = rng.poisson(0.8, size=(5, 7))
    counts[:, 2] = 0
    counts[:, 4] = rng.integers(1, 5, size=5)
    return counts


def defined_idf(counts):
    """Return the idf of each word, by counting documents."""
    n = len(counts)
    return np.array([math.log((1 + n) / (1 + sum(count > 0 for count in word))) + 1 for word in counts.T.tolist()])


def defined_rows(counts, idf):
    """Return the weighted documents, one at a time."""
    found = np.zeros(counts.shape)
    for i, document in enumerate(counts.tolist()):
        weighted = [count * weight for count, weight in zip(document, idf.tolist(), strict=True)]
        norm = math.hypot(*weighted)
        found[i] = [weight / norm if norm else 0.0 for weight in weighted]
    return found


def defined_cosine(x, y):
    """Return the cosine of the angle between two rows."""
    lengths = math.hypot(*x) * math.hypot(*y)
    return sum(a * b for a, b in zip(x, y, strict=True)) / lengths if lengths else 0.0


def test_documents_are_counted(kata, counts):
    """Df counts the documents that contain a word, however often they do."""
    found = kata.inverse_document_frequency(np.array([[9, 0, 1], [1, 0, 0], [4, 7, 0]]))
    assert_close(found, [1.0, 1 + math.log(2), 1 + math.log(2)])
    assert_close(kata.inverse_document_frequency(counts), defined_idf(counts))


def test_smoothing(kata, rng):
    """1 is added to n, to df and to the logarithm: a word in no document has a finite idf, one in all has 1."""
    found = kata.inverse_document_frequency(np.array([[2, 0], [1, 0], [1, 0]]))
    assert_close(found, [1.0, 1 + math.log(4)])
    # A document without any word is one of the n.
    found = kata.inverse_document_frequency(np.array([[2, 0], [0, 0], [1, 1]]))
    assert_close(found, [1 + math.log(4 / 3), 1 + math.log(2)])
    for n in (1, 2, 30):
        counts = rng.poisson(0.5, size=(n, 6))
        assert_close(kata.inverse_document_frequency(counts), defined_idf(counts))


def test_weights(kata, counts, rng):
    """Counts are multiplied by idf, and each document is divided by its norm."""
    assert_close(kata.tf_idf(np.array([[3, 2]]), np.array([1.0, 2.0])), [[0.6, 0.8]])
    assert_close(kata.tf_idf(np.array([[1, 1], [10, 0]]), np.array([3.0, 4.0])), [[0.6, 0.8], [1.0, 0.0]])
    idf = rng.uniform(1.0, 4.0, size=7)
    assert_close(kata.tf_idf(counts, idf), defined_rows(counts, idf))
    square = rng.poisson(2.0, size=(7, 7))
    assert_close(kata.tf_idf(square, idf), defined_rows(square, idf))


def test_given_idf(kata, rng):
    """New documents are weighted with the given idf, not with one of their own."""
    idf = kata.inverse_document_frequency(np.array([[1, 1, 0], [1, 0, 0], [1, 0, 2]]))
    weights = np.array([1.0, 1 + math.log(2), 1 + math.log(2)])
    assert_close(idf, weights)
    new = np.array([[1, 1, 0]])
    assert_close(kata.tf_idf(new, idf), [[1 / math.hypot(1, weights[1]), weights[1] / math.hypot(1, weights[1]), 0.0]])
    for n in (1, 4):
        new, idf = rng.poisson(1.0, size=(n, 5)), rng.uniform(1.0, 6.0, size=5)
        assert_close(kata.tf_idf(new, idf), defined_rows(new, idf))


def test_empty_document(kata, rng):
    """A document without any word stays all 0."""
    assert_close(kata.tf_idf(np.array([[0, 0], [0, 5]]), np.array([1.0, 2.0])), [[0.0, 0.0], [0.0, 1.0]])
    counts = rng.poisson(1.0, size=(4, 3))
    counts[[0, 3]] = 0
    idf = rng.uniform(1.0, 3.0, size=3)
    assert_close(kata.tf_idf(counts, idf), defined_rows(counts, idf))


def test_cosine(kata, rng):
    """The cosine is the dot product over both norms, for each row of X with each row of Y."""
    X, Y = np.array([[3.0, 4.0]]), np.array([[0.0, 2.0], [-6.0, -8.0], [4.0, -3.0]])
    assert_close(kata.cosine_similarity(X, Y), [[0.8, -1.0, 0.0]])
    assert_close(kata.cosine_similarity(np.array([[2.0, -2.0]]), np.array([[1.0, 0.0]])), [[0.5**0.5]])
    for n, m, n_words in [(3, 5, 4), (4, 4, 4), (1, 6, 2), (5, 1, 3), (2, 3, 1)]:
        X, Y = rng.normal(size=(n, n_words)) * 7, rng.normal(size=(m, n_words)) / 9
        assert_close(kata.cosine_similarity(X, Y), [[defined_cosine(x, y) for y in Y] for x in X])


def test_cosine_of_nothing(kata, rng):
    """A row of zeros has cosine 0 with every row, another row of zeros too."""
    X, Y = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 0.0]])
    assert_close(kata.cosine_similarity(X, Y), [[0.0, 0.0], [1.0, 0.0]])
    X, Y = rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    X[1], Y[0] = 0, 0
    assert_close(kata.cosine_similarity(X, Y), [[defined_cosine(x, y) for y in Y] for x in X])


def test_small_rows(kata, rng):
    """Norms may be small: only a norm of 0 is special."""
    X = np.array([[3e-6, 4e-6]])
    assert_close(kata.cosine_similarity(X, np.array([[0.0, 5e-6]])), [[0.8]])
    assert_close(kata.tf_idf(np.array([[3, 2]]), np.array([1e-6, 2e-6])), [[0.6, 0.8]])
    X, Y = 1e-5 * rng.normal(size=(3, 4)), 1e5 * rng.normal(size=(2, 4))
    assert_close(kata.cosine_similarity(X, Y), [[defined_cosine(x, y) for y in Y] for x in X])


@strict
def test_small_integers(kata, rng):
    """Rows may be small integers, whose squares their type does not hold."""
    X, Y = rng.integers(-128, 128, size=(3, 4)).astype(np.int8), rng.integers(0, 256, size=(2, 4)).astype(np.uint8)
    assert_close(kata.cosine_similarity(X, Y), [[defined_cosine(x, y) for y in Y.tolist()] for x in X.tolist()])
    counts = rng.integers(0, 256, size=(3, 4)).astype(np.uint8)
    assert_close(kata.inverse_document_frequency(counts), defined_idf(counts))
    assert_close(kata.tf_idf(counts, np.array([1, 2, 3, 1])), defined_rows(counts, np.array([1.0, 2.0, 3.0, 1.0])))


def workload(kata, rng, n):
    """Weight n documents, one of them empty, and compare them with others."""
    counts = rng.poisson(0.7, size=(n, 8))
    counts[0] = 0
    idf = kata.inverse_document_frequency(counts)
    rows = kata.tf_idf(counts, rng.uniform(1.0, 5.0, size=8))
    X = rng.normal(size=(n, 8))
    return idf, rows, kata.cosine_similarity(X, counts[:3].astype(float))


MISTAKES = {
    "a row whose sum is 0 is taken for empty": (
        "np.where(norms > 0, norms, 1)",
        "np.where(rows.sum(axis=1, keepdims=True) != 0, norms, 1)",
    ),
    "occurrences counted, not documents": ("(counts > 0).sum(axis=0)", "counts.sum(axis=0)"),
    "words of a document counted": ("(counts > 0).sum(axis=0)", "(counts > 0).sum(axis=1).mean()"),
    "no 1 at the end": ("/ (1 + df)) + 1", "/ (1 + df))"),
    "no smoothing": ("np.log((1 + len(counts)) / (1 + df)) + 1", "np.log(len(counts) / np.maximum(df, 1)) + 1"),
    "only df smoothed": ("np.log((1 + len(counts)) / (1 + df))", "np.log(len(counts) / (1 + df))"),
    "logarithm to base 2": ("np.log((1 +", "np.log2((1 +"),
    "logarithm to base 10": ("np.log((1 +", "np.log10((1 +"),
    "number of words for number of documents": ("(1 + len(counts)) /", "(1 + counts.shape[1]) /"),
    "no logarithm": ("np.log((1 + len(counts)) / (1 + df)) + 1", "(1 + len(counts)) / (1 + df)"),
    "counts divided by the document's length": (
        "_normalized(counts * idf)",
        "counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) * idf",
    ),
    "not normalised": ("_normalized(counts * idf)", "counts * idf"),
    "counts not weighted": ("_normalized(counts * idf)", "_normalized(counts * 1.0)"),
    "normalised before weighting": ("_normalized(counts * idf)", "_normalized(counts * 1.0) * idf"),
    "an idf of its own": ("_normalized(counts * idf)", "_normalized(counts * inverse_document_frequency(counts))"),
    "words normalised, not documents": ("_normalized(counts * idf)", "_normalized((counts * idf).T).T"),
    "sum of absolute values for the norm": (
        "np.linalg.norm(rows, axis=1, keepdims=True)",
        "np.abs(rows).sum(axis=1, keepdims=True)",
    ),
    "squared norm": (
        "np.linalg.norm(rows, axis=1, keepdims=True)",
        "(rows**2.0).sum(axis=1, keepdims=True)",
    ),
    "NaN for a row of zeros": ("rows / np.where(norms > 0, norms, 1)", "rows / norms"),
    "an eps in the norm": ("rows / np.where(norms > 0, norms, 1)", "rows / (norms + 1e-8)"),
    "binary counts": ("_normalized(counts * idf)", "_normalized((counts > 0) * idf)"),
    "Y not normalised": ("_normalized(X) @ _normalized(Y).T", "_normalized(X) @ Y.T"),
    "absolute cosine": ("return _normalized(X) @ _normalized(Y).T", "return np.abs(_normalized(X) @ _normalized(Y).T)"),
    "rows compared one to one": (
        "return _normalized(X) @ _normalized(Y).T",
        "return (_normalized(X)[:1] * _normalized(Y)[:1]).sum(axis=1, keepdims=True) + np.zeros((len(X), len(Y)))",
    ),
}

STRICT_MISTAKES = {
    "squares of the small type": (
        "np.linalg.norm(rows, axis=1, keepdims=True)",
        "np.sqrt((rows**2).sum(axis=1, keepdims=True))",
    ),
}
