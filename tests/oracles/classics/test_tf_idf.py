"""The reference beside scikit-learn's TfidfTransformer and cosine_similarity."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics.pairwise import cosine_similarity

from tests.bench.peers import Peer


def test_transformer(reference, rng):
    for _ in range(100):
        n, n_words = (int(size) for size in rng.integers(1, 20, size=2))
        train, new = rng.poisson(0.6, size=(n, n_words)), rng.poisson(0.6, size=(5, n_words))
        model = TfidfTransformer().fit(train)
        idf = reference.inverse_document_frequency(train)
        np.testing.assert_allclose(idf, model.idf_, rtol=1e-9)
        np.testing.assert_allclose(reference.tf_idf(new, idf), model.transform(new).toarray(), rtol=1e-9, atol=1e-12)


def test_cosine(reference, rng):
    for _ in range(50):
        X, Y = rng.normal(size=(4, 6)), rng.normal(size=(7, 6))
        X[0], Y[3] = 0, 0
        np.testing.assert_allclose(reference.cosine_similarity(X, Y), cosine_similarity(X, Y), rtol=1e-9, atol=1e-12)


def test_claim_idf(reference):
    counts = np.zeros((1_000, 3), dtype=int)
    counts[:, 0], counts[:10, 1] = 1, 1
    assert reference.inverse_document_frequency(counts).round(2).tolist() == [1.0, 5.51, 7.91]


def test_claim_three_measures(reference, rng):
    x, y = reference.tf_idf(rng.poisson(1.0, size=(2, 30)), np.ones(30))
    assert ((x - y) ** 2).sum() == pytest.approx(2 - 2 * reference.cosine_similarity(x[None], y[None])[0, 0], rel=1e-9)


def peers(reference, rng):
    """Yield the weights of a thousand documents."""
    counts = rng.poisson(0.1, size=(1_000, 2_000))
    model = TfidfTransformer().fit(counts)
    idf = reference.inverse_document_frequency(counts)
    yield Peer(
        "1,000 documents of 2,000 words",
        "TfidfTransformer",
        lambda: reference.tf_idf(counts, idf),
        lambda: model.transform(counts),
    )
