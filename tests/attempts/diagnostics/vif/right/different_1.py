# different style; both bars
import math

import numpy as np

EPS = 2.0**-52


def _unit(values):
    """The deviations from the mean with length 1, and the rounding level of the column in that unit."""
    first = values[0]
    if all(v == first for v in values):
        raise ValueError("a column is constant")
    origin = sorted(values)[len(values) // 2]
    dev = [float(v - origin) for v in values]
    top = max(map(abs, dev))
    dev = [d / top for d in dev]
    for _ in range(2):
        mean = math.fsum(dev) / len(dev)
        dev = [d - mean for d in dev]
    size = math.hypot(*dev)
    reach = max(map(abs, values)) / top
    return [d / size for d in dev], 4 * EPS * math.sqrt(len(dev)) * reach / size


def vif(X: np.ndarray) -> np.ndarray:
    X = np.asarray(X)
    n, p = X.shape
    columns = [_unit(X[:, j].tolist()) for j in range(p)]
    answer = [1.0] * p

    def absorb(rests, noise, basis, group, targets):
        """Remove the span of the columns in group from the columns in targets."""
        everyone = group + targets
        A = {j: rests[j].copy() for j in everyone}
        level = {j: noise[j] for j in everyone}
        basis = list(basis)
        waiting = set(group)
        while waiting:
            sizes = {j: math.sqrt(float(A[j] @ A[j])) for j in waiting}
            waiting = {j for j in waiting if sizes[j] > level[j] or not basis}
            if not waiting:
                break
            j = min(waiting, key=lambda k: (-sizes[k], k))
            waiting.discard(j)
            v = A[j]
            if basis:
                Q = np.array(basis)
                for _ in range(2):
                    v = v - (Q @ v) @ Q
            size = math.sqrt(float(v @ v))
            if size <= level[j] and basis:
                continue
            q = v / size
            basis.append(q)
            share = level[j] / size
            for k in [*waiting, *targets]:
                c = float(q @ A[k])
                A[k] = A[k] - c * q
                level[k] += abs(c) * share
        return {j: A[j] for j in targets}, {j: level[j] for j in targets}, basis

    def leave_one_out(rests, noise, basis, indices):
        """Halve: each half is stripped of the other, until one column is left that all others have been taken from."""
        if len(indices) == 1:
            v = rests[indices[0]]
            if basis:
                Q = np.array(basis)
                for _ in range(2):
                    v = v - (Q @ v) @ Q
            left = float(v @ v)
            if not basis:
                left = 1.0
            answer[indices[0]] = math.inf if left < 1e-10 else max(1.0, 1.0 / left)
            return
        half = len(indices) // 2
        a, b = indices[:half], indices[half:]
        leave_one_out(*absorb(rests, noise, basis, b, a), a)
        leave_one_out(*absorb(rests, noise, basis, a, b), b)

    if p:
        start = {j: np.array(columns[j][0]) for j in range(p)}
        leave_one_out(start, {j: columns[j][1] for j in range(p)}, [], list(range(p)))
    return np.array(answer, dtype=float)
