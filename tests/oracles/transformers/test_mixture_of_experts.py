"""The reference beside PyTorch: softmax, topk, and all experts computed densely with one-hot masks."""

import numpy as np
import pytest
import torch
from torch.nn.functional import one_hot

from tests.bench.peers import Peer

TOLERANCE = {"rtol": 1e-9, "atol": 1e-12}


def dense(x, routing, w_in, w_out, capacity=None):
    """Return out by way of every expert for every token, and a gate of 0 where a token is not taken."""
    experts, weights = torch.tensor(routing.experts), torch.tensor(routing.weights)
    marks = one_hot(experts, len(w_in))
    if capacity is not None:
        # Ranks among the choices of an expert: the first choices of all tokens, then the second ones.
        in_order = marks.transpose(0, 1).flatten(0, 1)
        ranks = (in_order.cumsum(dim=0) * in_order).unflatten(0, (experts.shape[1], -1)).transpose(0, 1)
        marks = marks * (ranks <= capacity)
    gates = (weights.unsqueeze(-1) * marks).sum(dim=1)
    every = torch.relu(torch.einsum("td,edh->teh", torch.tensor(x), torch.tensor(w_in)))
    return torch.einsum("te,teh,ehd->td", gates, every, torch.tensor(w_out)).numpy()


def draw(rng):
    """Return x, w_router, w_in, w_out and k."""
    n_tokens, n_experts, d_model, d_hidden = (int(n) for n in rng.integers(1, 10, size=4))
    shapes = [(n_tokens, d_model), (d_model, n_experts), (n_experts, d_model, d_hidden), (n_experts, d_hidden, d_model)]
    return *(rng.normal(size=shape) for shape in shapes), int(rng.integers(1, n_experts + 1))


@pytest.mark.parametrize("level", [1.0, 100.0, 3e3])
def test_route(reference, rng, level):
    for _ in range(100):
        x, w_router, *_, k = draw(rng)
        found = reference.route(x * level, w_router, k)
        logits = torch.tensor(x * level) @ torch.tensor(w_router)
        best = torch.topk(logits, k, dim=1)
        np.testing.assert_array_equal(found.experts, best.indices.numpy())
        np.testing.assert_allclose(found.weights, torch.softmax(best.values, dim=1).numpy(), **TOLERANCE)
        np.testing.assert_allclose(found.probs, torch.softmax(logits, dim=1).numpy(), **TOLERANCE)


def test_ties(reference, rng):
    for _ in range(50):
        x, w_router = rng.integers(-2, 3, size=(5, 2)).astype(float), rng.integers(-1, 2, size=(2, 30)).astype(float)
        expected = torch.sort(torch.tensor(x @ w_router), dim=1, descending=True, stable=True).indices.numpy()
        for k in (1, 3, 30):
            np.testing.assert_array_equal(reference.route(x, w_router, k).experts, expected[:, :k])


def test_impossible_k(reference):
    for k in (0, -1, 4):
        with pytest.raises(ValueError, match="number of experts"):
            reference.route(np.ones((2, 5)), np.ones((5, 3)), k)


@pytest.mark.parametrize("capacity", [None, 0, 1, 2, 4, 50])
def test_forward(reference, rng, capacity):
    for _ in range(60):
        x, w_router, w_in, w_out, k = draw(rng)
        routing = reference.route(x, w_router, k)
        found = reference.moe_forward(x, routing, w_in, w_out, capacity)
        np.testing.assert_allclose(found, dense(x, routing, w_in, w_out, capacity), rtol=1e-9, atol=1e-11)
        routing = routing._replace(weights=rng.uniform(size=routing.weights.shape))
        found = reference.moe_forward(x, routing, w_in, w_out, capacity)
        np.testing.assert_allclose(found, dense(x, routing, w_in, w_out, capacity), rtol=1e-9, atol=1e-11)


def test_loss(reference, rng):
    for _ in range(100):
        x, w_router, *_, k = draw(rng)
        routing = reference.route(x, w_router, k)
        share = one_hot(torch.tensor(routing.experts), w_router.shape[1]).double().mean(dim=(0, 1))
        expected = w_router.shape[1] * (share * torch.tensor(routing.probs).mean(dim=0)).sum()
        np.testing.assert_allclose(reference.load_balancing_loss(routing), expected.item(), **TOLERANCE)


def test_claim_experts_read():
    read = [8 * (1 - 0.75**n_tokens) for n_tokens in (1, 4, 32)]
    assert [round(n, 1) for n in read] == [2.0, 5.5, 8.0]


def test_claim_loss_at_its_ends(reference, rng):
    experts = rng.integers(0, 5, size=(20, 1))
    uniform = reference.Routing(experts, np.ones((20, 1)), np.full((20, 5), 0.2))
    np.testing.assert_allclose(reference.load_balancing_loss(uniform), 1.0, **TOLERANCE)
    one = reference.Routing(np.full((20, 1), 3), np.ones((20, 1)), np.eye(5)[np.full(20, 3)])
    np.testing.assert_allclose(reference.load_balancing_loss(one), 5.0, **TOLERANCE)


def test_claim_gradient_of_the_loss(rng):
    logits = torch.tensor(rng.normal(size=(30, 6)), requires_grad=True)
    probs = torch.softmax(logits, dim=1)
    share = one_hot(logits.argmax(dim=1), 6).double().mean(dim=0)
    probs.retain_grad()
    (6 * (share * probs.mean(dim=0)).sum()).backward()
    np.testing.assert_allclose(probs.grad.numpy(), np.tile(6 * share.numpy() / 30, (30, 1)), **TOLERANCE)


def test_claim_capacity(reference):
    w_in, w_out = np.ones((1, 2, 3)), np.ones((1, 3, 2))
    token = np.array([[1.0, 2.0]])
    x = np.vstack([token, token])
    out = reference.moe_forward(x, reference.route(x, np.ones((2, 1)), 1), w_in, w_out, capacity=1)
    assert (out[0] != 0).all()
    assert (out[1] == 0).all()
    alone = reference.moe_forward(token, reference.route(token, np.ones((2, 1)), 1), w_in, w_out, capacity=1)
    np.testing.assert_allclose(alone[0], out[0], **TOLERANCE)


def test_claim_softmax_of_the_chosen(reference, rng):
    x, w_router = rng.normal(size=(9, 4)), rng.normal(size=(4, 7))
    largest = np.sort(x @ w_router, axis=1)[:, ::-1][:, :3]
    expected = torch.softmax(torch.tensor(largest.copy()), dim=1).numpy()
    np.testing.assert_allclose(reference.route(x, w_router, 3).weights, expected, **TOLERANCE)
    np.testing.assert_allclose(reference.route(x, w_router, 1).weights, 1.0, **TOLERANCE)


def test_claim_shifted_logits(reference, rng):
    x, w_router = np.hstack([rng.normal(size=(6, 3)), np.ones((6, 1))]), rng.normal(size=(4, 5))
    shifted = w_router.copy()
    shifted[3] += 100
    before, after = reference.route(x, w_router, 2), reference.route(x, shifted, 2)
    np.testing.assert_array_equal(after.experts, before.experts)
    np.testing.assert_allclose(after.weights, before.weights, rtol=1e-9)
    z_losses = [torch.logsumexp(torch.full((4,), level).double(), dim=0).item() ** 2 for level in (0.0, 100.0)]
    assert (round(z_losses[0], 2), round(z_losses[1])) == (1.92, 10_279)


def peers(reference, rng):
    """Yield two of 16 experts for each of 2,048 tokens."""
    x, w_router = rng.normal(size=(2_048, 64)), rng.normal(size=(64, 16))
    w_in, w_out = rng.normal(size=(16, 64, 128)), rng.normal(size=(16, 128, 64))
    routing = reference.route(x, w_router, 2)
    yield Peer(
        "2,048 tokens of 64, 2 of 16 experts of 128",
        "all experts densely in PyTorch",
        lambda: reference.moe_forward(x, routing, w_in, w_out),
        lambda: dense(x, routing, w_in, w_out),
    )
