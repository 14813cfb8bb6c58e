"""The `grade` command: which katas, graded how, told how, and the exit status."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from katagrad.grading import report
from katagrad.grading.grading import GraderError, Job, UnreadableError, grade_all, grade_with_calls, read
from katagrad.katas.catalog import Catalog, Kata
from katagrad.record.history import History
from katagrad.submission.process import warm_up
from katagrad.submission.proxy import Source
from katagrad.terminal import Terminal
from katagrad.verdict import State, Verdict, deciding

QUIET = {State.SOLVED, State.NOT_STARTED}


class NoSuchRuleError(LookupError):
    """No rule has the word in its name that was asked for."""


@dataclass
class Graded:
    """A kata, the text that was graded and what came of it; `attempt` and `hints` are 0 where none is remembered."""

    kata: Kata
    source: Source
    verdict: Verdict
    attempt: int = 0
    hints: int = 0


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Grade what was named, all for no names, and tell what came of it."""
    katas = catalog.select(options.names)
    if len(katas) == 1:
        warm_up()  # before pytest and the grader are in memory; of several katas, each worker does it
    terminal = Terminal()
    start = time.perf_counter()
    try:
        if options.pdb:
            return _debug(options, katas, terminal)
        graded = _with_rules(options, list(_graded(options, katas, terminal)))
    except GraderError as error:
        sys.stderr.write(f"A grader failed to run, which is not your solution's fault. Please report it.\n{error}\n")
        return 3
    except NoSuchRuleError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    history = None if options.solutions else _remember(graded, catalog, whole=not options.case)
    if len(katas) == 1:
        _tell_one(terminal, options, graded[0])
    else:
        solved = history.solved() if history else set()
        _tell_many(terminal, options, catalog, graded, time.perf_counter() - start, solved)
    if history:
        terminal.notices(history.notices)
    return _write(terminal, options, graded) or _status(options, graded)


def _write(terminal: Terminal, options: argparse.Namespace, graded: list[Graded]) -> int:
    """Write the files that were asked for; return 2 if one cannot be written."""
    if not (options.json or options.junit):
        return 0
    from katagrad.grading import verdict_files  # noqa: PLC0415 - few ask for files

    verdicts = [one.verdict for one in graded]
    try:
        for path in verdict_files.write(verdicts, options.json, options.junit, strict=_both_bars(options)):
            terminal.line(str(path), "dim", label="written: ", wrap=False)
    except OSError as error:
        sys.stderr.write(f"{error.filename} cannot be written: {error.strerror}.\n")
        return 2
    return 0


def _both_bars(options: argparse.Namespace) -> bool:
    """Say whether the exit status asks for the strict rules, too."""
    return options.strict or options.solutions


def _with_rules(options: argparse.Namespace, graded: list[Graded]) -> list[Graded]:
    """Leave out the katas that have no rule of the name asked for.

    Raises
    ------
    NoSuchRuleError
        If that leaves none.
    """
    missing = [one for one in graded if options.case and one.verdict.state is State.FAILING and not one.verdict.rules]
    if missing and len(missing) == len(graded):
        raise NoSuchRuleError(missing[0].verdict.problem)
    return [one for one in graded if one not in missing]


def _graded(options: argparse.Namespace, katas: Sequence[Kata], terminal: Terminal) -> Iterator[Graded]:
    """Yield each kata with the text that was graded and its verdict."""
    seed = options.seed if options.seed is not None else int(np.random.SeedSequence().generate_state(1)[0])
    turns = options.seeds or 1
    sources = [_read(kata, solutions=options.solutions) for kata in katas]
    jobs = [
        Job(
            kata,
            source,
            seed=seed + turn,
            case=options.case,
            skip_blank=not options.solutions,
            strict=_both_bars(options),
        )
        for kata, source in zip(katas, sources, strict=True)
        if isinstance(source, Source)
        for turn in range(turns)
    ]
    verdicts = _shown(grade_all(jobs), terminal, len(jobs))
    for kata, source in zip(katas, sources, strict=True):
        if isinstance(source, Verdict):
            yield Graded(kata, Source(kata.exercise, ""), source)
        else:
            yield Graded(kata, source, _worst([next(verdicts) for _ in range(turns)]))


def _read(kata: Kata, *, solutions: bool) -> Source | Verdict:
    """Return a kata's text, read once for the whole run, or the verdict on a file that cannot be read."""
    try:
        return read(kata.solution if solutions else kata.exercise)
    except UnreadableError as error:
        where = kata.exercise.relative_to(kata.root).as_posix()
        return Verdict(kata.path, State.BROKEN, problem=error.reason, where=where)


def _worst(verdicts: list[Verdict]) -> Verdict:
    """Return the first verdict that is not solved, of several seeds, else the first not strict; the time is of all."""
    seconds = sum(verdict.seconds for verdict in verdicts)
    unsolved = [verdict for verdict in verdicts if verdict.state is not State.SOLVED]
    found = next(iter(unsolved or [verdict for verdict in verdicts if not verdict.passes]), verdicts[0])
    return replace(found, seconds=seconds)


def _shown(verdicts: Iterator[Verdict], terminal: Terminal, total: int) -> Iterator[Verdict]:
    """Pass verdicts on, showing on a terminal how many have come."""
    if not terminal.interactive or total < 4:
        yield from verdicts
        return
    with terminal.console.status(f"grading {total}") as status:
        for number, verdict in enumerate(verdicts, start=1):
            status.update(f"graded {number} of {total}: {verdict.kata}")
            yield verdict


def _remember(graded: list[Graded], catalog: Catalog, *, whole: bool) -> History | None:
    """Record the attempts, fill in their numbers, and return the history; None where there is nothing to remember.

    Without the `whole` grader nothing is recorded: some of the rules do not make a kata solved, nor an attempt at it.
    """
    started = [one for one in graded if one.verdict.state is not State.NOT_STARTED and one.source.text]
    if not started and not History.exists(catalog.root):
        return None
    history = History(catalog.root)
    for one in started:
        one.attempt = history.record(one.verdict, one.source.text) if whole else 0
        one.hints = history.hints(one.kata.path)
    return history


def _tell_one(terminal: Terminal, options: argparse.Namespace, one: Graded) -> None:
    if options.solutions:
        report.reference(terminal, one.kata, one.verdict)
    else:
        report.in_full(terminal, one.kata, one.verdict, one.attempt, one.hints, every=options.every)


def _tell_many(
    terminal: Terminal,
    options: argparse.Namespace,
    catalog: Catalog,
    graded: list[Graded],
    seconds: float,
    solved: set[str],
) -> None:
    """Print the overview, and what is wrong in full where it is asked for or there is one such kata."""
    verdicts = {one.kata.path: one.verdict for one in graded}
    strict = _both_bars(options)
    report.overview(terminal, catalog.topics, verdicts, seconds, solved=solved, strict=strict)
    trouble = [one for one in graded if one.verdict.state not in QUIET or (strict and one.verdict.strict is False)]
    for one in trouble if options.every or len(trouble) == 1 else ():
        terminal.line()
        _tell_one(terminal, options, one)
    blank = next((one.kata for one in graded if one.verdict.state is State.NOT_STARTED), None)
    if blank and not trouble:
        report.beginning(terminal, blank)


def _status(options: argparse.Namespace, graded: list[Graded]) -> int:
    """Return 1 if a named kata does not pass, or, in a run over all, a started one."""
    fine = {State.SOLVED} if options.names or options.solutions else QUIET
    strict = _both_bars(options)
    return int(any(one.verdict.state not in fine or (strict and one.verdict.strict is False) for one in graded))


def _debug(options: argparse.Namespace, katas: Sequence[Kata], terminal: Terminal) -> int:
    """Grade one kata, and stop in its own function, called as the first rule that broke has called it."""
    if len(katas) != 1:
        sys.stderr.write("--pdb takes one kata: name it.\n")
        return 2
    kata = katas[0]
    source = _read(kata, solutions=options.solutions)
    if isinstance(source, Verdict):
        report.in_full(terminal, kata, source, attempt=0, hints=0)
        return 1
    job = Job(kata, source, seed=options.seed, case=options.case, strict=_both_bars(options))
    verdict, calls = grade_with_calls(job)
    _with_rules(options, [Graded(kata, source, verdict)])
    broken = report.in_order([rule for rule in deciding(verdict.rules) if rule.failure] or verdict.failures)
    if not broken or not calls[broken[0].name]:
        report.in_full(terminal, kata, verdict, attempt=0, hints=0)
        return int(verdict.state is not State.SOLVED)
    from katagrad.grading.debugging import stop_in  # noqa: PLC0415 - only here

    report.tell_rule(terminal, broken[0])
    stop_in(terminal, source, broken[0], calls[broken[0].name])
    return 1
