"""What two solutions that were measured come to: the verdict in sentences, a table, and plots."""

from collections.abc import Sequence
from dataclasses import dataclass

from katagrad.grading.measure import SHORTEST, Row, growth
from katagrad.picture import Line, Panel

HEAD = ("n", "your time", "reference", "ratio", "your memory", "reference", "results")
# A table of more rows leaves no room for the verdict on a small terminal.
MOST_ROWS = 10
# Two times within this ratio of each other are the same on most days.
SAME = 1.15


@dataclass(frozen=True)
class Comparison:
    """A learner's solution beside the reference, at growing sizes."""

    rows: Sequence[Row]

    @property
    def sound(self) -> Sequence[Row]:
        """Return the sizes at which both solutions returned something."""
        return [row for row in self.rows if not (row.mine.problem or row.theirs.problem)]

    @property
    def agrees(self) -> bool:
        """Say whether both returned the same at every size."""
        return all(row.agrees for row in self.rows)

    def sentences(self) -> list[str]:
        """Return the verdict: whether both agree, how much longer one takes, how the times grow, and what was timed."""
        said = [self._agreement()]
        if self.sound:
            said += [self._time(self.sound[-1]), self._growth()]
            functions = " and ".join(self.sound[-1].theirs.functions)
            said.append(f"Timed: what {functions} took together in one typical use of size n.")
        return said

    def _agreement(self) -> str:
        last = self.rows[-1]
        if last.mine.problem:
            return f"Yours fails at n = {last.size:,}: {last.mine.problem}"
        if last.theirs.problem:
            return f"The reference fails at n = {last.size:,}: {last.theirs.problem}"
        different = [row.size for row in self.rows if not row.agrees]
        if different:
            return f"Yours DIFFERS from the reference at n = {different[0]:,}, more than by rounding."
        return f"Yours agrees with the reference at all {len(self.rows)} sizes, up to n = {last.size:,}."

    @staticmethod
    def _time(row: Row) -> str:
        if 1 / SAME <= row.ratio <= SAME:
            how = "as long as the reference"
        elif row.ratio > 1:
            how = f"{_times(row.ratio)} as long as the reference"
        else:
            how = f"less time than the reference, which takes {_times(1 / row.ratio)} as long,"
        return f"It takes {how} at n = {row.size:,}."

    def _growth(self) -> str:
        mine, theirs = (growth(times) for times in self.times())
        if mine is None and theirs is None:
            return "How the times grow cannot be told: up to here a call costs more than what grows with n."
        yours, reference = (f"like n^{one:.1f}" if one else "too little to be told" for one in (mine, theirs))
        return f"Your time grows {yours}, the reference's {reference}."

    def times(self) -> tuple[dict[int, float], dict[int, float]]:
        """Return the seconds of both sides, by size."""
        mine = {row.size: max(row.mine.seconds, SHORTEST) for row in self.sound}
        theirs = {row.size: max(row.theirs.seconds, SHORTEST) for row in self.sound}
        return mine, theirs

    def table(self) -> list[tuple[str, ...]]:
        """Return the cells of a table: all sizes, or every second one where there are many, up to the largest."""
        rows = self.rows if len(self.rows) <= MOST_ROWS else self.rows[::-2][::-1]
        return [_cells(row) for row in rows]

    def plots(self) -> list[Panel]:
        """Return how time and memory grow, as panels."""
        sizes = [row.size for row in self.sound]
        mine, theirs = self.times()
        seconds = [
            (name, [1e3 * one for one in times.values()]) for name, times in (("yours", mine), ("reference", theirs))
        ]
        peaks = [
            ("yours", [max(row.mine.peak, 1) / 2**20 for row in self.sound]),
            ("reference", [max(row.theirs.peak, 1) / 2**20 for row in self.sound]),
        ]
        return [
            Panel(title, "n", axis, [Line(sizes, values, name) for name, values in sides], log="xy")
            for title, axis, sides in (("Time", "milliseconds", seconds), ("Peak memory", "MiB", peaks))
        ]


def _cells(row: Row) -> tuple[str, ...]:
    """Return the cells of one size."""
    if row.mine.problem or row.theirs.problem:
        mine, theirs = ("failed" if side.problem else time(side.seconds) for side in (row.mine, row.theirs))
        return f"{row.size:,}", mine, theirs, "", "", "", ""
    ratio = f"{row.ratio:.1f}x" if row.ratio < 10 else f"{row.ratio:,.0f}x"
    results = "agree" if row.agrees else "DIFFER"
    times = time(row.mine.seconds), time(row.theirs.seconds)
    return f"{row.size:,}", *times, ratio, memory(row.mine.peak), memory(row.theirs.peak), results


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 10 else f"{ratio:,.0f} times"


def time(seconds: float) -> str:
    """Return a time as people read it."""
    return f"{_three(seconds * 1e3)} ms" if seconds < 1 else f"{_three(seconds)} s"


def memory(size: float) -> str:
    """Return a number of bytes as people read it."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 2**power:
            return f"{_three(size / 2**power)} {unit}"
    return f"{size:.0f} B"


def _three(number: float) -> str:
    """Return three digits of a number, and never an exponent."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
