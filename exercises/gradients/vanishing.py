# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- vanishing
"""Gradients that vanish through depth: their norm at each layer, and the share of saturated units.

A network of n_layers dense layers without biases takes a batch x, one sample a row, and passes it on. With a_0 = x,

    z_l = a_(l-1) W_l^T,    a_l = f(z_l)    for l = 1, ..., n_layers,

so the activation f is applied after every layer, the last one too. Backward, the chain rule multiplies at each layer by
the slope f'(z_l), entry by entry, and then by W_l. The product of many slopes below 1 is tiny, and
the layers near the input learn little. Three activations are known here:

    name        f(z)                slope f'(z)            largest slope
    sigmoid     1 / (1 + e^(-z))    f(z) (1 - f(z))        1/4
    tanh        tanh(z)             1 - tanh(z)^2          1
    relu        max(z, 0)           1 if z > 0, else 0     1

At z = 0 the slope of relu is 0. Pre-activations z may be of any size, 10,000 and -10,000 too: no result is NaN.
(Where 1 - f(z) rounds to 0, a slope of 0 is fine.)

Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), section 3
for saturation and section 4.2 for the gradients. The slope of relu at 0 is PyTorch's.
"""

import numpy as np


def layer_gradient_norms(weights: list[np.ndarray], x: np.ndarray, grad_out: np.ndarray, activation: str) -> np.ndarray:
    """Return the norm of the loss's gradient for each layer's weights.

    Parameters
    ----------
    weights : list of arrays, the first layer's first
        At least one. W_l has the shape (units of layer l, units of layer l - 1), where layer 0 is x. Layers may differ
        in width.
    x : array of shape (n_samples, n_features)
    grad_out : array of shape (n_samples, units of the last layer)
        dL/d a of the last layer, behind its activation. If the loss is a mean over the samples, grad_out has been
        divided by their number already.
    activation : str
        "sigmoid", "tanh" or "relu": the same in all layers.

    Returns
    -------
    array of shape (n_layers,)
        The Frobenius norm of dL/d W_l, the root of the sum of its squared entries, in the order of weights. It may be
        0, as where all units of a layer are off.

    Raises
    ------
    ValueError
        If activation is none of the three.

    Examples
    --------
    One sample through two units in a row: 2 becomes 6, then 3. The loss moves by 6 with the last weight, and by
    0.5 * 2 = 1 with the first.

    >>> weights, x = [np.array([[3.0]]), np.array([[0.5]])], np.array([[2.0]])
    >>> layer_gradient_norms(weights, x, np.array([[1.0]]), "relu")
    array([1., 6.])

    Two sigmoids, both at 0, where the slope is 1/4 and the output 1/2. The last weight has the gradient 1/4 * 1/2, and
    as it is 0, nothing reaches the first.

    >>> layer_gradient_norms([np.array([[0.0]]), np.array([[0.0]])], np.array([[4.0]]), np.array([[1.0]]), "sigmoid")
    array([0.   , 0.125])
    """
    raise NotImplementedError


def saturated_fraction(pre_activations: list[np.ndarray], activation: str, threshold: float = 0.05) -> np.ndarray:
    """Return the share of saturated pre-activations in each layer.

    A pre-activation z is saturated if its slope is below threshold times the largest slope:

        f'(z) < threshold * (largest slope of f)

    strictly. With relu these are all z <= 0, whatever the threshold.

    Parameters
    ----------
    pre_activations : list of arrays, each of shape (n_samples, units of that layer)
        z of each layer, at least one. Layers may differ in width.
    activation : str
        "sigmoid", "tanh" or "relu".
    threshold : float, above 0 and at most 1

    Returns
    -------
    array of shape (n_layers,)
        For each layer, the saturated entries over all entries, from 0 to 1.

    Raises
    ------
    ValueError
        If activation is none of the three.

    Examples
    --------
    The sigmoid's slope is 0.25 at 0, and 0.018 at 4 and -4, which is 7 % of the largest. At 5 it is 2.7 %.

    >>> saturated_fraction([np.array([[0.0, 5.0], [4.0, -4.0]]), np.array([[-5.0]])], "sigmoid")
    array([0.25, 1.  ])
    >>> saturated_fraction([np.array([[0.0, 5.0], [4.0, -4.0]])], "sigmoid", threshold=0.1)
    array([0.75])
    >>> saturated_fraction([np.array([[0.0, 5.0], [4.0, -4.0]])], "relu")
    array([0.5])
    """
    raise NotImplementedError
