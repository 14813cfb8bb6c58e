"""The `grade` command: which katas, graded how, told how, and the exit status."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from katagrad import report
from katagrad.catalog import Catalog, Kata
from katagrad.grading import GraderError, Job, UnreadableError, grade_all, read
from katagrad.history import History
from katagrad.process import warm_up
from katagrad.proxy import Source
from katagrad.terminal import Terminal
from katagrad.verdict import State, Verdict


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Grade what was named, all for no names, and tell what came of it."""
    katas = catalog.select(options.names)
    if options.pdb:
        return _debug(options, katas)
    if len(katas) == 1:
        warm_up()  # before pytest and the grader are in memory; of several katas, each worker does it
    terminal = Terminal()
    start = time.perf_counter()
    try:
        graded = list(_graded(options, katas, terminal))
    except GraderError as error:
        sys.stderr.write(f"A grader failed to run, which is not your solution's fault. Please report it.\n{error}\n")
        return 3
    verdicts = {kata.path: verdict for kata, _, verdict in graded}
    attempts, hints, notices = _remember(options, catalog, graded)
    if len(katas) == 1:
        path = katas[0].path
        if options.solutions:
            report.reference(terminal, katas[0], verdicts[path])
        else:
            report.in_full(terminal, katas[0], verdicts[path], attempts.get(path, 0), hints.get(path, 0), every=options.every)
    else:
        _tell_many(terminal, options, catalog, graded, attempts, hints, time.perf_counter() - start)
    for notice in notices:
        terminal.line(notice, "yellow")
    _write(options, terminal, verdicts)
    return _status(options, verdicts)


def _tell_many(terminal: Terminal, options: argparse.Namespace, catalog: Catalog, graded: list, attempts: dict, hints: dict,
               seconds: float) -> None:
    """Print the overview, and what is wrong in full where it is asked for or there is one such kata."""
    verdicts = {kata.path: verdict for kata, _, verdict in graded}
    report.overview(terminal, catalog.topics, verdicts, seconds)
    trouble = [kata for kata, _, verdict in graded if verdict.state not in (State.SOLVED, State.NOT_STARTED)]
    for kata in trouble if options.every or len(trouble) == 1 else ():
        terminal.line()
        report.in_full(terminal, kata, verdicts[kata.path], attempts.get(kata.path, 0), hints.get(kata.path, 0),
                       every=options.every)
    unsolved = [kata for kata, _, verdict in graded if verdict.state is State.NOT_STARTED]
    if unsolved and not trouble:
        report.beginning(terminal, unsolved[0])


def _graded(options: argparse.Namespace, katas: Sequence[Kata], terminal: Terminal) -> Iterator[tuple[Kata, Source, Verdict]]:
    """Yield each kata with the text that was graded and its verdict."""
    seed = _seed(options)
    sources = [_read(kata, solutions=options.solutions) for kata in katas]
    jobs = [
        Job(kata, source, seed=seed + turn, case=options.case, skip_blank=not options.solutions)
        for kata, source in zip(katas, sources, strict=True)
        if isinstance(source, Source)
        for turn in range(options.seeds or 1)
    ]
    verdicts = _progress(grade_all(jobs), terminal, len(jobs))
    for kata, source in zip(katas, sources, strict=True):
        if isinstance(source, Verdict):
            yield kata, Source(kata.exercise, ""), source
            continue
        yield kata, source, _worst([next(verdicts) for _ in range(options.seeds or 1)])


def _seed(options: argparse.Namespace) -> int:
    """Return the seed that was asked for, or one that nobody knew before."""
    return options.seed if options.seed is not None else int(np.random.SeedSequence().generate_state(1)[0])


def _read(kata: Kata, *, solutions: bool) -> Source | Verdict:
    """Return a kata's text, read once for the whole run, or the verdict on a file that cannot be read."""
    try:
        return read(kata.solution if solutions else kata.exercise)
    except UnreadableError as error:
        where = kata.exercise.relative_to(kata.root).as_posix()
        return Verdict(kata.path, State.BROKEN, problem=error.reason, where=where)


def _worst(verdicts: list[Verdict]) -> Verdict:
    """Return the first verdict that is not solved, of several seeds; the time is that of all."""
    seconds = sum(verdict.seconds for verdict in verdicts)
    found = next((verdict for verdict in verdicts if verdict.state is not State.SOLVED), verdicts[0])
    return replace(found, seconds=seconds)


def _progress(verdicts: Iterator[Verdict], terminal: Terminal, total: int) -> Iterator[Verdict]:
    """Pass verdicts on, showing on a terminal how many have come."""
    if not terminal.interactive or total < 4:
        yield from verdicts
        return
    with terminal.console.status(f"grading {total}") as status:
        for number, verdict in enumerate(verdicts, start=1):
            status.update(f"graded {number} of {total}: {verdict.kata}")
            yield verdict


def _remember(options: argparse.Namespace, catalog: Catalog, graded: list) -> tuple[dict[str, int], dict[str, int], list[str]]:
    """Take the attempts down; return their numbers, the hints shown, and what the history has to say."""
    started = [(source, verdict) for _, source, verdict in graded if verdict.state is not State.NOT_STARTED and source.text]
    if options.solutions or not started:
        return {}, {}, []
    history = History(catalog.root)
    # Some rules alone do not make a kata solved, nor an attempt at all of it.
    attempts = {} if options.case else {verdict.kata: history.record(verdict, source.text) for source, verdict in started}
    hints = {verdict.kata: history.hints(verdict.kata) for _, verdict in started}
    return attempts, hints, history.notices


def _status(options: argparse.Namespace, verdicts: dict[str, Verdict]) -> int:
    """Return 1 if a named kata does not pass, or, in a run over all, a started one."""
    fine = {State.SOLVED} if options.names or options.solutions else {State.SOLVED, State.NOT_STARTED}
    return int(any(verdict.state not in fine for verdict in verdicts.values()))


def _write(options: argparse.Namespace, terminal: Terminal, verdicts: dict[str, Verdict]) -> None:
    if options.json:
        katas = [{**asdict(verdict), "held": verdict.held} for verdict in verdicts.values()]
        text = json.dumps({"katas": katas}, indent=2)
        if options.json == "-":
            sys.stdout.write(text + "\n")
        else:
            Path(options.json).write_text(text + "\n", encoding="utf-8")
            report.saved(terminal, Path(options.json))
    if options.junit:
        ET.indent(tree := ET.ElementTree(_junit(verdicts)))
        tree.write(options.junit, encoding="utf-8", xml_declaration=True)
        report.saved(terminal, Path(options.junit))


def _junit(verdicts: dict[str, Verdict]) -> ET.Element:
    suites = ET.Element("testsuites", name="katagrad")
    for verdict in verdicts.values():
        failures = len(verdict.failures) or int(verdict.state is State.BROKEN)
        suite = ET.SubElement(suites, "testsuite", name=verdict.kata, time=f"{verdict.seconds:.3f}", failures=str(failures))
        suite.set("tests", str(max(len(verdict.rules), 1)))
        suite.set("skipped", str(int(verdict.state is State.NOT_STARTED)))
        if not verdict.rules:
            case = ET.SubElement(suite, "testcase", classname=verdict.kata, name=str(verdict.state))
            kind = "skipped" if verdict.state is State.NOT_STARTED else "failure"
            ET.SubElement(case, kind, message=verdict.problem or str(verdict.state))
        for rule in verdict.rules:
            case = ET.SubElement(suite, "testcase", classname=verdict.kata, name=rule.name, time=f"{rule.seconds:.3f}")
            if rule.failure:
                found = rule.failure
                element = ET.SubElement(case, "failure", message=rule.sentence, type=found.kind)
                element.text = "\n".join(filter(None, (found.call, found.expected, found.got, found.reason, found.where)))
    return suites


def _debug(options: argparse.Namespace, katas: Sequence[Kata]) -> int:
    """Run the rules in this process, the file imported directly, and stop where one breaks."""
    import pytest  # noqa: PLC0415 - only here

    if len(katas) != 1:
        sys.stderr.write("--pdb takes one kata: name it.\n")
        return 2
    kata = katas[0]
    os.environ.pop("PYTEST_ADDOPTS", None)
    arguments = [str(kata.grader), "--pdb", "-q", "-x", "-s", f"--rootdir={kata.root}", f"--confcutdir={kata.grader.parents[1]}"]
    arguments += [f"--config-file={kata.root / 'pyproject.toml'}", "-o", "timeout=0"]
    arguments += ["--solutions"] if options.solutions else []
    arguments += [f"--case={options.case}"] if options.case else []
    arguments += [f"--seed={options.seed}"] if options.seed is not None else []
    return int(pytest.main(arguments) != 0)
