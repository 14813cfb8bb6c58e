# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    # centring takes the intercept out of the problem; lstsq (SVD) gives the minimum-norm coef
    x_mean = X.mean(axis=0)
    y_mean = y.mean()
    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=None)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)
