"""What there is to try on a kata: its mistakes, its mutants, its right solutions, and what is signed as equivalent."""

import ast
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from katagrad.authoring.strength.equivalents import Signature, SignatureTableError, signatures, unmatched
from katagrad.authoring.strength.mutants import Mutant, installed, mutants
from katagrad.grading.grading import read
from katagrad.katas.catalog import Kata
from katagrad.katas.interface import alternatives
from katagrad.katas.loading import load_module

REFERENCE = "the reference"


@dataclass(frozen=True)
class Plan:
    """The texts of a kata by what a grader should make of them; `problems` are sentences about what cannot be tried."""

    kata: Kata
    text: str
    mistakes: dict[str, str]
    mutants: tuple[Mutant, ...]
    right: dict[str, str]
    signed: tuple[Signature, ...]
    problems: tuple[str, ...]

    def sample(self, size: int | None) -> tuple[Mutant, ...]:
        """Return some of the mutants, or all: the same ones each time, whatever is added beside them."""
        if size is None or size >= len(self.mutants):
            return self.mutants
        chosen = set(sorted(self.mutants, key=lambda mutant: hashlib.sha256(mutant.text.encode()).digest())[:size])
        return tuple(mutant for mutant in self.mutants if mutant in chosen)

    def is_signed(self, mutant: Mutant) -> bool:
        """Say whether a mutant is signed as equivalent."""
        return any(entry.matches(mutant) for entry in self.signed)


def plan(kata: Kata) -> Plan:
    """Read a kata's files and make the texts."""
    try:
        return _plan(kata)
    except Exception as error:  # noqa: BLE001 - its author is at work on it
        return Plan(kata, "", {}, (), {}, (), (f"cannot be measured: {type(error).__name__}: {error}",))


def _plan(kata: Kata) -> Plan:
    text = read(kata.solution).text
    found = tuple(mutants(text))
    mistakes, problems = _mistakes(text, load_module(kata.grader))
    signed: tuple[Signature, ...] = ()
    try:
        signed = signatures(kata)
    except SignatureTableError as error:
        problems.append(str(error))
    problems += [f"a signature matches no mutant any more: {stale}" for stale in unmatched(signed, found)]
    right = {REFERENCE: text}
    right |= {name: installed(text, function, name) for function, name in alternatives(ast.parse(text))}
    return Plan(kata, text, mistakes, found, right, signed, tuple(problems))


def _mistakes(text: str, grader: ModuleType) -> tuple[dict[str, str], list[str]]:
    """Return the text of each mistake by its name, and sentences about those that are none."""
    texts, problems = {}, []
    for name, edits in (getattr(grader, "MISTAKES", {}) | getattr(grader, "STRICT_MISTAKES", {})).items():
        try:
            texts[name] = changed(text, [edits] if isinstance(edits, tuple) else edits)
        except ValueError as error:
            problems.append(f"the mistake {name!r} cannot be made: {error}")
    return texts, problems


def changed(text: str, edits: Sequence[tuple[str, str]]) -> str:
    """Return a solution's text with a mistake in it.

    Raises
    ------
    ValueError
        If what is to be replaced does not occur exactly once, or the result is no Python or the same.
    """
    original = text
    for before, after in edits:
        times = original.count(before)
        if times != 1 or text.count(before) != 1:
            raise ValueError(f"{before!r} occurs {times} times in the solution")
        text = text.replace(before, after)
    try:
        same = ast.dump(ast.parse(text)) == ast.dump(ast.parse(original))
    except SyntaxError as error:
        raise ValueError(f"the result is no Python: {error}") from None
    if same:
        raise ValueError("the result is what it was")
    return text
