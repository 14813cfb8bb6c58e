"""The reference beside PyTorch's clip_grad_norm_ and clip_grad_value_."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

SHAPES = [(1,), (5,), (3, 4), (2, 3, 4)]


def draw_grads(rng):
    chosen = [SHAPES[i] for i in rng.integers(0, len(SHAPES), size=int(rng.integers(1, 5)))]
    return [rng.normal(size=shape) * 10.0 ** rng.uniform(-4, 4) for shape in chosen]


def parameters_with(grads):
    parameters = [torch.nn.Parameter(torch.zeros(grad.shape, dtype=torch.float64)) for grad in grads]
    for parameter, grad in zip(parameters, grads, strict=True):
        parameter.grad = torch.tensor(grad)
    return parameters


def test_global_norm(reference, rng):
    for _ in range(200):
        grads, max_norm = draw_grads(rng), float(10.0 ** rng.uniform(-4, 5))
        parameters = parameters_with(grads)
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, max_norm))
        clipped = reference.clip_by_global_norm(grads, max_norm)
        np.testing.assert_allclose(clipped.norm, norm, rtol=1e-9)
        # PyTorch divides by norm + 1e-6 on purpose, and by less than max_norm never; the kata adds nothing.
        theirs, ours = min(1.0, max_norm / (norm + 1e-6)), min(1.0, max_norm / norm)
        for have, parameter in zip(clipped.grads, parameters, strict=True):
            np.testing.assert_allclose(have, parameter.grad.numpy() * (ours / theirs), rtol=1e-9)


def test_edges_of_the_norm(reference):
    zeros = [np.zeros(3), np.zeros((2, 2))]
    for grads, max_norm in [(zeros, 1.0), (zeros, np.inf), ([np.array([3.0]), np.array([4.0])], np.inf)]:
        parameters = parameters_with(grads)
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, 1e300 if max_norm == np.inf else max_norm))
        clipped = reference.clip_by_global_norm(grads, max_norm)
        assert clipped.norm == norm
        for have, parameter in zip(clipped.grads, parameters, strict=True):
            np.testing.assert_array_equal(have, parameter.grad)
    assert reference.clip_by_global_norm([], 1.0) == ([], float(torch.nn.utils.clip_grad_norm_([], 1.0)))


@pytest.mark.parametrize("entry", [np.nan, np.inf, -np.inf])
def test_not_finite(reference, entry):
    grads = [np.ones(2), np.array([1.0, entry])]
    with pytest.raises(RuntimeError):
        torch.nn.utils.clip_grad_norm_(parameters_with(grads), 1.0, error_if_nonfinite=True)
    with pytest.raises(ValueError, match="NaN or infinite"):
        reference.clip_by_global_norm(grads, 1.0)


@pytest.mark.parametrize("unit", [1e-250, 1e-200, 1e200, 1e249])
def test_any_size(reference, rng, unit):
    # PyTorch's own norm overflows here, so that it is asked in other units.
    grads = [rng.normal(size=3), rng.normal(size=(2, 2))]
    parameters = parameters_with(grads)
    norm = float(torch.nn.utils.clip_grad_norm_(parameters, 1e300))
    clipped = reference.clip_by_global_norm([grad * unit for grad in grads], 0.5 * unit)
    np.testing.assert_allclose(clipped.norm, norm * unit, rtol=1e-9)
    for have, grad in zip(clipped.grads, grads, strict=True):
        np.testing.assert_allclose(have, grad * min(1.0, 0.5 / norm) * unit, rtol=1e-9)


def test_value(reference, rng):
    for _ in range(100):
        grads, limit = draw_grads(rng), float(10.0 ** rng.uniform(-4, 4))
        grads[0].flat[0] = rng.choice([np.nan, np.inf, -np.inf, 0.0])
        parameters = parameters_with(grads)
        torch.nn.utils.clip_grad_value_(parameters, limit)
        for have, parameter in zip(reference.clip_by_value(grads, limit), parameters, strict=True):
            np.testing.assert_array_equal(have, parameter.grad)


def test_whole_numbers(reference, rng):
    grads = [rng.integers(-9, 9, size=(2, 3)), rng.integers(-9, 9, size=4)]
    floats = [grad.astype(float) for grad in grads]
    have, want = reference.clip_by_global_norm(grads, 2), reference.clip_by_global_norm(floats, 2.0)
    assert have.norm == want.norm
    for ours, theirs in zip(have.grads, want.grads, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_claims_of_direction(reference):
    """[10, 0.1] goes to 5.7 degrees by value and stays at 0.6 by norm; a mean goes from 0.45 to -0.35."""
    grad = np.array([10.0, 0.1])
    value, norm = reference.clip_by_value([grad], 1.0)[0], reference.clip_by_global_norm([grad], 1.0).grads[0]
    assert [round(float(np.degrees(np.arctan2(*v[::-1]))), 1) for v in (value, norm)] == [5.7, 0.6]
    np.testing.assert_allclose(norm, [0.99995, 0.0099995], rtol=1e-7)
    entries = np.append(np.full(9, -0.5), 9.0)
    means = [entries.mean(), reference.clip_by_value([entries], 1.0)[0].mean()]
    np.testing.assert_allclose(means, [0.45, -0.35])
    assert reference.clip_by_global_norm([np.array([1e-8])], 1.0).grads[0].item() == 1e-8


@pytest.mark.parametrize("seed", range(5))
def test_claim_of_quantiles(reference, seed):
    """A bound at exp(1.645) = 5.2 cuts about 5 % of norms that are log-normal, and one at the median half."""
    norms = np.exp(np.random.default_rng(seed).normal(size=1_000))
    for bound, low, high in [(5.2, 30, 75), (np.median(norms), 500, 500)]:
        cut = [reference.clip_by_global_norm([np.array([norm])], bound).grads[0].item() < norm for norm in norms]
        assert low <= sum(cut) <= high


REASON = "In place there, and squares may overflow."


def peers(reference, rng):
    """Yield the clipping of a model's gradients by their joint norm."""
    grads = [rng.normal(size=(300, 300)) for _ in range(20)]
    trained = [torch.nn.Parameter(torch.zeros(300, 300, dtype=torch.float64)) for _ in grads]

    def theirs():
        for parameter, grad in zip(trained, grads, strict=True):
            parameter.grad = torch.tensor(grad)  # a copy, since it is clipped in place
        return torch.nn.utils.clip_grad_norm_(trained, 1.0)

    yield Peer("20 x 300 x 300", "clip_grad_norm_", lambda: reference.clip_by_global_norm(grads, 1.0), theirs, REASON)
