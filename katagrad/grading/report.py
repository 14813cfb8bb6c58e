"""Tells a person what grading came to."""

from collections.abc import Container, Sequence

from katagrad.grading.broken_rules import in_order, tell_rule, tell_rules, tell_way_on
from katagrad.katas.catalog import Kata, Topic
from katagrad.terminal import Terminal, command
from katagrad.verdict import Bar, State, Verdict, deciding

__all__ = ["beginning", "in_full", "in_order", "overview", "reference", "tell_rule"]

MARKS = {State.SOLVED: ("ok", "green"), State.NOT_STARTED: ("-", "dim")}
STATE_WORDS = {
    State.BROKEN: "the file cannot be loaded",
    State.TIMED_OUT: "timed out",
    State.CRASHED: "crashed",
    State.NOT_STARTED: "not started",
}


def start_of(kata: Kata) -> str:
    """Return the place in a learner's file where there is something to fill in."""
    lines = kata.exercise.read_text(encoding="utf-8", errors="replace").splitlines() if kata.exercise.is_file() else []
    place = next(
        (number for number, line in enumerate(lines, start=1) if line.strip().startswith("raise NotImplementedError")),
        1,
    )
    return f"{kata.exercise.relative_to(kata.root).as_posix()}:{place}"


def beginning(terminal: Terminal, kata: Kata, label: str = "Start: ", indent: int = 0) -> None:
    """Say where a kata begins and how it is graded."""
    terminal.line(f"{start_of(kata)}    {kata.difficulty}, par {kata.minutes} min", label=label, indent=indent)
    terminal.line(command("grade", kata.name), indent=indent + len(label))


def in_full(
    terminal: Terminal,
    kata: Kata,
    verdict: Verdict,
    attempt: int,
    hints: int,
    *,
    every: bool = False,
    opened: dict[str, str] | None = None,
) -> None:
    """Print all there is to say about one kata; `opened` are ways on once it is solved, and what each does."""
    mark, style = MARKS.get(verdict.state, ("x", "red"))
    terminal.line(f"{mark} {kata.path}   {_summary(verdict)}{_attempt(attempt)}", f"bold {style}")
    if verdict.state is State.NOT_STARTED:
        beginning(terminal, kata, indent=2)
    elif verdict.state is State.BROKEN:
        _broken(terminal, verdict)
    else:
        decisive = tuple(rule for rule in deciding(verdict.rules) if rule.failure)
        tell_rules(terminal, decisive, every=every)
        _strict(terminal, verdict, every=every)
        if verdict.failures:
            tell_way_on(terminal, kata, verdict, decisive or verdict.failures, hints)
        if verdict.state is State.SOLVED:
            _opened(terminal, _commands(kata) if opened is None else opened)


def _strict(terminal: Terminal, verdict: Verdict, *, every: bool) -> None:
    """Print what became of the rules that are stricter than an interview, if they were run beside those of the core."""
    rules = verdict.rules_of(Bar.STRICT)
    if rules == deciding(verdict.rules) or not any(rule.was_run for rule in rules):
        return
    terminal.line(_strict_summary(verdict), "" if verdict.strict else "yellow", indent=3)
    # One is enough to go on with, and the verdict stays on the screen.
    tell_rules(terminal, [rule for rule in rules if rule.failure], every=every, indent=3, first=1)


def _strict_summary(verdict: Verdict) -> str:
    rules = verdict.rules_of(Bar.STRICT)
    held = sum(rule.holds for rule in rules)
    return f"stricter than an interview: {f'all {held}' if held == len(rules) else f'{held} of {len(rules)}'} hold"


def reference(terminal: Terminal, kata: Kata, verdict: Verdict) -> None:
    """Print what grading the reference came to: nothing opens, since nobody has solved anything."""
    if verdict.passes:
        rules = f"all {len(verdict.rules)} rules hold"
        terminal.line(f"ok {kata.path}   reference: {rules}   {verdict.seconds:.1f} s", "bold green")
    else:
        in_full(terminal, kata, verdict, attempt=0, hints=0, every=True)


def _summary(verdict: Verdict) -> str:
    time = f"   {verdict.seconds:.1f} s"
    if verdict.state is State.SOLVED:
        return f"solved: all {verdict.total} {_kind_of_rules(verdict)} hold{time}"
    if verdict.state in (State.FAILING, State.TIMED_OUT, State.CRASHED):
        word = "" if verdict.state is State.FAILING else f"{STATE_WORDS[verdict.state]}: "
        return f"{word}{verdict.held} of {verdict.total} {_kind_of_rules(verdict)} hold{time}"
    return STATE_WORDS[verdict.state]


def _kind_of_rules(verdict: Verdict) -> str:
    """Return what the rules that were counted are called: core or strict only if there are others, too."""
    bars = {rule.bar for rule in verdict.rules}
    if Bar.STRICT not in bars:
        return "rules"
    return "core rules" if Bar.CORE in bars else "strict rules"


def _attempt(number: int) -> str:
    return f"   attempt {number}" if number else ""


def _commands(kata: Kata) -> dict[str, str]:
    return {
        command("compare", kata.name): "your solution beside the reference",
        command("review", kata.name): "what an interviewer asks next",
        command("next"): "what to do now",
    }


def _opened(terminal: Terminal, ways: dict[str, str]) -> None:
    labels = ["open now:", *[""] * (len(ways) - 1)][: len(ways)]
    terminal.columns([(label, *way) for label, way in zip(labels, ways.items(), strict=True)], indent=3)


def _broken(terminal: Terminal, verdict: Verdict) -> None:
    terminal.line(verdict.problem, indent=2)
    for line in verdict.trace or ([verdict.where] if verdict.where else []):
        terminal.line(line, "cyan", indent=6)
    if verdict.printed:
        terminal.line(verdict.printed, label="your code printed: ", indent=6)


def overview(
    terminal: Terminal,
    topics: Sequence[Topic],
    verdicts: dict[str, Verdict],
    seconds: float,
    *,
    solved: Container[str] = (),
    strict: bool = False,
) -> None:
    """Print one screen about many katas: counts, topics, and a line for each that is not right yet.

    Parameters
    ----------
    topics : all topics, in study order
    verdicts : by the path of the kata
    seconds : the time that it took
    solved : the paths of katas that were solved before: they count as solved, whatever their file holds now
    strict : list the katas as well that are solved, but not strict
    """
    done = {path for path, verdict in verdicts.items() if verdict.state is State.SOLVED or path in solved}
    started = sum(verdict.state is not State.NOT_STARTED for path, verdict in verdicts.items() if path not in done)
    head = f"{len(done)} of {len(verdicts)} solved, {started} started"
    if any(verdict.strict is not None for verdict in verdicts.values()):
        head += f", {sum(verdict.strict is True for verdict in verdicts.values())} strict"
    terminal.line(f"{head}{f'{seconds:.1f} s':>{max(8, min(terminal.width, 80) - len(head) - 1)}}", "bold")
    _topics(terminal, topics, verdicts, done)
    for path, verdict in verdicts.items():
        if verdict.state not in (State.SOLVED, State.NOT_STARTED):
            before = "   solved before" if path in done else ""
            terminal.line(f"{path}   {_summary(verdict)}{before}", "red", indent=2, label="x ")
            first = next(iter(in_order(verdict.failures)), None)
            terminal.line(first.sentence if first else verdict.problem, indent=6)
        elif strict and not verdict.passes and verdict.rules:
            terminal.line(f"{path}   {_strict_summary(verdict)}", "yellow", indent=2, label="x ")


def _topics(terminal: Terminal, topics: Sequence[Topic], verdicts: dict[str, Verdict], done: Container[str]) -> None:
    cells = []
    for topic in topics:
        paths = [kata.path for kata in topic.katas if kata.path in verdicts]
        if paths:
            cells.append(f"{topic.name:<15} {f'{sum(path in done for path in paths)}/{len(paths)}':>5}")
    across = max(1, (min(terminal.width, 80) - 2) // 25)
    for first in range(0, len(cells), across):
        terminal.line("    ".join(cells[first : first + across]), indent=2)
