# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- scaled_init
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
