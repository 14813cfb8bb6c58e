"""The `next` command: what is under way, what is due, and which kata to begin."""

import argparse
import random

from katagrad.clock import SYSTEM, Clock, duration
from katagrad.commands.plan import tell_changes, tell_next_day, tell_today
from katagrad.grading import report
from katagrad.katas.catalog import Catalog, Kata
from katagrad.record import interviews, plans, sessions
from katagrad.record.history import History
from katagrad.record.schedule import Schedule
from katagrad.record.sessions import Ending, Session
from katagrad.terminal import Terminal, command

SHOWN = 5


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Print what is under way, then today's plan, else what is due and the next unsolved kata.

    With --random, only an unsolved kata.
    """
    terminal, history = Terminal(), History(catalog.root, clock)
    solved, schedule = history.solved(), Schedule(history)
    due = schedule.due_katas(catalog.katas)
    under_way = _under_way(history, catalog)
    hide = options.hide_topic
    if not options.random:
        _tell_interview(terminal, history)
        if under_way:
            _tell_under_way(terminal, history, under_way, hide=hide)
        following = plans.follow(history, catalog)
        if following and not hide:
            _tell_plan(terminal, following)
            terminal.notices(history.notices)
            return 0
        _tell_due(terminal, [kata for kata in due if kata != under_way], hide=hide)
        _tell_questions(terminal, schedule.due_questions(catalog.katas))
    unsolved = [kata for kata in schedule.choose(catalog.katas, solved) if kata.path not in solved]
    told = {kata.path for kata in (*due, under_way) if kata}
    ahead = [kata for kata in unsolved if kata.path not in told]
    if ahead:
        kata = random.choice(ahead) if options.random else ahead[0]  # noqa: S311 - no secret
        _tell_kata(terminal, history, kata, solved, hide=hide)
    elif not unsolved:
        _tell_all_solved(terminal, [kata for kata in catalog.katas if kata.path not in history.strict()])
    terminal.notices(history.notices)
    return 0


def _tell_plan(terminal: Terminal, following: plans.Following) -> None:
    """Print what the plan has for today, and for the next day once that is done."""
    tell_changes(terminal, following)
    tell_today(terminal, following)
    if not following.open_steps:
        tell_next_day(terminal, following)


def _tell_all_solved(terminal: Terminal, not_strict: list[Kata]) -> None:
    """Say that all katas are solved, and which one to make strict next."""
    terminal.line("All katas are solved.", "bold green")
    if not_strict:
        terminal.line(f"{len(not_strict)} are not strict yet: {command('grade', not_strict[0].name)}")


def _name(kata: Kata, *, hide: bool) -> str:
    return kata.name if hide else kata.path


def _under_way(history: History, catalog: Catalog) -> Kata | None:
    """Return the kata of the open practice session; None if there is none."""
    left = next((one for one in reversed(sessions.sessions(history)) if _is_under_way(one)), None)
    return next((kata for kata in catalog.katas if left and kata.path == left.kata), None)


def _is_under_way(session: Session) -> bool:
    """Return whether it is an open practice session by itself."""
    return session.outcome is Ending.OPEN and session.interview is None


def _tell_interview(terminal: Terminal, history: History) -> None:
    """Print the interview that is under way."""
    left = interviews.open_interview(history)
    if left:
        terminal.line(f"an interview, {duration(left.left)} left", "bold", label="Under way: ")
        terminal.line(command("interview"), indent=11)


def _tell_under_way(terminal: Terminal, history: History, kata: Kata, *, hide: bool) -> None:
    left = sessions.open_session(history, kata.path)
    clock = f"{duration(left.seconds)} of {duration(left.par)} on the clock"
    terminal.line(f"{_name(kata, hide=hide)}    {clock}", "bold", label="Under way: ")
    terminal.line(command("practice", kata.name), indent=11)


def _tell_due(terminal: Terminal, due: list[Kata], *, hide: bool) -> None:
    """Print the katas to repeat, the longest overdue first."""
    for number, kata in enumerate(due[:SHOWN]):
        label = "     " if number else "Due: "
        terminal.line(f"{_name(kata, hide=hide)}    {kata.difficulty}, par {kata.minutes} min", label=label)
    if len(due) > SHOWN:
        terminal.line(f"and {len(due) - SHOWN} more", indent=5)
    if due:
        terminal.line(command("practice", due[0].name), indent=5)


def _tell_questions(terminal: Terminal, due: int) -> None:
    """Print how many follow-up questions are due."""
    if due:
        terminal.line(f"{due} question{'s' * (due > 1)}: {command('review')}", label="Due: ")


def _tell_kata(terminal: Terminal, history: History, kata: Kata, solved: set[str], *, hide: bool) -> None:
    """Print where to begin or go on, and what should be solved first."""
    if hide:
        terminal.line(f"{kata.name}    {kata.difficulty}, par {kata.minutes} min")
        terminal.line(command("grade", kata.name))
        return
    report.beginning(terminal, kata, label="Go on: " if history.count(kata.path) else "Start: ")
    missing = [path for path in kata.requires if path not in solved]
    if missing:
        terminal.line(", ".join(missing), "dim", label="builds on: ")
