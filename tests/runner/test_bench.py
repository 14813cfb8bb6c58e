"""The bench: medians by any clock, promises read from statements, and a checkout of many katas."""

from katagrad.authoring import speed
from tests.bench.__main__ import keep
from tests.bench.clock import duration, medians, size
from tests.bench.growth import promise
from tests.bench.many import multiply


class Clock:
    """Passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def work(self, *seconds: float):
        """Return a function whose calls take these seconds in turn, and then the last of them."""
        left = list(seconds)

        def function():
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return function


def test_medians():
    """The first call counts for nothing, one slow sample hardly anything, and short calls are repeated."""
    clock = Clock()
    found = medians(
        {"slow": clock.work(9.0, 2.0, 50.0, 2.0), "fast": clock.work(0.5)}, repeats=3, sample=1.0, clock=clock
    )
    assert found == {"slow": 2.0, "fast": 0.5}


def test_forms():
    """Times and sizes are told in units that fit."""
    assert [duration(seconds) for seconds in (2.0, 0.25, 3e-5, 4e-8)] == ["2 s", "250 ms", "30 us", "40 ns"]
    assert (size(3 * 2**20), size(None)) == ("3 MiB", "")


def test_promise():
    """What a statement says about time is found in it, and nothing where it does not say."""
    statements = ("It should run in n log n time.", "Both take time\nlinear in n.", "The sum of x.")
    found = [promise(f'"""{statement}"""\n') for statement in statements]
    assert found == ["n log n", "time linear", ""]


def test_kept_figures(checkout):
    """Each table of a run goes to its file: a kata's own, or that of starting up."""
    kata = checkout.kata("vif")
    rows = [{"kata": kata.path, "what": "50,000 x 20", "ratio": 0.5}, {"kata": "metrics/ndcg", "ratio": 2.0}]
    for name in ("peers", "growth", "peers"):
        keep(name, {"machine": "here", name: rows}, [kata], checkout.root)
    found = speed.read_table(speed.path_of(kata))
    assert found["peers"] == found["growth"] == [{"what": "50,000 x 20", "ratio": 0.5}]
    assert not speed.is_stale(kata)
    kata.solution.write_text("# another text\n", encoding="utf-8")
    assert speed.is_stale(kata)
    keep("many", {"machine": "here", "many": [1]}, [kata], checkout.root)
    keep("start", {"machine": "there", "start": [2]}, [kata], checkout.root)
    assert speed.read_table(checkout.root / speed.START) == {"machine": "there", "many": [1], "start": [2]}


def test_many(checkout):
    """A multiplied checkout has copies under names of their own, each of them a kata like any other."""
    before = len(checkout.catalog.katas)
    assert multiply(checkout.catalog, 3 * before - 1) == 3 * before - 1
    assert "diagnostics/vif_copy_2   not started" in checkout.run("grade", "vif_copy_2").stdout
    assert f"0 of {3 * before - 1} solved" in checkout.run("grade").stdout
