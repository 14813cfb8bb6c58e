"""Tells a person what grading came to."""

from collections.abc import Sequence

from katagrad.katas.catalog import Kata, Topic
from katagrad.terminal import Terminal, command
from katagrad.verdict import Failure, Rule, State, Verdict

FIRST_FAILURES = 3
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
    place = next((number for number, line in enumerate(lines, start=1) if "raise NotImplementedError" in line), 1)
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
    elif verdict.state is State.SOLVED:
        _opened(terminal, opened or _commands(kata))
    elif verdict.state is State.BROKEN:
        _broken(terminal, verdict)
    else:
        _failures(terminal, verdict, every=every)
        _way_on(terminal, kata, verdict, hints)


def reference(terminal: Terminal, kata: Kata, verdict: Verdict) -> None:
    """Print what grading the reference came to: nothing opens, since nobody has solved anything."""
    if verdict.state is State.SOLVED:
        terminal.line(
            f"ok {kata.path}   reference: all {verdict.total} rules hold   {verdict.seconds:.1f} s", "bold green"
        )
    else:
        in_full(terminal, kata, verdict, attempt=0, hints=0, every=True)


def _summary(verdict: Verdict) -> str:
    time = f"   {verdict.seconds:.1f} s"
    if verdict.state is State.SOLVED:
        return f"solved: all {verdict.total} rules hold{time}"
    if verdict.state in (State.FAILING, State.TIMED_OUT, State.CRASHED):
        word = "" if verdict.state is State.FAILING else f"{STATE_WORDS[verdict.state]}: "
        return f"{word}{verdict.held} of {verdict.total} rules hold{time}"
    return STATE_WORDS[verdict.state]


def _attempt(number: int) -> str:
    return f"   attempt {number}" if number else ""


def _commands(kata: Kata) -> dict[str, str]:
    return {
        command("compare", kata.name): "your solution beside the reference",
        command("review", kata.name): "what an interviewer asks next",
        command("next"): "what to do now",
    }


def _opened(terminal: Terminal, ways: dict[str, str]) -> None:
    labels = ["open now:", *[""] * (len(ways) - 1)]
    terminal.columns([(label, *way) for label, way in zip(labels, ways.items(), strict=True)], indent=3)


def _broken(terminal: Terminal, verdict: Verdict) -> None:
    terminal.line(verdict.problem, indent=2)
    for line in verdict.trace or ([verdict.where] if verdict.where else []):
        terminal.line(line, "cyan", indent=6)
    if verdict.printed:
        terminal.line(verdict.printed, label="your code printed: ", indent=6)


def _failures(terminal: Terminal, verdict: Verdict, *, every: bool) -> None:
    """Print the rules that do not hold, those that wait for an unwritten function together."""
    unwritten = [rule for rule in verdict.failures if rule.failure.kind == "unwritten"]
    others = [rule for rule in verdict.failures if rule.failure.kind != "unwritten"]
    shown = others if every else others[:FIRST_FAILURES]
    for rule in shown:
        failure(terminal, rule)
    if len(others) > len(shown):
        terminal.line(f"and {len(others) - len(shown)} more: add --all", indent=2)
    for reason in dict.fromkeys(rule.failure.reason for rule in unwritten):
        waiting = sum(rule.failure.reason == reason for rule in unwritten)
        terminal.line(
            f"{reason}: {waiting} rule{'s' * (waiting > 1)} wait{'s' * (waiting == 1)} for it.", indent=4, label="- "
        )


def failure(terminal: Terminal, rule: Rule) -> None:
    """Print one broken rule: its sentence, the call, what was expected and what came."""
    found = rule.failure
    terminal.line(rule.sentence, "bold", indent=2, label="x ")
    terminal.line(_cut(found.call), indent=6) if found.call else None
    for label, text in (("expected ", found.expected), ("got      ", found.got), ("", _reason(found))):
        if text:
            terminal.line(_cut(text), indent=6, label=label)
    if found.printed:
        terminal.line(found.printed, "dim", indent=6, label="your code printed: ")
    for line in found.trace or ([found.where] if found.where else []):
        terminal.line(line, "cyan", indent=6)


def _reason(found: Failure) -> str:
    if found.kind == "grader":
        return f"The grader could not go on from what was returned: {found.reason}"
    return found.reason


def _cut(text: str, longest: int = 900) -> str:
    return text if len(text) <= longest else f"{text[:longest]} ..."


def _way_on(terminal: Terminal, kata: Kata, verdict: Verdict, hints: int) -> None:
    rule = verdict.failures[0]
    debug = command("grade", kata.name, "--case", rule.name, "--pdb")
    stuck = f"{command('hint', kata.name)}    ({hints} of {len(kata.hints)} shown)"
    again = command("grade", kata.name, "--seed", str(verdict.seed))
    terminal.columns([("debug:", debug), ("same cases:", again), ("stuck:", stuck)], indent=4, style="dim")


def overview(terminal: Terminal, topics: Sequence[Topic], verdicts: dict[str, Verdict], seconds: float) -> None:
    """Print one screen about many katas: counts, topics, and a line for each that is not right yet."""
    solved = sum(verdict.state is State.SOLVED for verdict in verdicts.values())
    started = sum(verdict.state is not State.NOT_STARTED for verdict in verdicts.values()) - solved
    head = f"{solved} of {len(verdicts)} solved, {started} started"
    terminal.line(f"{head}{f'{seconds:.1f} s':>{max(8, min(terminal.width, 80) - len(head) - 1)}}", "bold")
    _topics(terminal, topics, verdicts)
    for path, verdict in verdicts.items():
        if verdict.state not in (State.SOLVED, State.NOT_STARTED):
            terminal.line(f"{path}   {_summary(verdict)}", "red", indent=2, label="x ")
            first = next(iter(verdict.failures), None)
            terminal.line(first.sentence if first else verdict.problem, indent=6)


def _topics(terminal: Terminal, topics: Sequence[Topic], verdicts: dict[str, Verdict]) -> None:
    cells = []
    for topic in topics:
        paths = [kata.path for kata in topic.katas if kata.path in verdicts]
        if paths:
            done = sum(verdicts[path].state is State.SOLVED for path in paths)
            cells.append(f"{topic.name:<15} {f'{done}/{len(paths)}':>5}")
    across = max(1, (min(terminal.width, 80) - 2) // 25)
    for first in range(0, len(cells), across):
        terminal.line("    ".join(cells[first : first + across]), indent=2)
