"""Initial weights scaled by the number of inputs and outputs, and what a stack of layers does to its scale.

Each output of a layer z = W h adds up fan_in products. With independent weights of mean 0 and of one variance,

    E[z^2] = fan_in * Var(w) * E[h^2]

and likewise backward, from a gradient to the one before it, with fan_out. A factor fan_in * Var(w), or fan_out *
Var(w), other than 1 acts at every layer, so that signal or gradient grows or shrinks exponentially with depth. Two
remedies:

- Xavier, for activations that are linear near 0: Var(w) = 2 / (fan_in + fan_out), between what the signal wants and
  what the gradient wants. Here the weights are uniform from -a to a, where a = sqrt(6 / (fan_in + fan_out)).
- He, for ReLU, which halves the second moment: Var(w) = 2 / fan_in. Here the weights are normal with mean 0 and that
  variance, and are not truncated.

The shape of a layer's weights is (n_out, n_in), followed by the kernel's sizes if it is a convolution, as in PyTorch:
(n_out, n_in, height, width) for images. With k for the product of the kernel's sizes, which is 1 for a dense layer,

    fan_in = n_in * k        fan_out = n_out * k

Sources: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, section
4.2; He, Zhang, Ren and Sun (2015), Delving deep into rectifiers, section 2.2.
"""

import math

import numpy as np


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw the weights of a layer by Xavier's rule, independently of each other.

    Parameters
    ----------
    shape : tuple of at least two int, each at least 1
        (n_out, n_in) or (n_out, n_in, *kernel), of any number of axes.
    rng : np.random.Generator
        The only source of randomness: the same state gives the same weights.

    Returns
    -------
    array of that shape

    Raises
    ------
    ValueError
        If the shape has fewer than two axes.

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
    """Draw the weights of a layer by He's rule, independently of each other.

    Parameters
    ----------
    shape : tuple of at least two int, each at least 1
        (n_out, n_in) or (n_out, n_in, *kernel), of any number of axes.
    rng : np.random.Generator
        The only source of randomness: the same state gives the same weights.

    Returns
    -------
    array of that shape

    Raises
    ------
    ValueError
        If the shape has fewer than two axes.

    Examples
    --------
    A kernel of 3 x 3 on 32 channels: fan_in is 288, and the standard deviation 1 / 12, about 0.083.

    >>> weights = he_normal((64, 32, 3, 3), np.random.default_rng(0))
    >>> weights.shape, bool(0.08 < weights.std() < 0.087)
    ((64, 32, 3, 3), True)
    """
    fan_in, _ = _fans(shape)
    return rng.normal(scale=math.sqrt(2 / fan_in), size=shape)


def variance_through_depth(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Return the second moment of the input and of every layer's activations in a stack of dense layers.

    Layer l computes h_l = activation(W_l h_{l-1}) for each sample, the last layer too, without biases, beginning with
    h_0 = x. The second moment is the mean of squares, over all samples and units. It is not taken about the mean: the
    next layer's variance depends on E[h^2], and ReLU's activations have a mean above 0.

    Parameters
    ----------
    weights : list of arrays of shape (n_out, n_in), at least one
        In the order of the layers: n_in is n_features for the first, and the n_out of the layer before for the others.
    x : array of shape (n_samples, n_features)
        Any numbers, for example pixels of type uint8, whose squares do not fit in that type.
    activation : "linear", "tanh" or "relu"
        z, tanh(z) or max(z, 0).

    Returns
    -------
    array of shape (n_layers + 1,)
        The second moments of h_0, h_1 and so on.

    Raises
    ------
    ValueError
        If the activation is none of the three.

    Examples
    --------
    The sample (3, 1) has the second moment (9 + 1) / 2. The first layer makes (2, -3) of it, which ReLU turns into
    (2, 0), and the second makes 3 of that.

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
