# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


def pad(x, padding, value):
    n, c, h, w = x.shape
    padded = np.full((n, c, h + 2 * padding, w + 2 * padding), value, dtype=float)
    padded[:, :, padding : padding + h, padding : padding + w] = x
    return padded


def max_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    n, c, h, w = x.shape
    padded = pad(x, padding, -np.inf)
    oh = (h + 2 * padding - size) // stride + 1
    ow = (w + 2 * padding - size) // stride + 1
    out = np.zeros((n, c, oh, ow))
    arg = np.zeros((n, c, oh, ow), dtype=int)
    for i in range(oh):
        for j in range(ow):
            window = padded[:, :, i * stride : i * stride + size, j * stride : j * stride + size].reshape(n, c, -1)
            out[:, :, i, j] = window.max(axis=2)
            arg[:, :, i, j] = window.argmax(axis=2)
    return Forward(out, (arg, x.shape, size, stride, padding))


def max_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    arg, (n, c, h, w), size, stride, padding = cache
    grad = np.zeros((n, c, h + 2 * padding, w + 2 * padding))
    a, b = np.arange(n)[:, None], np.arange(c)[None, :]
    for i in range(arg.shape[2]):
        for j in range(arg.shape[3]):
            row = i * stride + arg[:, :, i, j] // size
            col = j * stride + arg[:, :, i, j] % size
            grad[a, b, row, col] += grad_out[:, :, i, j]
    return grad[:, :, padding : padding + h, padding : padding + w]


def average_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    n, c, h, w = x.shape
    padded = pad(x, padding, 0.0)
    oh = (h + 2 * padding - size) // stride + 1
    ow = (w + 2 * padding - size) // stride + 1
    out = np.zeros((n, c, oh, ow))
    for i in range(oh):
        for j in range(ow):
            window = padded[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            out[:, :, i, j] = window.mean(axis=(2, 3))
    return Forward(out, (x.shape, size, stride, padding))


def average_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    (n, c, h, w), size, stride, padding = cache
    grad = np.zeros((n, c, h + 2 * padding, w + 2 * padding))
    for i in range(grad_out.shape[2]):
        for j in range(grad_out.shape[3]):
            share = grad_out[:, :, i, j] / size**2
            grad[:, :, i * stride : i * stride + size, j * stride : j * stride + size] += share[:, :, None, None]
    return grad[:, :, padding : padding + h, padding : padding + w]
