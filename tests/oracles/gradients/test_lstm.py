"""The reference beside PyTorch's LSTM and its autograd."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def draw(rng, seq_len, scale=1.0):
    n_samples, input_size, hidden_size = (int(size) for size in rng.integers(1, 7, size=3))
    shapes = [
        (seq_len, n_samples, input_size),
        (n_samples, hidden_size),
        (n_samples, hidden_size),
        (4 * hidden_size, input_size),
        (4 * hidden_size, hidden_size),
        4 * hidden_size,
    ]
    return tuple(rng.normal(size=shape, scale=scale) for shape in shapes)


def torch_lstm(w_ih, w_hh, b):
    """Return PyTorch's layer with these weights; the bias is shared out among its two."""
    lstm = torch.nn.LSTM(w_ih.shape[1], w_hh.shape[1], dtype=torch.float64)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.tensor(w_ih))
        lstm.weight_hh_l0.copy_(torch.tensor(w_hh))
        lstm.bias_ih_l0.copy_(torch.tensor(0.25 * b))
        lstm.bias_hh_l0.copy_(torch.tensor(0.75 * b))
    return lstm


def assert_agree(reference, rng, layer, grads=None, rtol=1e-9, atol=1e-11):
    """Compare one call, forward and backward, with PyTorch's."""
    x, h0, c0 = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in layer[:3])
    lstm = torch_lstm(*layer[3:])
    output, (_, c_n) = lstm(x, (h0[None], c0[None]))
    if grads is None:
        grads = rng.normal(size=output.shape), rng.normal(size=h0.shape)
    leaves = (x, h0, c0, lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0)
    directions = [torch.tensor(grads[0], dtype=torch.float64), torch.tensor(grads[1], dtype=torch.float64)[None]]
    expected = torch.autograd.grad([output, c_n], leaves, directions)
    step = reference.lstm_forward(*layer)
    np.testing.assert_allclose(step.output, output.detach(), rtol, atol)
    np.testing.assert_allclose(step.c_n, c_n[0].detach(), rtol, atol)
    for have, want in zip(reference.lstm_backward(*grads, step.cache), expected, strict=True):
        np.testing.assert_allclose(have, want, rtol, atol * max(1.0, float(want.abs().max())))


def test_random_layers(reference, rng):
    for _ in range(150):
        assert_agree(reference, rng, draw(rng, seq_len=int(rng.integers(1, 12))))


def test_loss_of_one_part(reference, rng):
    for _ in range(50):
        layer = draw(rng, seq_len=int(rng.integers(1, 12)))
        output, cell = np.zeros((len(layer[0]), *layer[1].shape)), np.zeros(layer[1].shape)
        assert_agree(reference, rng, layer, (output, rng.normal(size=cell.shape)))
        output[-1] = rng.normal(size=cell.shape)
        assert_agree(reference, rng, layer, (output, cell))


def test_small_and_saturated_gates(reference, rng):
    for scale in (0.01, 0.3, 3.0, 10.0):
        for _ in range(20):
            assert_agree(reference, rng, draw(rng, seq_len=8, scale=scale))


def test_long_sequences(reference, rng):
    # Small weights: large ones make the layer chaotic, and rounding grows with it.
    for _ in range(3):
        assert_agree(reference, rng, draw(rng, seq_len=500, scale=0.3))


def test_entries_of_10000(reference, rng):
    for _ in range(20):
        x, h0, c0, w_ih, w_hh, b = draw(rng, seq_len=3)
        b = 1e4 * rng.choice([-1.0, 1.0], size=b.shape)
        assert_agree(reference, rng, (x, h0, c0, w_ih, w_hh, b))


def test_no_step(reference, rng):
    layer = draw(rng, seq_len=0)
    lstm, start = torch_lstm(*layer[3:]), tuple(torch.tensor(value)[None] for value in layer[1:3])
    with pytest.raises(RuntimeError, match="larger than 0"):
        lstm(torch.tensor(layer[0]), start)
    with pytest.raises(ValueError, match="no step"):
        reference.lstm_forward(*layer)


def left_at_the_start(reference, seed, forget_bias, *, within=1 / 8, inputs=1.0, recurrent=1.0, of="state"):
    """Return the norm of grad_c0 relative to that of the last state's gradient, or of the last cell's."""
    rng = np.random.default_rng(seed)
    x, zeros = inputs * rng.normal(size=(100, 1, 64)), np.zeros((1, 64))
    w_ih, w_hh, b = rng.uniform(-within, within, (256, 64)), rng.uniform(-within, within, (256, 64)), np.zeros(256)
    b[64:128] = forget_bias
    grad = rng.normal(size=(1, 64))
    grad_output = np.zeros((100, 1, 64))
    if of == "state":
        grad_output[-1] = grad
    cache = reference.lstm_forward(x, zeros, zeros, w_ih, recurrent * w_hh, b).cache
    gradients = reference.lstm_backward(grad_output, zeros if of == "state" else grad, cache)
    return np.linalg.norm(gradients.grad_c0) / np.linalg.norm(grad)


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_the_forget_bias(reference, seed):
    """What reaches the first cell after 100 steps."""
    for bias, low, high in [(0, 1e-24, 5e-22), (1, 3e-11, 2e-9), (2, 3e-4, 1e-2), (3, 0.1, 1.5)]:
        assert low <= left_at_the_start(reference, seed, bias) <= high
    for bias, low, high in [(1, 1e-15, 1e-13), (3, 0.003, 0.01)]:
        assert low <= left_at_the_start(reference, seed, bias, recurrent=0.0, of="cell") <= high


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_exploding(reference, seed):
    for within, low, high in [(1 / 8, 1e2, 1e4), (1 / 4, 1e6, 1e10)]:
        assert low <= left_at_the_start(reference, seed, 3, within=within, inputs=0.0) <= high


def test_claim_of_the_number_of_parameters():
    count = sum(parameter.numel() for parameter in torch.nn.LSTM(512, 512).parameters())
    assert count == 4 * 512 * (512 + 512 + 2)
    assert round(count / 1e6, 1) == 2.1


def peers(reference, rng):
    """Yield forward and backward of a layer of middling size."""
    x, (h0, c0) = rng.normal(size=(100, 32, 64)), rng.normal(size=(2, 32, 64))
    w_ih, w_hh, b = rng.normal(scale=0.1, size=(256, 64)), rng.normal(scale=0.1, size=(256, 64)), rng.normal(size=256)
    grad_output, grad_c_n = rng.normal(size=(100, 32, 64)), rng.normal(size=(32, 64))
    lstm, direct = torch_lstm(w_ih, w_hh, b), [torch.tensor(grad_output), torch.tensor(grad_c_n[None])]
    sequence, state, cell = (torch.tensor(value, requires_grad=True) for value in (x, h0[None], c0[None]))

    def ours():
        return reference.lstm_backward(grad_output, grad_c_n, reference.lstm_forward(x, h0, c0, w_ih, w_hh, b).cache)

    def theirs():
        output, (_, c_n) = lstm(sequence, (state, cell))
        return torch.autograd.grad([output, c_n], [sequence, state, cell, *lstm.parameters()], direct)

    yield Peer("100 steps, 32 x 64, both ways", "LSTM, autograd", ours, theirs, "The loop over time is compiled there.")
