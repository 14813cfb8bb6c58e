# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class PartialRegression(NamedTuple):
    x_residual: np.ndarray
    y_residual: np.ndarray
    slope: float


def partial_regression(X: np.ndarray, y: np.ndarray, feature: int) -> PartialRegression:
    x = X[:, feature]
    if np.all(x == x[0]):
        raise ValueError("the feature is constant")
    Z = np.column_stack([np.ones(len(X)), np.delete(X, feature, axis=1)])
    xy = np.column_stack([x, y])
    coef = np.linalg.lstsq(Z, xy, rcond=None)[0]
    x_residual, y_residual = (xy - Z @ coef).T
    ss = x_residual @ x_residual
    if ss < 1e-10 * np.sum((x - x.mean()) ** 2):
        raise ValueError("the other features explain the feature")
    return PartialRegression(x_residual, y_residual, float(x_residual @ y_residual / ss))
