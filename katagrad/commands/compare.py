"""The `compare` command: a solution beside the reference, in what they return, how they grow, and how they read."""

import argparse
from collections.abc import Callable

from katagrad.commands.named import resolve_kata
from katagrad.grading.grading import Job, UnreadableError, grade, read
from katagrad.grading.listing import show_both, show_source
from katagrad.grading.measure import SHORTEST, Measure, agreement, growth, measures
from katagrad.katas.catalog import Catalog
from katagrad.katas.loading import load_module
from katagrad.practice.status import Status
from katagrad.record.history import History
from katagrad.submission.process import warm_up
from katagrad.submission.proxy import Source
from katagrad.terminal import Terminal, command
from katagrad.verdict import State

HEAD = ("n", "your time", "reference", "ratio", "your memory", "reference", "results")


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Compare the learner's file with the reference, once the kata is solved."""
    kata = resolve_kata(options, catalog)
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
    theirs = f"reference   {kata.solution.relative_to(kata.root).as_posix()}", reference
    if verdict.state in (State.NOT_STARTED, State.BROKEN):
        terminal.line(f"Your file is {verdict.state}: only the reference can be shown.")
        show_source(terminal, *theirs)
        return 0
    show_both(terminal, (f"yours   {kata.exercise.relative_to(kata.root).as_posix()}", yours), theirs)
    _measure(terminal, load_module(kata.grader).workload, yours, reference)
    return 0


def _measure(terminal: Terminal, workload: Callable, yours: Source, reference: Source) -> None:
    """Print, for growing sizes, whether both agree, how long they take and what memory they need."""
    rows, timed = [], ()
    my_times: dict[int, float] = {}
    their_times: dict[int, float] = {}
    status = Status(terminal)
    status.show("measuring ...")
    for size, mine, theirs in measures(workload, yours, reference):
        status.show(f"measured up to n = {size:,} ...")
        rows.append(_row(size, mine, theirs))
        timed = theirs.functions
        their_times[size] = max(theirs.seconds, SHORTEST)
        if not mine.problem:
            my_times[size] = max(mine.seconds, SHORTEST)
    status.clear()
    terminal.line(", ".join(timed), "bold", label="measured: ")
    terminal.table(HEAD, rows)
    mine, theirs = growth(my_times), growth(their_times)
    if mine is not None and theirs is not None:
        terminal.line(f"your time grows like n^{mine:.1f}, the reference's like n^{theirs:.1f}", "bold")


def _row(size: int, mine: Measure, theirs: Measure) -> tuple[str, ...]:
    """Return the cells of one size."""
    if mine.problem:
        return f"{size:,}", mine.problem, _time(theirs.seconds), "", "", _memory(theirs.peak), ""
    ratio = max(mine.seconds, SHORTEST) / max(theirs.seconds, SHORTEST)
    return (
        f"{size:,}",
        _time(mine.seconds),
        _time(theirs.seconds),
        f"{ratio:.1f}x" if ratio < 10 else f"{ratio:,.0f}x",
        _memory(mine.peak),
        _memory(theirs.peak),
        "agree" if agreement(mine.values, theirs.values) else "DIFFER",
    )


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _memory(size: float) -> str:
    return f"{size / 2**20:.3g} MiB" if size >= 2**20 else f"{size / 2**10:.3g} KiB"
