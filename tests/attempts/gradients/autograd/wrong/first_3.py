# wrong (core): the slope of a power is p * out / v_i, nan at v_i = 0
"""Reverse-mode automatic differentiation on a tape.

The values are numbered. v_0 to v_(n-1) are the inputs, and entry k of the tape makes v_(n+k) from earlier values. An
entry is (operation, operands):

    ("add", (i, j))      v_i + v_j
    ("mul", (i, j))      v_i * v_j            i and j are numbers of values, and may be equal
    ("power", (i, p))    v_i ** p             p is a constant, not the number of a value
    ("exp", (i,))        exp(v_i)
    ("tanh", (i,))       tanh(v_i)
    ("relu", (i,))       max(v_i, 0)          the slope at v_i = 0 is 0

p is an integer, also a negative one where v_i is not 0. The last value is the output. A tape may have 10,000 entries;
each pass takes time proportional to their number.

Source: Baydin et al., Automatic Differentiation in Machine Learning: a Survey (2018), section 3.2.

Strict
------
- The slope of v_i ** 0 is 0, also at v_i = 0.
- ValueError in both functions if an operation has another name.
"""

import numpy as np


OPERATIONS = {"add", "mul", "power", "exp", "tanh", "relu"}


def _check(tape):
    for operation, _ in tape:
        if operation not in OPERATIONS:
            raise ValueError(f"unknown operation {operation!r}")


def forward(tape: list[tuple[str, tuple[int, ...]]], inputs: np.ndarray) -> np.ndarray:
    """Return all values, the inputs first.

    Parameters
    ----------
    tape : list of pairs (operation, operands)
    inputs : array of shape (n_inputs,)

    Returns
    -------
    array of shape (n_inputs + len(tape),)

    Examples
    --------
    tanh(v_0 * v_1) and its square. The last entry takes v_3 to the power of 2; v_2 is something else.

    >>> tape = [("mul", (0, 1)), ("tanh", (2,)), ("power", (3, 2))]
    >>> forward(tape, np.array([np.log(2), 1.0])).round(3)
    array([0.693, 1.   , 0.693, 0.6  , 0.36 ])
    """
    _check(tape)
    inputs = np.asarray(inputs, dtype=float)
    n = len(inputs)
    v = np.zeros(n + len(tape))
    v[:n] = inputs
    for k, (operation, operands) in enumerate(tape):
        i = operands[0]
        if operation == "add":
            out = v[i] + v[operands[1]]
        elif operation == "mul":
            out = v[i] * v[operands[1]]
        elif operation == "power":
            out = v[i] ** int(operands[1])
        elif operation == "exp":
            out = np.exp(v[i])
        elif operation == "tanh":
            out = np.tanh(v[i])
        else:
            out = max(v[i], 0.0)
        v[n + k] = out
    return v


def backward(tape: list[tuple[str, tuple[int, ...]]], values: np.ndarray) -> np.ndarray:
    """Return the derivative of the last value with respect to each value.

    It is 0 for a value that the output does not depend on, and 1 for the output.

    Parameters
    ----------
    tape : list of pairs (operation, operands)
    values : array of shape (n_inputs + len(tape),)
        What forward returned.

    Returns
    -------
    array of the shape of values

    Examples
    --------
    v_0 * v_0 + v_0 at 3. The second input is not used.

    >>> tape = [("mul", (0, 0)), ("add", (2, 0))]
    >>> backward(tape, forward(tape, np.array([3.0, 5.0])))
    array([7., 0., 1., 1.])
    """
    _check(tape)
    v = np.asarray(values, dtype=float)
    n = len(v) - len(tape)
    grads = np.zeros(len(v))
    grads[-1] = 1.0
    for k in range(len(tape) - 1, -1, -1):
        operation, operands = tape[k]
        i = operands[0]
        g = grads[n + k]
        if operation == "add":
            grads[i] += g
            grads[operands[1]] += g
        elif operation == "mul":
            j = operands[1]
            grads[i] += g * v[j]
            grads[j] += g * v[i]
        else:
            if operation == "power":
                p = int(operands[1])
                slope = p * v[n + k] / v[i] if p != 0 else 0.0
            elif operation == "exp":
                slope = v[n + k]
            elif operation == "tanh":
                slope = 1 - v[n + k] ** 2
            else:
                slope = 1.0 if v[i] > 0 else 0.0
            grads[i] += g * slope
    return grads
