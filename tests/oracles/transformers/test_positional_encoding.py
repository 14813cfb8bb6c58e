"""The reference beside PyTorch's arithmetic, of which its library has no such table ready."""

import math

import numpy as np
import pytest
import torch

SIZES = [(1, 1), (1, 2), (2, 1), (3, 2), (5, 3), (40, 4), (100, 7), (300, 64), (300, 65), (2000, 16), (5000, 512)]


def tutorial(n_positions, d_model):
    """Return the table as PyTorch's tutorial on transformers computes it, with room made for an odd last column."""
    position = torch.arange(n_positions, dtype=torch.float64).unsqueeze(1)
    even = torch.arange(0, d_model, 2, dtype=torch.float64)
    rates = torch.exp(even * (-math.log(10000.0) / d_model))
    table = torch.zeros(n_positions, d_model + d_model % 2, dtype=torch.float64)
    table[:, 0::2] = torch.sin(position * rates)
    table[:, 1::2] = torch.cos(position * rates)
    return table[:, :d_model].numpy()


def assert_agree(reference, n_positions, d_model):
    # An angle in the thousands is itself rounded by some 1e-12, and a sine near 0 by as much.
    np.testing.assert_allclose(
        reference.sinusoidal_encoding(n_positions, d_model), tutorial(n_positions, d_model), rtol=1e-9, atol=1e-11
    )


@pytest.mark.parametrize(("n_positions", "d_model"), SIZES)
def test_sizes(reference, n_positions, d_model):
    assert_agree(reference, n_positions, d_model)


def test_random_sizes(reference, rng):
    for _ in range(100):
        assert_agree(reference, int(rng.integers(1, 200)), int(rng.integers(1, 100)))


def test_hand_values(reference):
    """Sine and cosine of 1 and of 1/100, from their series."""
    expected = [0.8414709848078965, 0.5403023058681398, 0.009999833334166664, 0.9999500004166653]
    np.testing.assert_allclose(reference.sinusoidal_encoding(2, 4)[1], expected, rtol=1e-14)


@pytest.mark.parametrize("d_model", [2, 6, 64])
def test_shift(reference, rng, d_model):
    """A shift by s is one linear map for all positions: it turns each pair by s times its rate."""
    encoding = torch.tensor(reference.sinusoidal_encoding(1000, d_model))
    shift = int(rng.integers(1, 500))
    rates = [10000.0 ** (-2 * pair / d_model) for pair in range(d_model // 2)]
    turns = [
        torch.tensor(
            [[math.cos(shift * rate), math.sin(shift * rate)], [-math.sin(shift * rate), math.cos(shift * rate)]],
            dtype=torch.float64,
        )
        for rate in rates
    ]
    turned = encoding[:-shift] @ torch.block_diag(*turns).T
    np.testing.assert_allclose(encoding[shift:], turned, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("n_positions", "d_model"), [(0, 4), (3, 0), (0, 0), (-1, 4), (3, -2)])
def test_empty_tables(reference, n_positions, d_model):
    with pytest.raises(ValueError, match="none"):
        reference.sinusoidal_encoding(n_positions, d_model)


def test_claims(reference, rng):
    """The numbers of the follow-ups."""
    encoding = reference.sinusoidal_encoding(200, 64)
    shift = np.linalg.lstsq(encoding[:-7], encoding[7:])[0]
    assert np.abs(encoding[:-7] @ shift - encoding[7:]).max() < 1e-12
    encoding = reference.sinusoidal_encoding(512, 512)
    for row in (0, 500):
        assert round(encoding[row] @ encoding[row + 5] / (encoding[row] @ encoding[row]), 2) == 0.74
    sines = encoding[:, 0::2]
    assert [round(sines[row] @ sines[row + 1]) for row in (1, 400)] == [19, 97]
    np.testing.assert_allclose(np.linalg.norm(encoding, axis=1), 16.0)
    circle = reference.sinusoidal_encoding(45, 2)
    assert round(np.linalg.norm(circle[44] - circle[0]), 3) == 0.018
    turns = 2 * math.pi * 10000.0 ** (np.arange(0, 512, 2) / 512)
    assert round(turns[-1]) == 60611
    assert round((turns > 512).mean(), 2) == 0.52

    def turned(pair, row):
        sine, cosine = circle[row] if row < 45 else reference.sinusoidal_encoding(row + 1, 2)[row]
        return np.array([pair[0] * cosine - pair[1] * sine, pair[0] * sine + pair[1] * cosine])

    query, key = rng.normal(size=(2, 2))
    np.testing.assert_allclose(turned(query, 3) @ turned(key, 10), turned(query, 103) @ turned(key, 110))
