# wrong (core): the slope of add is given only once where both operands are the same value
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
    values = [float(x) for x in inputs]
    for name, args in tape:
        x = values[args[0]]
        if name == "add":
            values.append(x + values[args[1]])
        elif name == "mul":
            values.append(x * values[args[1]])
        elif name == "power":
            values.append(x ** args[1])
        elif name == "exp":
            values.append(float(np.exp(x)))
        elif name == "tanh":
            values.append(float(np.tanh(x)))
        elif name == "relu":
            values.append(max(x, 0.0))
        else:
            raise ValueError(f"unknown operation {name!r}")
    return np.array(values)


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
    v = np.asarray(values, dtype=float)
    grad = np.zeros(len(v))
    grad[-1] = 1.0
    first = len(v) - len(tape)
    for k in range(len(tape) - 1, -1, -1):
        name, args = tape[k]
        g, out, i = grad[first + k], v[first + k], args[0]
        if name == "add":
            grad[list(args)] += g
        elif name == "mul":
            grad[args[0]] += g * v[args[1]]
            grad[args[1]] += g * v[args[0]]
        elif name == "power":
            p = args[1]
            if p != 0:
                grad[i] += g * p * v[i] ** (p - 1.0)
        elif name == "exp":
            grad[i] += g * out
        elif name == "tanh":
            grad[i] += g * (1 - out ** 2)
        elif name == "relu":
            grad[i] += g * (v[i] > 0)
        else:
            raise ValueError(f"unknown operation {name!r}")
    return grad
