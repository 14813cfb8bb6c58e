"""Prints the result of a practice session: its time, the best time, what failed on the way, when to repeat."""

from katagrad.clock import duration
from katagrad.grading.grading import read
from katagrad.grading.listing import show_source
from katagrad.katas.catalog import Kata
from katagrad.record import sessions
from katagrad.record.history import History
from katagrad.record.schedule import Item, Mark, Schedule
from katagrad.record.sessions import Ending, Session
from katagrad.terminal import Terminal


def tell_result(
    terminal: Terminal, history: History, kata: Kata, ended: Session, *, best: float | None, mark: Mark
) -> None:
    """Print the result of a session that has ended; `best` is the shortest time of the sessions before it."""
    gave_up = ended.outcome is Ending.GAVE_UP
    if gave_up:
        show_source(terminal, f"reference   {kata.solution.relative_to(kata.root).as_posix()}", read(kata.solution))
    else:
        terminal.line()
    time = f"{duration(ended.seconds)}, {_against_par(ended)}"
    rows = {
        **({"gave up": f"after {duration(ended.seconds)}; par {duration(ended.par)}"} if gave_up else {"time": time}),
        "best": _best(ended, best),
        "hints": f"{ended.hints} of {len(kata.hints)}",
        "repeat": f"{Schedule(history).due_text(Item(kata.path))} ({mark.word})",
    }
    for label, text in rows.items():
        terminal.line(text, label=f"{label:<9}", indent=2)
    slips = sessions.slips(history, ended)
    if slips:
        terminal.line("failed on the way:", indent=2)
    for sentence, times in slips:
        terminal.line(f"{sentence}{f' ({times} times)' if times > 1 else ''}", "dim", indent=4, label="x ")


def _against_par(ended: Session) -> str:
    """Return a time compared with par, in words."""
    par = f"par {duration(ended.par)}"
    if ended.seconds <= ended.par / 2:
        return f"within half of {par}"
    return f"within {par}" if ended.seconds <= ended.par else f"{duration(ended.seconds - ended.par)} over {par}"


def _best(ended: Session, before: float | None) -> str:
    """Return a time compared with the shortest one before it, in words."""
    if ended.outcome is not Ending.SOLVED:
        return "none yet" if before is None else duration(before)
    if before is None:
        return f"{duration(ended.seconds)}, your first"
    if ended.seconds < before:
        return f"{duration(ended.seconds)}, {_gap(before - ended.seconds)} faster than before"
    return f"{duration(before)}, this was {_gap(ended.seconds - before)} slower"


def _gap(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)
