"""What there is to try on a kata: its mistakes, its mutants, its right solutions and the attempts at it."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from katagrad.authoring.strength.attempts import AttemptError, attempts
from katagrad.authoring.strength.equivalents import Signature, SignatureTableError, signatures, unmatched
from katagrad.authoring.strength.mistakes import mistakes
from katagrad.authoring.strength.mutants import Mutant, installed, mutants
from katagrad.authoring.strength.trials import RIGHT, Kind
from katagrad.grading.grading import read
from katagrad.katas.catalog import Kata
from katagrad.katas.interface import alternatives

REFERENCE = "the reference"


@dataclass(frozen=True)
class Candidate:
    """A text to try on a grader, under the name that messages call it; `made` says how an attempt came about."""

    kind: Kind
    name: str
    text: str
    made: str = ""


@dataclass(frozen=True)
class Plan:
    """The texts of a kata by what a grader should make of them; `problems` are sentences about what cannot be tried."""

    kata: Kata
    text: str = ""
    candidates: tuple[Candidate, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    signed: tuple[Signature, ...] = ()
    problems: tuple[str, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Candidate, ...]:
        """Return the candidates of some kinds."""
        return tuple(candidate for candidate in self.candidates if candidate.kind in kinds)

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
    """Read a kata's files and make all texts."""
    found = plan_without_mutants(kata)
    try:
        return _with_mutants(found) if found.text else found
    except Exception as error:  # noqa: BLE001 - its author is at work on it
        return Plan(kata, problems=(f"cannot be measured: {type(error).__name__}: {error}",))


def plan_without_mutants(kata: Kata) -> Plan:
    """Read a kata's files and make the texts that people wrote: solutions, mistakes, attempts."""
    try:
        text = read(kata.solution).text
        made, problems = mistakes(text, kata.grader)
    except Exception as error:  # noqa: BLE001 - its author is at work on it
        return Plan(kata, problems=(f"cannot be measured: {type(error).__name__}: {error}",))
    candidates = [Candidate(kind, name, changed) for name, (kind, changed) in made.items()]
    candidates += [Candidate(RIGHT, name, right) for name, right in _right(text)]
    try:
        candidates += [Candidate(each.kind, each.path, each.text, each.made) for each in attempts(kata)]
    except AttemptError as error:
        problems.append(str(error))
    return Plan(kata, text, tuple(candidates), problems=tuple(problems))


def _right(text: str) -> Iterator[tuple[str, str]]:
    """Yield the reference, and the solution with each alternative in its function's place."""
    yield REFERENCE, text
    for function, name in alternatives(ast.parse(text)):
        yield name, installed(text, function, name)


def _with_mutants(found: Plan) -> Plan:
    made, problems = tuple(mutants(found.text)), list(found.problems)
    signed: tuple[Signature, ...] = ()
    try:
        signed = signatures(found.kata)
    except SignatureTableError as error:
        problems.append(str(error))
    problems += [f"a signature matches no mutant any more: {stale}" for stale in unmatched(signed, made)]
    return replace(found, mutants=made, signed=signed, problems=tuple(problems))
