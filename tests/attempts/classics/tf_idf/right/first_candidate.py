# candidate, par time, from the stub alone
import numpy as np


def inverse_document_frequency(counts: np.ndarray) -> np.ndarray:
    df = (counts > 0).sum(axis=0)
    return np.log((1 + len(counts)) / (1 + df)) + 1


def normalize(X):
    norms = np.linalg.norm(X, axis=1, keepdims=True)
    return X / np.where(norms == 0, 1, norms)


def tf_idf(counts: np.ndarray, idf: np.ndarray) -> np.ndarray:
    return normalize(counts * idf)


def cosine_similarity(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    return normalize(X) @ normalize(Y).T
