"""What `compare` makes of the times it takes: sizes that grow until it takes long, and the exponent of growth."""

from itertools import pairwise
from types import SimpleNamespace

import pytest

from katagrad.grading import measure
from katagrad.grading.measure import ENOUGH, LARGEST, LONG_ENOUGH, Measure, growth, measures
from katagrad.submission.proxy import Source

SIZES = [4**power for power in range(3, 9)]


@pytest.fixture
def source(checkout):
    """Give a solution whose functions `measures` can read."""
    kata = checkout.kata("roc_auc")
    return Source(kata.solution, kata.solution.read_text())


@pytest.mark.parametrize("exponent", [0.5, 1, 1.5, 2, 3])
def test_growth(exponent):
    """The exponent of a power is found, whatever its factor."""
    for factor in (1e-9, 1e-3):
        assert growth({size: factor * size**exponent for size in SIZES}) == pytest.approx(exponent)


def test_growth_after_the_cost_of_calls():
    """What a call costs by itself, and a row in a loop, weighs less and less."""
    times = {size: 2e-4 + 5e-6 * size + 3e-10 * size**2 for size in [*SIZES, 2**17]}
    assert 1.7 < growth(times) < 2


def test_growth_is_not_told():
    """Nothing is said of one size, or where the cost of a call outweighs the work."""
    assert growth({}) is None
    assert growth({64: 1.0}) is None
    assert growth({size: 1e-3 + 1e-9 * size for size in SIZES}) is None


@pytest.mark.parametrize("exponent", [1, 2, 3])
def test_sizes(monkeypatch, source, exponent):
    """Sizes grow fourfold, then twofold, until one of the two takes long; no step is longer than a person waits."""
    monkeypatch.setattr(measure, "_one", lambda _, scale, size: Measure(0.0, scale * size**exponent, 0.0))
    for scale in (1e-7, 1e-9):
        sizes, times = zip(*[(size, mine.seconds) for size, mine, _ in measures(scale, source, source)], strict=True)
        assert {after // before for before, after in pairwise(sizes)} <= {2, 4}
        assert times[-1] > LONG_ENOUGH or sizes[-1] == LARGEST
        assert max(times[:-1]) <= LONG_ENOUGH
        assert times[-1] <= LONG_ENOUGH * 2**exponent


def test_sizes_end_when_a_person_would_have_waited_long(monkeypatch, source):
    """Where handing the arrays over takes long, though the calls do not, fewer sizes are measured."""
    now = iter(range(0, 10**6, 2))
    monkeypatch.setattr(measure, "time", SimpleNamespace(monotonic=lambda: float(next(now))))
    monkeypatch.setattr(measure, "_one", lambda *_: Measure(0.0, 1e-6, 0.0))
    assert [size for size, _, _ in measures(None, source, source)] == [64, 256, 1024, ENOUGH]


def test_sizes_end_with_a_problem(monkeypatch, source):
    """Where a solution fails, its problem is the last row."""
    monkeypatch.setattr(
        measure, "_one", lambda *call: Measure(problem="out of memory") if call[2] > 1000 else Measure(0.0, 1e-6, 0.0)
    )
    assert [(size, mine.problem) for size, mine, _ in measures(None, source, source)] == [
        (64, ""),
        (256, ""),
        (1024, "out of memory"),
    ]
