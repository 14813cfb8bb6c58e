# wrong (core): idf: n counts only the documents that are not empty
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- tf_idf
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
    counts = np.asarray(counts)
    n = np.count_nonzero(counts.sum(axis=1))
    df = (counts > 0).sum(axis=0)
    return np.log((1 + n) / (1 + df)) + 1


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
    weighted = np.asarray(counts, dtype=float) * np.asarray(idf, dtype=float)
    norm = np.linalg.norm(weighted, axis=1, keepdims=True)
    return weighted / np.where(norm == 0, 1.0, norm)


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
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    norm_x, norm_y = np.linalg.norm(X, axis=1), np.linalg.norm(Y, axis=1)
    norm_x = np.where(norm_x == 0, 1.0, norm_x)
    norm_y = np.where(norm_y == 0, 1.0, norm_y)
    return (X / norm_x[:, None]) @ (Y / norm_y[:, None]).T
