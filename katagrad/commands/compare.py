"""The `compare` command: a solution beside the reference, in what they return, how they grow, and how they read."""

import argparse
import ast
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from katagrad.commands.study import one
from katagrad.grading.grading import Job, UnreadableError, grade, read
from katagrad.katas.catalog import Catalog, Kata
from katagrad.katas.interface import alternatives, is_public, read_interface
from katagrad.katas.loading import load_module
from katagrad.practice.status import Status
from katagrad.record.history import History
from katagrad.submission.process import warm_up
from katagrad.submission.proxy import BrokenError, Source, Submission, SubmissionError
from katagrad.submission.proxy import Kata as Proxy
from katagrad.terminal import Terminal, command
from katagrad.verdict import State

SMALLEST, LARGEST = 4**3, 4**10
LONG_ENOUGH = 1.0
LIMIT = 10.0
# What the coarsest clock of processor time tells apart from nothing.
SHORTEST = 1e-7
# The best of three runs, or of as many more as a short one takes to stand out from the machine's noise.
FEWEST, MOST = 3, 30
STEADY = 0.05


@dataclass(frozen=True)
class Measure:
    """What one solution did at one size: its values, the seconds and the peak bytes; or why it did not."""

    values: Any = None
    seconds: float = math.nan
    peak: float = math.nan
    problem: str = ""


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Compare the learner's file with the reference, once the kata is solved."""
    kata = one(options, catalog)
    if kata is None:
        return 2
    terminal = Terminal()
    warm_up()
    try:
        yours = read(kata.exercise)
    except UnreadableError as error:
        terminal.line(error.reason, "red")
        return 1
    verdict = grade(Job(kata, yours))
    if verdict.state is not State.SOLVED and kata.path not in History(catalog.root).solved() and not options.spoil:
        terminal.line(f"{kata.path} is not solved yet: compare opens when it is.")
        terminal.columns(
            [
                (command("grade", kata.name), ""),
                (command("compare", kata.name, "--spoil"), "shows the reference anyway"),
            ],
            2,
        )
        return 1
    reference = read(kata.solution)
    if verdict.state in (State.NOT_STARTED, State.BROKEN):
        terminal.line(f"Your file is {verdict.state}: only the reference can be shown.")
    else:
        _measure(terminal, kata, yours, reference)
        show_source(terminal, f"yours   {kata.exercise.relative_to(kata.root).as_posix()}", yours)
    show_source(terminal, f"reference   {kata.solution.relative_to(kata.root).as_posix()}", reference)
    return 0


def _measure(terminal: Terminal, kata: Kata, yours: Source, reference: Source) -> None:
    """Print, for growing sizes, whether both agree, how long they take and what memory they need."""
    workload = load_module(kata.grader).workload
    rows = [("n", "your time", "reference", "ratio", "your memory", "reference", "results")]
    my_times: dict[int, float] = {}
    their_times: dict[int, float] = {}
    status = Status(terminal)
    status.show("measuring ...")
    for size, mine, theirs in measures(workload, yours, reference):
        status.show(f"measured up to n = {size:,} ...")
        their_times[size] = max(theirs.seconds, SHORTEST)
        if mine.problem:
            rows.append((f"{size:,}", mine.problem, _time(theirs.seconds), "", "", _memory(theirs.peak), ""))
            continue
        my_times[size] = max(mine.seconds, SHORTEST)
        agree = "agree" if agreement(mine.values, theirs.values) else "DIFFER"
        ratio = max(mine.seconds, SHORTEST) / max(theirs.seconds, SHORTEST)
        ratio = f"{ratio:.1f}x" if ratio < 10 else f"{ratio:,.0f}x"
        rows.append(
            (
                f"{size:,}",
                _time(mine.seconds),
                _time(theirs.seconds),
                ratio,
                _memory(mine.peak),
                _memory(theirs.peak),
                agree,
            )
        )
    status.clear()
    terminal.columns(rows)
    mine, theirs = growth(my_times), growth(their_times)
    if mine is not None and theirs is not None:
        terminal.line(f"your time grows like n^{mine:.1f}, the reference's like n^{theirs:.1f}", "bold")
    terminal.line()


def measures(workload: Callable, yours: Source, reference: Source) -> Iterator[tuple[int, Measure, Measure]]:
    """Yield both measures at growing sizes until one of the two takes long."""
    interface = read_interface(ast.parse(reference.text))
    sides = [Submission(source, interface, call_limit=LIMIT) for source in (yours, reference)]
    try:
        size = SMALLEST
        while True:
            mine, theirs = (_one(side, workload, size) for side in sides)
            yield size, mine, theirs
            longest = max(mine.seconds, theirs.seconds)
            if mine.problem or theirs.problem or longest > LONG_ENOUGH or size >= LARGEST:
                return
            # Sixteen times as long at the worst of a quadratic solution, or four times: seconds, not minutes.
            size *= 4 if longest < LONG_ENOUGH / 16 else 2
    finally:
        for side in sides:
            side.close()


def _one(submission: Submission, workload: Callable, size: int) -> Measure:
    """Run a workload a few times, and once more for the memory, which slows it down."""
    try:
        best, spent = math.inf, 0.0
        for turn in range(MOST):
            values = _once(submission, workload, size)
            seconds = sum(call.seconds for call in submission.calls)
            best, spent = min(best, seconds), spent + seconds
            if best > LONG_ENOUGH / 2 or (spent > STEADY and turn + 1 >= FEWEST):
                break
        submission.measure_memory = True
        _once(submission, workload, size)
        peak = max(call.peak for call in submission.calls)
    except SubmissionError as error:
        return Measure(problem=error.reason)
    except BrokenError as error:
        return Measure(problem=error.reason)
    except Exception as error:  # noqa: BLE001 - whatever the learner's code raises
        return Measure(problem=f"{type(error).__name__}: {error}")
    finally:
        submission.measure_memory = False
    return Measure(values, best, peak)


def _once(submission: Submission, workload: Callable, size: int) -> Any:
    submission.begin_rule()
    return workload(Proxy(submission), np.random.default_rng(size), size)


def agreement(mine: Any, theirs: Any, rtol: float = 1e-6, atol: float = 1e-9) -> bool:
    """Say whether two results are the same but for rounding."""
    if isinstance(mine, tuple | list) and isinstance(theirs, tuple | list):
        return len(mine) == len(theirs) and all(agreement(*pair, rtol, atol) for pair in zip(mine, theirs, strict=True))
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return mine.keys() == theirs.keys() and all(agreement(mine[key], theirs[key], rtol, atol) for key in mine)
    if mine is None or theirs is None or isinstance(mine, str):
        return type(mine) is type(theirs) and mine == theirs
    have, want = np.asarray(mine), np.asarray(theirs)
    if have.dtype.kind not in "biuf" or want.dtype.kind not in "biuf":
        return True  # a cache or another thing of the solution's own
    return have.shape == want.shape and np.allclose(have, want, rtol, atol, equal_nan=True)


def growth(times: dict[int, float]) -> float | None:
    """Return the exponent of time in n: the slope, both as logarithms, from a quarter of the largest size on.

    None if even there the work hardly outweighs the cost of a call.
    """
    largest = max(times, default=0)
    sizes = [size for size in times if 4 * size >= largest]
    if len(sizes) < 2 or times[largest] < 2 * min(times.values()):
        return None
    return float(np.polyfit(np.log(sizes), np.log([times[size] for size in sizes]), 1)[0])


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _memory(size: float) -> str:
    return f"{size / 2**20:.3g} MiB"


def show_source(terminal: Terminal, title: str, source: Source) -> None:
    """Print a solution without the statement, which both share."""
    terminal.line(title, "bold underline")
    terminal.code("\n\n".join(_without_docstrings(source.text)))
    terminal.line()


def _without_docstrings(text: str) -> Iterator[str]:
    """Yield the text of every top-level definition and assignment, docstrings of the statement left out."""
    lines = text.splitlines()
    tree = ast.parse(text)
    names = {name for _, name in alternatives(tree)}
    for node in tree.body:
        if isinstance(node, ast.Expr | ast.Import | ast.ImportFrom):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        kept = set(range(first - 1, node.end_lineno))
        docstring = (
            node.body[0] if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) else None
        )
        if docstring and is_public(node) and getattr(node, "name", "") not in names:
            kept -= set(range(docstring.lineno - 1, docstring.end_lineno))
        yield "\n".join(lines[number] for number in sorted(kept))
