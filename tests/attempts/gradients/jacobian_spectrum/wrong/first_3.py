# wrong (core): early return for a zero product takes the length from the intermediate product
import numpy as np


def layer_jacobians(weights, x, activation):
    if activation not in ("linear", "tanh", "sigmoid", "relu"):
        raise ValueError(activation)
    a = np.array(x, dtype=float)
    out = []
    for w in weights:
        w = np.array(w, dtype=float)
        z = w @ a
        if activation == "linear":
            a, slope = z, np.ones_like(z)
        elif activation == "tanh":
            e = np.exp(-2.0 * np.abs(z))
            a, slope = np.tanh(z), 4.0 * e / (1.0 + e) ** 2
        elif activation == "sigmoid":
            e = np.exp(-np.abs(z))
            a, slope = np.where(z >= 0, 1.0, e) / (1.0 + e), e / (1.0 + e) ** 2
        else:
            a, slope = np.maximum(z, 0.0), (z > 0).astype(float)
        out.append(slope[:, None] * w)
    return out


def _exact(j):
    """Integers (object array) and e with j = ints * 2**e."""
    m, e = np.frexp(np.asarray(j, dtype=float))
    nz = m != 0
    low = int(e[nz].min()) if nz.any() else 0
    ints = np.empty(m.shape, dtype=object)
    for i in np.ndindex(m.shape):
        ints[i] = int(m[i] * 2.0**53) << (int(e[i]) - low) if nz[i] else 0
    return ints, low - 53


def log_singular_values(jacobians):
    k = min(jacobians[-1].shape[0], jacobians[0].shape[1])
    prod, exp = _exact(jacobians[0])
    for j in jacobians[1:]:
        ints, e = _exact(j)
        prod = ints.dot(prod)
        exp += e
        if not prod.any():
            return np.full(min(prod.shape), -np.inf)
    top = max((abs(v) for v in prod.ravel()), default=0)
    out = np.full(k, -np.inf)
    if top == 0:
        return out
    shift = max(top.bit_length() - 120, 0)
    p = np.array([float(v >> shift) for v in prod.ravel()]).reshape(prod.shape)
    s = np.linalg.svd(p, compute_uv=False)
    keep = (s >= 1e-10 * s[0]) & (s > 0)
    out[keep] = np.log10(s[keep]) + (shift + exp) * np.log10(2.0)
    return out
