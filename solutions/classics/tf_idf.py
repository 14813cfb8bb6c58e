"""TF-IDF: documents as vectors of weighted word counts, compared by their angle.

A word that is in most documents tells little about any of them. With n documents, of which df_j contain word j,

    idf_j  = ln((1 + n) / (1 + df_j)) + 1
    tfidf  = counts_ij * idf_j,  each row divided by its Euclidean norm

There are several formulas for idf. This one is scikit-learn's: the ones in the fraction count as one more document that
contains every word (so no division by zero), and the 1 at the end keeps words that are in all documents.

The idf comes from the training documents. New documents are weighted with it, not with an idf of their own.

Source: Manning, Raghavan and Schuetze, Introduction to Information Retrieval (2008), sections 6.2 and 6.3;
scikit-learn's TfidfTransformer.
"""

import numpy as np


def inverse_document_frequency(counts: np.ndarray) -> np.ndarray:
    """Return the idf of each word.

    Parameters
    ----------
    counts : array of int of shape (n_documents, n_words)
        How often each document contains each word. A word may be in no document.

    Examples
    --------
    >>> inverse_document_frequency(np.array([[3, 0], [1, 2], [5, 0]])).round(4)
    array([1.    , 1.6931])
    """
    df = (counts > 0).sum(axis=0)
    return np.log((1 + len(counts)) / (1 + df)) + 1


def tf_idf(counts: np.ndarray, idf: np.ndarray) -> np.ndarray:
    """Return the weighted documents, each of norm 1.

    Parameters
    ----------
    counts : array of int of shape (n_documents, n_words)
    idf : array of shape (n_words,)
        Positive.

    Returns
    -------
    array of shape (n_documents, n_words)
        A document without any word stays all 0.

    Examples
    --------
    >>> tf_idf(np.array([[3, 2], [0, 0]]), np.array([1.0, 2.0]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    return _normalized(counts * idf)


def cosine_similarity(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Return the cosine of the angle between each row of X and each row of Y.

    Parameters
    ----------
    X : array of shape (n, n_words)
        Entries of either sign. Rows need not have norm 1.
    Y : array of shape (m, n_words)

    Returns
    -------
    array of shape (n, m)
        0 if one of the two rows is all 0.

    Examples
    --------
    >>> X, Y = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[0.0, 2.0], [-6.0, -8.0]])
    >>> cosine_similarity(X, Y)
    array([[ 0.8, -1. ],
           [ 0. ,  0. ]])
    """
    return _normalized(X) @ _normalized(Y).T


def _normalized(rows: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1)


def inverse_document_frequency_via_loop(counts: np.ndarray) -> np.ndarray:
    """Go over the words, and count the documents of each."""
    n = len(counts)
    found = []
    for word in counts.T.tolist():
        df = sum(count > 0 for count in word)
        found.append(1 + np.log1p(n) - np.log1p(df))
    return np.array(found)


def inverse_document_frequency_via_presence(counts: np.ndarray) -> np.ndarray:
    """Add the document that contains every word, and take the logarithm of the mean presence."""
    presence = np.vstack([np.ones(counts.shape[1]), np.sign(counts)])
    return 1 - np.log(presence.mean(axis=0))


def tf_idf_via_loop(counts: np.ndarray, idf: np.ndarray) -> np.ndarray:
    """Weight and normalise one document at a time."""
    found = np.zeros(counts.shape)
    for place, document in enumerate(counts):
        weighted = [count * weight for count, weight in zip(document.tolist(), idf.tolist(), strict=True)]
        length = sum(weight * weight for weight in weighted) ** 0.5
        if length > 0:
            found[place] = [weight / length for weight in weighted]
    return found


def tf_idf_via_diagonal(counts: np.ndarray, idf: np.ndarray) -> np.ndarray:
    """Multiply by diagonal matrices from both sides, the left one with a pseudo-inverse."""
    weighted = counts @ np.diag(idf)
    return np.linalg.pinv(np.diag(np.sqrt((weighted**2).sum(axis=1)))) @ weighted


def cosine_similarity_via_loop(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Compare one pair of rows at a time."""
    found = np.zeros((len(X), len(Y)))
    for i, x in enumerate(X.astype(float)):
        for j, y in enumerate(Y.astype(float)):
            lengths = np.hypot.reduce(x) * np.hypot.reduce(y)
            found[i, j] = np.dot(x / (lengths or 1.0), y)
    return found


def cosine_similarity_via_products(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Divide all products by the products of the norms."""
    products = np.einsum("iw,jw->ij", X * 1.0, Y)
    squares = np.multiply.outer(np.einsum("iw,iw->i", X * 1.0, X), np.einsum("jw,jw->j", Y * 1.0, Y))
    return np.divide(products, np.sqrt(squares), out=np.zeros(products.shape), where=squares > 0)
