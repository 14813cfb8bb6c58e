"""The reference beside PyTorch's RNN and its autograd."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def draw(rng, seq_len, scale=1.0):
    n_samples, input_size, hidden_size = (int(size) for size in rng.integers(1, 7, size=3))
    shapes = [
        (seq_len, n_samples, input_size),
        (n_samples, hidden_size),
        (hidden_size, input_size),
        (hidden_size, hidden_size),
        hidden_size,
    ]
    return tuple(rng.normal(size=shape, scale=scale) for shape in shapes)


def torch_rnn(w_ih, w_hh, b):
    """Return PyTorch's layer with these weights; the bias is shared out among its two."""
    rnn = torch.nn.RNN(w_ih.shape[1], w_ih.shape[0], dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(w_ih))
        rnn.weight_hh_l0.copy_(torch.tensor(w_hh))
        rnn.bias_ih_l0.copy_(torch.tensor(0.25 * b))
        rnn.bias_hh_l0.copy_(torch.tensor(0.75 * b))
    return rnn


def autograd_norms(layer, grad_output):
    """Return the norms of dL/d h_t with the layer run step by step, so that each state is a node of the graph."""
    x, h0 = (torch.tensor(value, dtype=torch.float64) for value in layer[:2])
    rnn = torch_rnn(*layer[2:])
    states, loss = [h0.requires_grad_()], 0.0
    for x_t, direct in zip(x, grad_output, strict=True):
        states.append(rnn(x_t[None], states[-1][None])[1][0])
        loss = loss + (torch.tensor(direct) * states[-1]).sum()
    return [float(torch.linalg.norm(grad)) for grad in torch.autograd.grad(loss, states, materialize_grads=True)]


def assert_agree(reference, rng, layer, grad_output=None, rtol=1e-9, atol=1e-11):
    """Compare one call, forward and backward, with PyTorch's."""
    x, h0 = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in layer[:2])
    rnn = torch_rnn(*layer[2:])
    output, _ = rnn(x, h0[None])
    if grad_output is None:
        grad_output = rng.normal(size=output.shape)
    leaves = (x, h0, rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0)
    expected = torch.autograd.grad(output, leaves, torch.tensor(grad_output, dtype=torch.float64))
    step = reference.rnn_forward(*layer)
    np.testing.assert_allclose(step.output, output.detach(), rtol, atol)
    for have, want in zip(reference.rnn_backward(grad_output, step.cache), expected, strict=True):
        np.testing.assert_allclose(have, want, rtol, atol * max(1.0, float(want.abs().max())))
    norms = reference.hidden_gradient_norms(grad_output, step.cache)
    np.testing.assert_allclose(norms, autograd_norms(layer, grad_output), rtol, atol)


def test_random_layers(reference, rng):
    for _ in range(150):
        assert_agree(reference, rng, draw(rng, seq_len=int(rng.integers(1, 12))))


def test_loss_of_the_last_state(reference, rng):
    for _ in range(50):
        layer = draw(rng, seq_len=int(rng.integers(1, 12)))
        grad_output = np.zeros((len(layer[0]), *layer[1].shape))
        grad_output[-1] = rng.normal(size=layer[1].shape)
        assert_agree(reference, rng, layer, grad_output)


def test_small_and_saturated_states(reference, rng):
    for scale in (0.01, 0.3, 3.0, 10.0):
        for _ in range(20):
            assert_agree(reference, rng, draw(rng, seq_len=8, scale=scale))


def test_long_sequences(reference, rng):
    # Small weights, with which the gradient vanishes; large ones make it chaotic, and rounding grows with it.
    for _ in range(3):
        assert_agree(reference, rng, draw(rng, seq_len=500, scale=0.3))


def test_whole_numbers(reference, rng):
    for _ in range(30):
        layer = tuple(rng.integers(-2, 3, size=part.shape) for part in draw(rng, seq_len=4))
        assert_agree(reference, rng, layer, rng.integers(-2, 3, size=(4, *layer[1].shape)))


def test_states_of_zero(reference, rng):
    layer = tuple(0.0 * part if place != 3 else part for place, part in enumerate(draw(rng, seq_len=6)))
    assert_agree(reference, rng, layer)


def test_no_step(reference, rng):
    layer = draw(rng, seq_len=0)
    with pytest.raises(RuntimeError, match="larger than 0"):
        torch_rnn(*layer[2:])(torch.tensor(layer[0]), torch.tensor(layer[1])[None])
    with pytest.raises(ValueError, match="no step"):
        reference.rnn_forward(*layer)


def norms_through_time(reference, seed, factor, *, inputs, seq_len=100):
    """Return norms, grad_output and the arguments of a layer of 64 units with a scaled orthogonal w_hh."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(seq_len, 1, 64)) * inputs
    w_ih, (w_hh, _) = rng.normal(scale=1 / 8, size=(64, 64)), np.linalg.qr(rng.normal(size=(64, 64)))
    layer = x, np.zeros((1, 64)), w_ih, factor * w_hh, np.zeros(64)
    grad_output = np.zeros((seq_len, 1, 64))
    grad_output[-1] = rng.normal(size=(1, 64))
    return reference.hidden_gradient_norms(grad_output, reference.rnn_forward(*layer).cache), grad_output, layer


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_vanishing(reference, seed):
    """What is left at step 1 of 100, at states of 0 and with inputs."""
    for factor, inputs, low, high in [
        (0.9, 0, 2.9e-5, 3.0e-5),
        (0.9, 1, 1e-25, 1e-23),
        (1.0, 1, 1e-21, 1e-19),
        (1.5, 0, 0.999 * 1.5**99, 1.001 * 1.5**99),
        (1.5, 1, 0.83**99, 0.89**99),
    ]:
        norms, _, _ = norms_through_time(reference, seed, factor, inputs=inputs)
        assert low <= norms[1] / norms[-1] <= high


def test_claim_of_eigenvalues(reference):
    """A matrix with eigenvalues of 0.5: the gradient grows tenfold, and is below 1 after eight steps."""
    layer = np.zeros((12, 1, 1)), np.zeros((1, 2)), np.zeros((2, 1)), np.array([[0.5, 10.0], [0.0, 0.5]]), np.zeros(2)
    grad_output = np.zeros((12, 1, 2))
    grad_output[-1, 0, 0] = 1.0
    norms = reference.hidden_gradient_norms(grad_output, reference.rnn_forward(*layer).cache)[::-1]
    assert round(norms[1]) == 10
    assert int(np.argmax(norms[1:] < 1)) + 1 == 8


@pytest.mark.parametrize("seed", range(20))
def test_claim_of_truncation(reference, seed):
    """The relative difference of w_hh's gradient from the last 5, 10 and 20 steps."""
    _, grad_output, (x, h0, *weights) = norms_through_time(reference, seed, 1.0, inputs=1)
    output, cache = reference.rnn_forward(x, h0, *weights)
    full = reference.rnn_backward(grad_output, cache).grad_w_hh
    for k, low, high in [(5, 0.06, 0.14), (10, 0.005, 0.018), (20, 0.0, 0.0003)]:
        cache = reference.rnn_forward(x[-k:], output[-k - 1], *weights).cache
        part = reference.rnn_backward(grad_output[-k:], cache).grad_w_hh
        assert low <= np.linalg.norm(part - full) / np.linalg.norm(full) <= high


def peers(reference, rng):
    """Yield forward and backward of a layer of middling size."""
    x, h0 = rng.normal(size=(100, 32, 64)), rng.normal(size=(32, 64))
    w_ih, w_hh, b = rng.normal(scale=0.1, size=(64, 64)), rng.normal(scale=0.1, size=(64, 64)), rng.normal(size=64)
    grad_output = rng.normal(size=(100, 32, 64))
    rnn, direct = torch_rnn(w_ih, w_hh, b), torch.tensor(grad_output)
    sequence, state = torch.tensor(x, requires_grad=True), torch.tensor(h0[None], requires_grad=True)

    def ours():
        return reference.rnn_backward(grad_output, reference.rnn_forward(x, h0, w_ih, w_hh, b).cache)

    def theirs():
        return torch.autograd.grad(rnn(sequence, state)[0], [sequence, state, *rnn.parameters()], direct)

    yield Peer("100 steps, 32 x 64, both ways", "RNN, autograd", ours, theirs, "The loop over time is compiled there.")
