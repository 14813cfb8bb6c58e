# candidate, par time, from the stub alone
import numpy as np


def target_encode(train_categories: np.ndarray, y: np.ndarray, categories: np.ndarray, smoothing: float) -> np.ndarray:
    prior = y.mean()
    out = np.full(len(categories), prior, dtype=float)
    for c in np.unique(train_categories):
        rows = y[train_categories == c]
        out[categories == c] = (rows.sum() + smoothing * prior) / (len(rows) + smoothing)
    return out


def target_encode_out_of_fold(categories: np.ndarray, y: np.ndarray, folds: np.ndarray, smoothing: float) -> np.ndarray:
    names = np.unique(folds)
    if len(names) < 2:
        raise ValueError("need two folds")
    out = np.empty(len(y))
    for fold in names:
        test = folds == fold
        out[test] = target_encode(categories[~test], y[~test], categories[test], smoothing)
    return out
