"""Prints the rules that broke: each cause once, those of unwritten functions together, and the ways on."""

from collections.abc import Sequence
from itertools import chain

from katagrad.katas.catalog import Kata
from katagrad.terminal import Terminal, command
from katagrad.verdict import Failure, Kind, Rule, Verdict

FIRST_FAILURES = 3
LONGEST = 1200


def by_cause(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return broken rules in groups of one cause, in order: the same exception at the same line is one cause."""
    groups: dict[object, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(_cause(rule), []).append(rule)
    return list(groups.values())


def _cause(rule: Rule) -> object:
    found = rule.failure
    if found.kind is Kind.RAISED and found.where:
        return found.got.partition(":")[0], found.where
    if found.kind is Kind.TIMEOUT and found.reason.startswith("not tried"):
        return found.reason
    return rule.name


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """Return broken rules in the order in which they are shown: those that wait for an unwritten function last."""
    return sorted(rules, key=lambda rule: rule.failure.kind is Kind.UNWRITTEN)


def tell_rules(
    terminal: Terminal, broken: Sequence[Rule], *, every: bool, indent: int = 2, first: int = FIRST_FAILURES
) -> None:
    """Print broken rules: the first few causes, or every one."""
    groups = by_cause([rule for rule in broken if rule.failure.kind is not Kind.UNWRITTEN])
    shown = groups if every else groups[:first]
    for rule, *others in shown:
        tell_rule(terminal, rule, indent)
        if others:
            more = f"{len(others)} more rule{'s' * (len(others) > 1)} break{'s' * (len(others) == 1)} for this reason."
            terminal.line(more, indent=indent + 4)
    left = sum(map(len, groups[len(shown) :]))
    if left:
        terminal.line(f"and {left} more: add --all", indent=indent)
    unwritten = [rule for rule in broken if rule.failure.kind is Kind.UNWRITTEN]
    for reason in dict.fromkeys(rule.failure.reason for rule in unwritten):
        waiting = sum(rule.failure.reason == reason for rule in unwritten)
        text = f"{reason}: {waiting} rule{'s' * (waiting > 1)} wait{'s' * (waiting == 1)} for it."
        terminal.line(text, indent=indent + 2, label="- ")


def tell_rule(terminal: Terminal, rule: Rule, indent: int = 2) -> None:
    """Print one broken rule: its sentence, the call, what was expected and what came."""
    found, inner = rule.failure, indent + 4
    terminal.line(rule.sentence, "bold", indent=indent, label="x ")
    if found.call:
        terminal.line(_cut(found.call), indent=inner)
    for label, text in lines_of(found):
        terminal.line(_cut(text), indent=inner, label=label)
    for warning in found.warned:
        terminal.line(warning, "dim", indent=inner, label="warning: ")
    if found.printed:
        terminal.line(found.printed, "dim", indent=inner, label="your code printed: ")
    for line in found.trace or ([found.where] if found.where else []):
        terminal.line(line, "cyan", indent=inner)


def lines_of(found: Failure) -> list[tuple[str, str]]:
    """Return what is to be said of a failure below its call, each line with its label."""
    reason = found.reason
    if found.kind is Kind.GRADER:
        reason = f"The grader could not go on from what was returned: {found.reason}"
    what = f"{found.what.removesuffix(':')}:" if found.what else ""
    lines = [("", what), ("expected ", found.expected), ("got      ", found.got), ("", reason)]
    return [(label, text) for label, text in lines if text]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def tell_way_on(terminal: Terminal, kata: Kata, verdict: Verdict, broken: Sequence[Rule], hints: int) -> None:
    """Print what to do about broken rules: the debugger at the first one shown, the same cases again, a hint.

    A command is never wrapped, so that it can be pasted; one that is too long for a line beside its label stands below.
    """
    first = in_order(broken)[0]
    rows = [
        ("debug:", command("grade", kata.name, "--case", first.name, "--pdb"), ""),
        ("same cases:", command("grade", kata.name, "--seed", str(verdict.seed)), ""),
        ("stuck:", command("hint", kata.name), f"    ({hints} of {len(kata.hints)} shown)"),
    ]
    width = 2 + max(len(label) for label, *_ in rows)
    for label, typed, note in rows:
        if 4 + width + len(typed + note) <= terminal.width:
            terminal.line(typed + note, "dim", indent=4, label=label.ljust(width), wrap=False)
        else:
            for part in chain([label], filter(None, [f"  {typed}", note and f"  {note.strip()}"])):
                terminal.line(part, "dim", indent=4, wrap=False)
