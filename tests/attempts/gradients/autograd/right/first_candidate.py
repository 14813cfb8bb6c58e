# candidate, par time, from the stub alone
import numpy as np


def forward(tape: list[tuple[str, tuple[int, ...]]], inputs: np.ndarray) -> np.ndarray:
    n = len(inputs)
    v = np.zeros(n + len(tape))
    v[:n] = inputs
    for k, (op, args) in enumerate(tape):
        a = v[args[0]]
        if op == "add":
            out = a + v[args[1]]
        elif op == "mul":
            out = a * v[args[1]]
        elif op == "power":
            out = a ** args[1]
        elif op == "exp":
            out = np.exp(a)
        elif op == "tanh":
            out = np.tanh(a)
        elif op == "relu":
            out = max(a, 0)
        else:
            raise ValueError(f"unknown operation {op}")
        v[n + k] = out
    return v


def backward(tape: list[tuple[str, tuple[int, ...]]], values: np.ndarray) -> np.ndarray:
    n = len(values) - len(tape)
    grad = np.zeros(len(values))
    grad[-1] = 1.0
    for k in reversed(range(len(tape))):
        op, args = tape[k]
        g = grad[n + k]
        out = values[n + k]
        i = args[0]
        if op == "add":
            grad[i] += g
            grad[args[1]] += g
        elif op == "mul":
            j = args[1]
            grad[i] += g * values[j]
            grad[j] += g * values[i]
        elif op == "power":
            p = args[1]
            if p != 0:
                grad[i] += g * p * values[i] ** (p - 1)
        elif op == "exp":
            grad[i] += g * out
        elif op == "tanh":
            grad[i] += g * (1 - out**2)
        elif op == "relu":
            grad[i] += g * (values[i] > 0)
        else:
            raise ValueError(f"unknown operation {op}")
    return grad
