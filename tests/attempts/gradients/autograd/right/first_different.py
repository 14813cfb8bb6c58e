# different style; both bars
import numpy as np

# name -> (number of operands that are values, function of the operands)
RULES = {
    "add": (2, lambda a, b: a + b),
    "mul": (2, lambda a, b: a * b),
    "power": (1, lambda a, p: np.float64(1.0) if p == 0 else np.power(a, float(p))),
    "exp": (1, np.exp),
    "tanh": (1, np.tanh),
    "relu": (1, lambda a: a if a > 0 else (a if a != a else np.float64(0.0))),
}


def rule(name):
    if name not in RULES:
        raise ValueError(f"no such operation: {name!r}")
    return RULES[name]


def forward(tape: list[tuple[str, tuple[int, ...]]], inputs: np.ndarray) -> np.ndarray:
    made = list(np.asarray(inputs).astype(np.float64))
    with np.errstate(over="ignore", under="ignore"):
        for name, operands in tape:
            arity, function = rule(name)
            made.append(function(*[made[i] for i in operands[:arity]], *operands[arity:]))
    return np.array(made, dtype=np.float64)


def slopes(name, operands, v):
    """Pairs (operand, partial derivative)."""
    i = operands[0]
    if name == "add":
        return [(i, 1.0), (operands[1], 1.0)]
    if name == "mul":
        return [(i, v[operands[1]]), (operands[1], v[i])]
    if name == "power":
        p = operands[1]
        return [(i, 0.0 if p == 0 else float(p) * np.power(v[i], float(p - 1)))]
    if name == "exp":
        return [(i, np.exp(v[i]))]
    if name == "tanh":
        return [(i, 1.0 / np.cosh(v[i]) ** 2)]
    return [(i, 1.0 if v[i] > 0 else 0.0)]


def backward(tape: list[tuple[str, tuple[int, ...]]], values: np.ndarray) -> np.ndarray:
    # The edges of the graph are stored at the operand; each value then gathers from the values it was used in.
    v = np.asarray(values).astype(np.float64)
    total = len(v)
    first = total - len(tape)
    uses = [[] for _ in range(total)]
    with np.errstate(all="ignore"):
        for k, (name, operands) in enumerate(tape):
            rule(name)
            for i, slope in slopes(name, operands, v):
                uses[i].append((first + k, slope))
        result = [None] * total  # None: the output does not depend on it
        result[-1] = 1.0
        for i in range(total - 2, -1, -1):
            terms = [result[user] * slope for user, slope in uses[i] if result[user] is not None]
            if terms:
                result[i] = sum(terms)
    return np.array([0.0 if r is None else r for r in result], dtype=np.float64)
