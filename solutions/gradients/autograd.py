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

import math

import numpy as np

# What each operation makes of the values v, and its slope in each operand as pairs (number of the operand, slope).
_RESULT = {
    "add": lambda v, i, j: v[i] + v[j],
    "mul": lambda v, i, j: v[i] * v[j],
    "power": lambda v, i, p: v[i] ** p,
    "exp": lambda v, i: math.exp(v[i]),
    "tanh": lambda v, i: math.tanh(v[i]),
    "relu": lambda v, i: max(v[i], 0.0),
}
_SLOPES = {
    "add": lambda _v, i, j: [(i, 1.0), (j, 1.0)],
    "mul": lambda v, i, j: [(i, v[j]), (j, v[i])],
    "power": lambda v, i, p: [(i, p * v[i] ** (p - 1) if p else 0.0)],
    "exp": lambda v, i: [(i, math.exp(v[i]))],
    "tanh": lambda v, i: [(i, 1 - math.tanh(v[i]) ** 2)],
    "relu": lambda v, i: [(i, float(v[i] > 0))],
}


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
    values = [float(value) for value in inputs]
    for operation, operands in tape:
        values.append(_named(_RESULT, operation)(values, *operands))
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
    v = [float(value) for value in values]
    grads = [0.0] * len(v)
    grads[-1] = 1.0
    n_inputs = len(v) - len(tape)
    for number in range(len(v) - 1, n_inputs - 1, -1):
        operation, operands = tape[number - n_inputs]
        for operand, slope in _named(_SLOPES, operation)(v, *operands):
            grads[operand] += grads[number] * slope
    return np.array(grads)


def _named(table: dict, operation: str) -> object:
    if operation not in table:
        raise ValueError(f"no operation {operation!r}; there are {', '.join(table)}")
    return table[operation]


def forward_via_match(tape: list[tuple[str, tuple[int, ...]]], inputs: np.ndarray) -> np.ndarray:
    """Fill an array, one case for each operation."""
    values = np.empty(len(inputs) + len(tape))
    values[: len(inputs)] = inputs
    for number, entry in enumerate(tape, start=len(inputs)):
        match entry:
            case "add", (i, j):
                values[number] = values[i] + values[j]
            case "mul", (i, j):
                values[number] = values[i] * values[j]
            case "power", (i, p):
                values[number] = np.power(values[i], p)
            case "exp", (i,):
                values[number] = np.exp(values[i])
            case "tanh", (i,):
                values[number] = np.tanh(values[i])
            case "relu", (i,):
                values[number] = max(0, values[i])
            case _:
                raise ValueError(f"unknown: {entry}")
    return values


def forward_via_waiting(tape: list[tuple[str, tuple[int, ...]]], inputs: np.ndarray) -> np.ndarray:
    """Keep for each value who waits for it, and compute what is ready, in any order."""
    of_one = {
        "exp": lambda x: math.e**x,
        "tanh": lambda x: math.copysign(math.expm1(-2 * abs(x)) / (math.expm1(-2 * abs(x)) + 2), x),
        "relu": lambda x: (x + abs(x)) / 2,
        "power": math.pow,
    }
    of_two = {"add": math.fsum, "mul": math.prod}
    values = dict(enumerate(inputs.tolist()))
    waiting, missing = {}, {}
    for number, (operation, operands) in enumerate(tape, start=len(inputs)):
        if operation not in of_one.keys() | of_two.keys():
            raise ValueError(f"{operation} is no operation")
        used = operands if operation in of_two else operands[:1]
        missing[number] = len(used)
        for operand in used:
            waiting.setdefault(operand, []).append(number)
    ready = list(values)
    while ready:
        for number in waiting.get(ready.pop(), []):
            missing[number] -= 1
            if missing[number] == 0:
                operation, (first, *rest) = tape[number - len(inputs)]
                if operation in of_two:
                    values[number] = of_two[operation]([values[first], values[rest[0]]])
                else:
                    values[number] = of_one[operation](values[first], *rest)
                ready.append(number)
    return np.array([values[number] for number in range(len(values))])


def backward_via_consumers(tape: list[tuple[str, tuple[int, ...]]], values: np.ndarray) -> np.ndarray:
    """Ask each value who has used it: its derivative is a sum over those, which are later and so are done."""
    n_inputs = len(values) - len(tape)
    users = [[] for _ in values]
    for number, (operation, operands) in enumerate(tape, start=n_inputs):
        i, last = operands[0], operands[-1]
        x, result = values[i], values[number]
        if operation == "add":
            for operand in operands:
                users[operand].append((number, 1.0))
        elif operation == "mul":
            users[i].append((number, values[last]))
            users[last].append((number, x))
        elif operation == "power":
            users[i].append((number, last and last * np.float64(x) ** (last - 1)))
        elif operation == "exp":
            users[i].append((number, result))
        elif operation == "tanh":
            users[i].append((number, (1 - result) * (1 + result)))
        elif operation == "relu":
            users[i].append((number, np.sign(result)))
        else:
            raise ValueError(f"{operation} is no operation")
    grads = {len(values) - 1: 1.0}
    for number in reversed(range(len(values) - 1)):
        grads[number] = sum(grads[user] * slope for user, slope in users[number])
    return np.array([grads[number] for number in range(len(values))])


def backward_via_engine(tape: list[tuple[str, tuple[int, ...]]], values: np.ndarray) -> np.ndarray:
    """Start at the output and count who has yet to report to a value, as PyTorch's engine does."""
    v, n_inputs = values.tolist(), len(values) - len(tape)
    slopes = {
        "add": lambda i, j: {i: 1.0 + (i == j), j: 1.0 + (i == j)},
        "mul": lambda i, j: {i: v[j], j: v[i]} if i != j else {i: 2 * v[i]},
        "power": lambda i, p: {i: p and p * v[i] ** (p - 1)},
        "exp": lambda i: {i: math.exp(v[i])},
        "tanh": lambda i: {i: math.cosh(v[i]) ** -2},
        "relu": lambda i: {i: 1.0 if v[i] > 0 else 0.0},
    }
    if not {operation for operation, _ in tape} <= set(slopes):
        raise ValueError("the tape has an operation that is not known")
    edges = {
        number: slopes[tape[number - n_inputs][0]](*tape[number - n_inputs][1]) for number in range(n_inputs, len(v))
    }
    # Only what the output depends on will ever report.
    reached, stack = {len(v) - 1}, [len(v) - 1]
    pending = dict.fromkeys(range(len(v)), 0)
    while stack:
        for operand in edges.get(stack.pop(), {}):
            pending[operand] += 1
            if operand not in reached:
                reached.add(operand)
                stack.append(operand)
    grads = np.zeros(len(v))
    grads[len(v) - 1] = 1
    ready = [len(v) - 1]
    while ready:
        number = ready.pop()
        for operand, slope in edges.get(number, {}).items():
            grads[operand] += slope * grads[number]
            pending[operand] -= 1
            if pending[operand] == 0:
                ready.append(operand)
    return grads
