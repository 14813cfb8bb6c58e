"""The reference beside PyTorch's GRU, and beside its linear maps where the reset gate stands in front of the matrix.

PyTorch has no layer of that form, so the paper's equations are written out in its functions.
"""

import numpy as np
import pytest
import torch
from torch.nn.functional import linear

from tests.bench.peers import Peer


def draw(rng, seq_len, scale=1.0):
    n_samples, input_size, hidden_size = (int(size) for size in rng.integers(1, 7, size=3))
    shapes = [
        (seq_len, n_samples, input_size),
        (n_samples, hidden_size),
        (3 * hidden_size, input_size),
        (3 * hidden_size, hidden_size),
        3 * hidden_size,
        3 * hidden_size,
    ]
    return tuple(rng.normal(size=shape, scale=scale) for shape in shapes)


def torch_gru(w_ih, w_hh, b_ih, b_hh):
    gru = torch.nn.GRU(w_ih.shape[1], w_hh.shape[1], dtype=torch.float64)
    with torch.no_grad():
        gru.weight_ih_l0.copy_(torch.tensor(w_ih))
        gru.weight_hh_l0.copy_(torch.tensor(w_hh))
        gru.bias_ih_l0.copy_(torch.tensor(b_ih))
        gru.bias_hh_l0.copy_(torch.tensor(b_hh))
    return gru


def behind(x, h0, *weights):
    with torch.no_grad():
        return torch_gru(*weights)(torch.tensor(x), torch.tensor(h0)[None])[0].numpy()


def in_front(x, h0, *weights):
    x, h, w_ih, w_hh, b_ih, b_hh = (torch.tensor(value) for value in (x, h0, *weights))
    (u_r, u_z, u_n), (w_r, w_z, w_n) = w_ih.chunk(3), w_hh.chunk(3)
    (a_r, a_z, a_n), (b_r, b_z, b_n) = b_ih.chunk(3), b_hh.chunk(3)
    states = []
    for x_t in x:
        reset = (linear(x_t, u_r, a_r) + linear(h, w_r, b_r)).sigmoid()
        update = (linear(x_t, u_z, a_z) + linear(h, w_z, b_z)).sigmoid()
        h = torch.lerp((linear(x_t, u_n, a_n) + linear(reset * h, w_n, b_n)).tanh(), h, update)
        states.append(h)
    return torch.stack(states).numpy()


def assert_agree(reference, layer, rtol=1e-9, atol=1e-12):
    np.testing.assert_allclose(reference.gru_forward(*layer), behind(*layer), rtol, atol)
    np.testing.assert_allclose(reference.gru_forward(*layer, reset_after=False), in_front(*layer), rtol, atol)


def test_random_layers(reference, rng):
    for _ in range(200):
        assert_agree(reference, draw(rng, seq_len=int(rng.integers(1, 12))))


def test_small_and_saturated_gates(reference, rng):
    for scale in (0.01, 0.3, 3.0):
        for _ in range(20):
            assert_agree(reference, draw(rng, seq_len=8, scale=scale))


def test_long_sequences(reference, rng):
    # Small weights: large ones make the layer chaotic, and rounding grows with it.
    for _ in range(3):
        assert_agree(reference, draw(rng, seq_len=500, scale=0.3))


def test_entries_of_10000(reference, rng):
    for _ in range(20):
        x, h0, w_ih, w_hh, b_ih, b_hh = draw(rng, seq_len=3)
        b_ih = 1e4 * rng.choice([-1.0, 1.0], size=b_ih.shape)
        assert_agree(reference, (x, h0, w_ih, w_hh, b_ih, b_hh))


def test_forms_agree_on_a_diagonal_matrix(reference, rng):
    for _ in range(50):
        x, h0, w_ih, w_hh, b_ih, b_hh = draw(rng, seq_len=6)
        size = h0.shape[1]
        w_hh[2 * size :] *= np.eye(size)
        b_hh[2 * size :] = 0.0
        layer = x, h0, w_ih, w_hh, b_ih, b_hh
        np.testing.assert_allclose(reference.gru_forward(*layer, reset_after=False), behind(*layer), 1e-9, 1e-12)


def test_no_step(reference, rng):
    x, h0, *weights = draw(rng, seq_len=0)
    gru = torch_gru(*weights)
    with pytest.raises(RuntimeError, match="larger than 0"):
        gru(torch.tensor(x), torch.tensor(h0)[None])
    with pytest.raises(ValueError, match="no step"):
        reference.gru_forward(x, h0, *weights)


def sized(seed, update_bias=None):
    """Return a layer of 64 units as PyTorch draws it; with a bias of z all other biases are 0."""
    rng = np.random.default_rng(seed)
    x, (w_ih, w_hh) = rng.normal(size=(100, 1, 64)), rng.uniform(-1 / 8, 1 / 8, size=(2, 192, 64))
    b_ih, b_hh = rng.uniform(-1 / 8, 1 / 8, size=(2, 192))
    if update_bias is not None:
        b_ih, b_hh = np.zeros((2, 192))
        b_ih[64:128] = update_bias
    return x, np.zeros((1, 64)), w_ih, w_hh, b_ih, b_hh


@pytest.mark.parametrize("seed", range(20))
def test_claim_of_the_two_forms(reference, seed):
    layer = sized(seed)
    one, other = reference.gru_forward(*layer)[-1], reference.gru_forward(*layer, reset_after=False)[-1]
    assert 0.09 <= np.linalg.norm(one - other) / np.linalg.norm(one) <= 0.17


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_memory(reference, seed):
    """What is left of a small difference in h_0 after 100 steps."""
    moved = 1e-4 * np.random.default_rng(seed + 1000).normal(size=(1, 64))
    for bias, low, high in [(0, 0.0, 1e-12), (2, 3e-6, 4e-5), (3, 0.004, 0.015), (4, 0.1, 0.2)]:
        x, h0, *weights = sized(seed, bias)
        one, other = (reference.gru_forward(x, h0 + sign * moved, *weights)[-1] for sign in (1, -1))
        assert low <= np.linalg.norm(one - other) / np.linalg.norm(2 * moved) <= high


@pytest.mark.parametrize("seed", range(20))
def test_claim_of_bounded_states(reference, seed):
    rng = np.random.default_rng(seed)
    x, h0, *weights = draw(rng, seq_len=300, scale=5.0)
    for reset_after in (True, False):
        assert np.abs(reference.gru_forward(x, h0.clip(-1, 1), *weights, reset_after=reset_after)).max() <= 1


@pytest.mark.parametrize("seed", range(20))
def test_claim_of_the_other_side(reference, seed):
    """The layer whose z takes the candidate, in PyTorch's functions, is this one with the rows of z negated."""
    x, h0, w_ih, w_hh, b_ih, b_hh = sized(seed)
    h, expected = h0, []
    for x_t in x:
        from_input, from_state = np.split(x_t @ w_ih.T + b_ih, 3, axis=1), np.split(h @ w_hh.T + b_hh, 3, axis=1)
        r, z = (1 / (1 + np.exp(-from_input[block] - from_state[block])) for block in (0, 1))
        h = z * np.tanh(from_input[2] + r * from_state[2]) + (1 - z) * h
        expected.append(h)
    for weights in (w_ih, w_hh, b_ih, b_hh):
        weights[64:128] *= -1
    np.testing.assert_allclose(reference.gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh), expected, 1e-9, 1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_claim_of_padding(reference, seed):
    """Steps of zeros move the state away from where it was: little of a state is left after 50."""
    x, h0, *weights = sized(seed)
    last = reference.gru_forward(x, h0, *weights)[-1]
    padded = reference.gru_forward(np.zeros((50, 1, 64)), last, *weights)[-1]
    from_zero = reference.gru_forward(np.zeros((50, 1, 64)), h0, *weights)[-1]
    assert np.linalg.norm(padded - from_zero) < 0.01 * np.linalg.norm(last)


def peers(reference, rng):
    """Yield a layer of middling size."""
    x, h0 = rng.normal(size=(100, 32, 64)), rng.normal(size=(32, 64))
    (w_ih, w_hh), (b_ih, b_hh) = rng.normal(scale=0.1, size=(2, 192, 64)), rng.normal(size=(2, 192))
    gru, sequence, state = torch_gru(w_ih, w_hh, b_ih, b_hh), torch.tensor(x), torch.tensor(h0[None])

    def theirs():
        with torch.no_grad():
            return gru(sequence, state)[0]

    def ours():
        return reference.gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh)

    yield Peer("100 steps, 32 x 64", "GRU", ours, theirs, "The loop over time is compiled there.")
