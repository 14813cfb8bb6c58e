"""Xavier and He initialization, and what a stack of layers does to the size of a signal.

In a layer z = W h, with independent weights of mean 0,

    E[z**2] = fan_in * Var(w) * E[h**2]

and backward the same holds with fan_out.

- Xavier, for odd activations with slope 1 at 0 such as tanh: Var(w) = 2 / (fan_in + fan_out). Here uniform from -a to
  a with a = sqrt(6 / (fan_in + fan_out)).
- He, for ReLU, which halves the second moment: Var(w) = 2 / fan_in. Here normal with mean 0, not truncated.

The weights have the shape (n_out, n_in) or, for a convolution, (n_out, n_in, *kernel), as in PyTorch. With k, the
product of the kernel's sizes (1 for a dense layer):

    fan_in = n_in * k        fan_out = n_out * k

All randomness comes from rng.

Sources: Glorot and Bengio (2010), section 4.2; He et al., Delving deep into rectifiers (2015), section 2.2.

Strict
------
- ValueError if a shape has fewer than two axes, or the activation is unknown.
"""

import math

import numpy as np


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw the weights of a layer by Xavier's rule.

    Examples
    --------
    Fans of 2 and 4: uniform from -1 to 1.

    >>> weights = xavier_uniform((4, 2), np.random.default_rng(0))
    >>> weights.shape, bool(np.abs(weights).max() <= 1)
    ((4, 2), True)
    """
    bound = math.sqrt(6 / sum(_fans(shape)))
    return rng.uniform(-bound, bound, size=shape)


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw the weights of a layer by He's rule.

    Examples
    --------
    fan_in is 32 * 9 = 288, and the standard deviation 1 / 12, about 0.083.

    >>> weights = he_normal((64, 32, 3, 3), np.random.default_rng(0))
    >>> weights.shape, bool(0.08 < weights.std() < 0.087)
    ((64, 32, 3, 3), True)
    """
    fan_in, _ = _fans(shape)
    return rng.normal(scale=math.sqrt(2 / fan_in), size=shape)


def variance_through_depth(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Return the second moment of the input and of every layer's activations.

    Layer l computes h_l = activation(W_l h_{l-1}), and h_0 = x. The second moment of h_l is the mean of its squares
    over samples and units.

    Parameters
    ----------
    weights : list of arrays of shape (n_out, n_in)
    x : array of shape (n_samples, n_features)
    activation : "linear", "tanh" or "relu"

    Returns
    -------
    array of shape (n_layers + 1,)

    Examples
    --------
    >>> weights = [np.array([[1.0, -1.0], [-1.0, 0.0]]), np.array([[1.5, 4.0]])]
    >>> variance_through_depth(weights, np.array([[3.0, 1.0]]), "relu")
    array([5., 2., 9.])
    """
    if activation not in _ACTIVATIONS:
        raise ValueError(f"activation is {activation!r}, and has to be one of: {', '.join(_ACTIVATIONS)}")
    hidden = x.astype(float)
    moments = [np.mean(hidden**2)]
    for weight in weights:
        hidden = _ACTIVATIONS[activation](hidden @ weight.T)
        moments.append(np.mean(hidden**2))
    return np.array(moments)


_ACTIVATIONS = {"linear": lambda z: z, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return fan_in and fan_out."""
    if len(shape) < 2:
        raise ValueError(f"the shape is {shape}: fans need two axes or more, n_out and n_in first")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def xavier_uniform_via_stretching(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Stretch numbers between 0 and 1; a fan is the number of weights over the other side's units."""
    if len(shape) < 2:
        raise ValueError("the shape needs two axes")
    unit = rng.random(shape)
    bound = (6 / (unit.size / shape[0] + unit.size / shape[1])) ** 0.5
    return bound * (2 * unit - 1)


def he_normal_via_squares(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw signs and squares, which are chi-squared; the weights of one output are its fan_in."""
    if len(shape) < 2:
        raise ValueError("the shape needs two axes")
    squares = rng.chisquare(1, size=shape) * 2 / math.prod(shape[1:])
    return rng.choice([-1, 1], size=shape) * np.sqrt(squares)


def variance_through_depth_via_loops(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Go layer by layer, sample by sample and unit by unit, in plain Python."""
    functions = {"linear": float, "tanh": math.tanh, "relu": lambda z: max(z, 0.0)}
    if activation not in functions:
        raise ValueError("no such activation")
    samples = [[float(value) for value in sample] for sample in x]
    moments = [_mean_square(samples)]
    for weight in weights:
        rows = weight.tolist()
        samples = [
            [functions[activation](sum(a * b for a, b in zip(row, sample, strict=True))) for row in rows]
            for sample in samples
        ]
        moments.append(_mean_square(samples))
    return np.array(moments)


def _mean_square(samples: list[list[float]]) -> float:
    """Return the mean of the squares of numbers in rows of one length."""
    squares = [value * value for sample in samples for value in sample]
    return sum(squares) / len(squares)


def variance_through_depth_via_recursion(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Put the moment of the input before those of the other layers, for which the first layer's output is the input."""
    x = np.array(x, dtype=float)
    moment = np.linalg.norm(x) ** 2 / x.size
    if not weights:
        return np.array([moment])
    z = np.einsum("oi,ni->no", weights[0], x)
    if activation == "tanh":
        decay = np.expm1(-2 * np.abs(z))
        z = -np.sign(z) * decay / (2 + decay)
    elif activation == "relu":
        z = np.where(z > 0, z, 0.0)
    elif activation != "linear":
        raise ValueError("no such activation")
    return np.append(moment, variance_through_depth_via_recursion(weights[1:], z, activation))
