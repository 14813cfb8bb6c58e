# wrong (core): the gradients of weight and bias are collected in the cache, so that a second backward with the same cache adds to the first
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_weight: np.ndarray
    grad_bias: np.ndarray


def conv2d_forward(x, weight, bias, stride=1, padding=0):
    x = np.asarray(x, dtype=float)
    weight = np.array(weight, dtype=float)
    bias = np.asarray(bias, dtype=float)
    kh, kw = weight.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    oh = (padded.shape[2] - kh) // stride + 1
    ow = (padded.shape[3] - kw) // stride + 1
    out = np.zeros((len(x), len(weight), oh, ow)) + bias[:, None, None]
    for u in range(kh):
        for v in range(kw):
            window = padded[:, :, u : u + stride * oh : stride, v : v + stride * ow : stride][:, :, :oh, :ow]
            out += np.einsum("ncij,oc->noij", window, weight[:, :, u, v])
    return Forward(out, (padded, weight, stride, padding, x.shape, np.zeros_like(weight), np.zeros_like(bias)))


def conv2d_backward(grad_out, cache):
    padded, weight, stride, padding, shape, grad_weight, grad_bias = cache
    grad_out = np.asarray(grad_out, dtype=float)
    kh, kw = weight.shape[2:]
    h, w = shape[2:]
    oh, ow = grad_out.shape[2:]
    full = np.zeros_like(padded)
    for u in range(kh):
        for v in range(kw):
            place = (..., slice(u, u + stride * (oh - 1) + 1, stride), slice(v, v + stride * (ow - 1) + 1, stride))
            grad_weight[:, :, u, v] += np.einsum("noij,ncij->oc", grad_out, padded[place])
            full[place] += np.einsum("noij,oc->ncij", grad_out, weight[:, :, u, v])
    grad_x = full[:, :, padding : padding + h, padding : padding + w]
    grad_bias += grad_out.sum(axis=(0, 2, 3))
    return Backward(grad_x, grad_weight.copy(), grad_bias.copy())
