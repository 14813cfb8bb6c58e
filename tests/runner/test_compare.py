"""What `compare` makes of the times it takes: sizes that grow until it takes long, the growth, and the verdict."""

import ast
import ctypes
import math
import re
import sys
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from katagrad.grading import measure
from katagrad.grading.comparison import MOST_ROWS, Comparison, memory, time
from katagrad.grading.measure import LARGEST, LONG_ENOUGH, SMALLEST, TELLING, Measure, Row, growth, measures
from katagrad.katas.interface import read_interface
from katagrad.picture import check
from katagrad.submission.proxy import Source, Submission

SIZES = [4**power for power in range(3, 9)]


@pytest.fixture
def source(checkout):
    """Give a solution whose functions `measures` can read."""
    kata = checkout.kata("roc_auc")
    return Source(kata.solution, kata.solution.read_text())


@pytest.mark.parametrize("exponent", [0.5, 1, 1.5, 2, 3])
def test_growth(exponent):
    """The exponent of a power is found, whatever its factor and whatever a call costs."""
    for factor in (1e-9, 1e-3):
        for cost in (0, 3):
            times = {size: factor * (cost + (size / SIZES[0]) ** exponent) for size in SIZES}
            assert growth(times) == pytest.approx(exponent, abs=0.06)


def test_growth_varies_little():
    """Times that are off by a few per cent, as they are on a quiet machine, change the exponent by less than 0.1."""
    rng = np.random.default_rng(0)
    times = {size: 3e-4 + 2e-8 * size * math.log(size) for size in [*SIZES, 2**17, 2**18]}
    found = [growth({size: seconds * rng.uniform(1, 1.03) for size, seconds in times.items()}) for _ in range(10)]
    assert max(found) - min(found) < 0.1
    assert 1 < np.mean(found) < 1.2


def test_growth_after_the_cost_of_calls():
    """What a call costs by itself, and a row in a loop, weighs less and less."""
    times = {size: 2e-4 + 5e-6 * size + 3e-10 * size**2 for size in [*SIZES, 2**17]}
    assert 1.6 < growth(times) < 2


def test_growth_is_not_told():
    """Nothing is said of one size, or where the cost of a call outweighs the work."""
    assert growth({}) is None
    assert growth({64: 1.0}) is None
    assert growth({size: 1e-3 + 1e-9 * size for size in SIZES}) is None


FAULTS = '''
import resource


def faults(elements: int) -> int:
    """Fill an array, let go of it, and count the times that the system was asked for memory meanwhile."""
    import numpy as np
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(elements)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
'''


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="glibc alone can be told to"
)
@pytest.mark.parametrize("keeps", [False, True])
def test_freed_memory_is_kept_where_calls_are_timed(tmp_path, keeps):
    """What is measured asks the system for its memory once, and not at each call."""
    submission = Submission(Source(tmp_path / "faults.py", FAULTS), read_interface(ast.parse(FAULTS)), root=tmp_path)
    submission.keeps_memory = keeps
    try:
        # More than 32 MB, which glibc by itself always asks for and gives back; a page may have 2 MB.
        counts = [submission.call("faults", (5_000_000,), {}) for _ in range(4)]
    finally:
        submission.close()
    assert (max(counts[1:]) < 10) == keeps, counts


class Imitation:
    """Stands for a submission whose calls take what a test says, and counts the runs of each size."""

    def __init__(self, seconds):
        self.seconds, self.calls, self.measure_memory, self.runs = seconds, [], False, {}

    def run(self, _, size):
        """Stand for a workload, which asks the submission."""
        self.runs[size] = self.runs.get(size, 0) + 1
        self.calls.append(SimpleNamespace(function="roc_auc", seconds=self.seconds(size), peak=8 * size))
        return size

    def begin_rule(self):
        """Forget the calls before."""
        self.calls = []

    def close(self):
        """Be gone."""


@pytest.fixture
def imitate(monkeypatch, source):
    """Give tests what measures two solutions that take what the test says, on a clock that only they move."""

    def measured(mine, theirs, tell=lambda *_: None, now=lambda: 0.0):
        made = []

        def submission(*_, **__):
            made.append(Imitation((mine, theirs)[len(made)]))
            return made[-1]

        monkeypatch.setattr(measure, "Submission", submission)
        monkeypatch.setattr(measure, "KataProxy", lambda submission: submission)
        monkeypatch.setattr(measure, "time", SimpleNamespace(process_time=lambda: 0.0, monotonic=now))
        return measures(Imitation.run, source, source, tell), made

    return measured


@pytest.mark.parametrize("exponent", [1, 2, 3])
@pytest.mark.parametrize("scale", [1e-8, 4e-9])
def test_sizes(imitate, exponent, scale):
    """Sizes grow fourfold, then twofold, until the growth is told; no run is longer than a person waits."""
    rows, _ = imitate(lambda size: scale * size**exponent, lambda size: 1e-9 * size**exponent)
    sizes, times = [row.size for row in rows], [max(row.mine.seconds, row.theirs.seconds) for row in rows]
    assert {after // before for before, after in pairwise(sizes)} <= {2, 4}
    shorter = min(rows[-1].mine.seconds, rows[-1].theirs.seconds)
    assert times[-1] > LONG_ENOUGH or sizes[-1] == LARGEST or shorter > TELLING
    assert max(times[:-1]) <= LONG_ENOUGH
    assert times[-1] <= LONG_ENOUGH * 2**exponent
    assert growth(Comparison(rows).times()[0]) == pytest.approx(exponent, abs=0.1)


def test_sizes_are_run_in_turn(imitate):
    """Every size is run several times, and the shortest counts."""
    rng = np.random.default_rng(0)
    rows, made = imitate(lambda size: 1e-6 * size * rng.choice([1, 2, 2]), lambda size: 1e-6 * size)
    assert len(rows) >= 3
    for side in made:
        assert set(side.runs) == {row.size for row in rows}
        assert min(side.runs.values()) >= measure.FEWEST
    assert [row.mine.seconds for row in rows] == pytest.approx([1e-6 * row.size for row in rows])
    assert [row.theirs.peak for row in rows] == [8 * row.size for row in rows]


def test_waiting_ends_it(imitate):
    """A function that waits uses no processor time: the clock on the wall ends the measurement."""
    clock = iter(range(10**6))
    _, made = imitate(lambda _: 1e-6, lambda _: 1e-6, now=lambda: 0.5 * next(clock))
    # Without the clock each of some ten sizes would be run forty times, on either side.
    assert sum(sum(side.runs.values()) for side in made) < 100


def test_time_that_passes_is_told(imitate):
    """A bar has something to show: shares from 0 to 1 that never fall."""
    told = []
    imitate(lambda size: 1e-4 * size, lambda size: 1e-4 * size, lambda share, size: told.append((share, size)))
    shares = [share for share, _ in told]
    assert told[0] == (0.0, SMALLEST)
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_sizes_end_with_a_problem(imitate):
    """Where a solution fails, its problem is the last row, and the verdict says so."""

    def fails(size):
        if size > 1000:
            raise MemoryError("out of memory")
        return 1e-6

    rows, _ = imitate(fails, lambda _: 1e-6)
    assert [(row.size, row.mine.problem) for row in rows] == [
        (16, ""),
        (64, ""),
        (256, ""),
        (1024, "MemoryError: out of memory"),
    ]
    assert Comparison(rows).sentences()[0] == "Yours fails at n = 1,024: MemoryError: out of memory"
    assert not Comparison(rows).agrees
    assert Comparison(rows).table()[-1][1] == "failed"


def row(size, mine, theirs, values=(1.0, 1.0)):
    sides = (
        Measure(value, seconds, 100.0, functions=("vif",))
        for value, seconds in zip(values, (mine, theirs), strict=True)
    )
    return Row(size, *sides)


@pytest.mark.parametrize(
    ("ratio", "sentence"),
    [
        (1.05, "It takes as long as the reference at n = 65,536."),
        (0.96, "It takes as long as the reference at n = 65,536."),
        (3.24, "It takes 3.2 times as long as the reference at n = 65,536."),
        (1500, "It takes 1,500 times as long as the reference at n = 65,536."),
        (0.25, "It takes less time than the reference, which takes 4.0 times as long, at n = 65,536."),
    ],
)
def test_verdict_on_time(ratio, sentence):
    """The ratio at the largest size is told in words."""
    rows = [row(size, ratio * 1e-6 * size, 1e-6 * size) for size in SIZES]
    assert Comparison(rows).sentences()[1:] == [
        sentence,
        "Your time grows like n^1.0, the reference's like n^1.0.",
        "Timed: what vif took together in one typical use of size n.",
    ]


def test_verdict_on_results():
    """The first size at which results differ is named, first of all."""
    rows = [row(size, 1e-3, 1e-3, (1.0, 1.0 + (size > 300))) for size in SIZES]
    found = Comparison(rows)
    assert found.sentences()[0] == "Yours DIFFERS from the reference at n = 1,024, more than by rounding."
    assert [cells[-1] for cells in found.table()] == ["agree", "agree", *["DIFFER"] * 4]
    assert "cannot be told" in found.sentences()[2]


def test_table_fits_a_screen():
    """Of many sizes every second is shown, the largest among them, and the plots have all."""
    rows = [row(64 * 2**step, 1e-6 * 2**step, 1e-6 * 2**step) for step in range(15)]
    table = Comparison(rows).table()
    assert len(table) <= MOST_ROWS
    assert table[-1][0] == f"{64 * 2**14:,}"
    panels = Comparison(rows).plots()
    check(panels)
    assert len(panels[0].series[0].x) == 15


def test_units():
    """Numbers have three digits at most, and no unit makes them tiny."""
    assert [time(seconds) for seconds in (1.234e-5, 0.0234, 0.999, 1.5, 123.4)] == [
        "0.0123 ms",
        "23.4 ms",
        "999 ms",
        "1.5 s",
        "123 s",
    ]
    assert [memory(size) for size in (0, 1000, 10270, 5 * 2**20, 3 * 2**30)] == [
        "0 B",
        "1000 B",
        "10 KiB",
        "5 MiB",
        "3 GiB",
    ]
    assert all(re.fullmatch(r"[\d,.]+ \w+", memory(10**power)) for power in range(12))


@pytest.mark.slow
def test_texts_wait_for_a_key(checkout):
    """On a small terminal verdict and table stay where they are until the person asks for the texts."""
    person_module = pytest.importorskip("tests.runner.person", reason="there are no pseudo-terminals to drive")
    path = checkout.solve("k_means")
    for key, shown in (("q", False), ("\r", True)):
        with person_module.Person(checkout, "compare", "k_means", "--spoil") as person:
            seen = person.sees("both texts")
            assert "Yours agrees with the reference" in seen
            assert "your memory" in seen
            assert "def lloyd" not in seen
            # But for the bar, which is written over.
            assert len([line for line in seen.splitlines() if line.strip() and not line.startswith("measuring")]) < 24
            person.types(key)
            if shown:
                person.sees("def lloyd")
                person.sees("Yours agrees with the reference")
            assert person.ends() == 0
            assert person.left_as_found()
    assert path.exists()
