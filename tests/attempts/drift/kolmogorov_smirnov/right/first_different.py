# different style; both bars
import math

import numpy as np


def ks_statistic(reference: np.ndarray, current: np.ndarray) -> float:
    a = sorted(np.asarray(reference).tolist())
    b = sorted(np.asarray(current).tolist())
    n, m = len(a), len(b)
    if n == 0 or m == 0:
        raise ValueError("a sample is empty")
    # merge; the distance in units of 1 / (n m) is an integer
    i = j = largest = 0
    while i < n and j < m:
        x = a[i] if a[i] <= b[j] else b[j]
        while i < n and a[i] == x:
            i += 1
        while j < m and b[j] == x:
            j += 1
        largest = max(largest, abs(i * m - j * n))
    return largest / (n * m)


def ks_pvalue(statistic: float, n: int, m: int) -> float:
    statistic, n, m = float(statistic), int(n), int(m)
    if not 0.0 <= statistic <= 1.0:
        raise ValueError("statistic must be in [0, 1]")
    if n < 1 or m < 1:
        raise ValueError("n and m must be at least 1")
    square = statistic * statistic * (n * m / (n + m))
    if square < 1e-3:
        return 1.0
    if square < 0.6:
        # Jacobi's identity turns the sum into one that converges fast for small t
        total = math.fsum(math.exp(-((2 * k - 1) ** 2) * math.pi**2 / (8.0 * square)) for k in range(1, 8))
        return 1.0 - math.sqrt(2.0 * math.pi / square) * total
    # first term taken out; the factor left is 1 - q^3 + q^8 - q^15 + ...
    tail = math.fsum((-1) ** (k - 1) * math.exp(-2.0 * (k * k - 1) * square) for k in range(1, 12))
    return min(1.0, 2.0 * math.exp(-2.0 * square) * tail)
