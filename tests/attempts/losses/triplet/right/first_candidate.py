# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class TripletLoss(NamedTuple):
    loss: float
    grad_anchor: np.ndarray
    grad_positive: np.ndarray
    grad_negative: np.ndarray


class PairLoss(NamedTuple):
    loss: float
    grad_a: np.ndarray
    grad_b: np.ndarray


def triplet_loss(anchor: np.ndarray, positive: np.ndarray, negative: np.ndarray, margin: float = 1.0) -> TripletLoss:
    n = len(anchor)
    diff_p = anchor - positive
    diff_n = anchor - negative
    d_p = np.linalg.norm(diff_p, axis=1, keepdims=True)
    d_n = np.linalg.norm(diff_n, axis=1, keepdims=True)
    value = d_p - d_n + margin
    active = value > 0
    loss = np.maximum(value, 0).mean()

    unit_p = diff_p / np.where(d_p > 0, d_p, 1) * active / n
    unit_n = diff_n / np.where(d_n > 0, d_n, 1) * active / n
    return TripletLoss(float(loss), unit_p - unit_n, -unit_p, unit_n)


def log_softmax(s, axis):
    s = s - s.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))


def info_nce(a: np.ndarray, b: np.ndarray, temperature: float = 0.07) -> PairLoss:
    n = len(a)
    norm_a = np.linalg.norm(a, axis=1, keepdims=True)
    norm_b = np.linalg.norm(b, axis=1, keepdims=True)
    u = a / norm_a
    v = b / norm_b
    s = u @ v.T / temperature
    log_rows = log_softmax(s, 1)
    log_cols = log_softmax(s, 0)
    loss = -(np.diag(log_rows) + np.diag(log_cols)).mean() / 2

    ds = (np.exp(log_rows) + np.exp(log_cols) - 2 * np.eye(n)) / (2 * n)
    du = ds @ v / temperature
    dv = ds.T @ u / temperature
    grad_a = (du - u * (u * du).sum(axis=1, keepdims=True)) / norm_a
    grad_b = (dv - v * (v * dv).sum(axis=1, keepdims=True)) / norm_b
    return PairLoss(float(loss), grad_a, grad_b)
