# wrong (core): a constant training feature becomes 0 in the test rows, too, instead of x - mean
import numpy as np


def _fit_scaler(X):
    origin = X[0]
    shifted = X - origin
    mean = shifted.mean(axis=0)
    deviation = shifted.std(axis=0)
    deviation[np.all(X == origin, axis=0)] = 0.0
    return origin, mean, deviation


def _scale(X, scaler):
    origin, mean, deviation = scaler
    centred = (X - origin) - mean
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)


def _check(X, y, folds):
    X, y, folds = np.asarray(X).astype(float), np.asarray(y), np.asarray(folds)
    if not len(X) == len(y) == len(folds):
        raise ValueError("lengths differ")
    numbers = np.unique(folds)
    if len(numbers) < 2:
        raise ValueError("only one fold")
    return X, y, folds, numbers


def cross_validate(fit, score, X, y, folds):
    X, y, folds, numbers = _check(X, y, folds)
    scores = []
    for k in numbers:
        test = folds == k
        train = ~test
        scaler = _fit_scaler(X[train])
        predict = fit(_scale(X[train], scaler), y[train])
        scores.append(score(y[test], predict(_scale(X[test], scaler))))
    return np.array(scores, dtype=float)


def scaling_leak(fit, score, X, y, folds):
    honest = cross_validate(fit, score, X, y, folds)
    X, y, folds, numbers = _check(X, y, folds)
    Z = _scale(X, _fit_scaler(X))
    leaky = []
    for k in numbers:
        test = folds == k
        predict = fit(Z[~test], y[~test])
        leaky.append(score(y[test], predict(Z[test])))
    return float(np.mean(leaky) - np.mean(honest))
