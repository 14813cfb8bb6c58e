"""Attempts at a kata by people who saw neither its reference nor its grader: the measure of how fair a grader is.

They stand in `tests/attempts/<topic>/<kata>/right/` and `.../wrong/`, each a whole file. Its first line is a comment
that says how it was made:

    # candidate, par time, from the stub alone        right: the core rules must accept it
    # different style; both bars                      right: the strict rules must accept it, too
    # wrong: divides by n                             wrong: a core rule must refuse it
    # wrong (core): divides by n                      the same
    # wrong (strict): 8-bit scores wrap around        wrong: a rule of either bar must refuse it
"""

import re
from dataclasses import dataclass
from pathlib import Path

from katagrad.authoring.strength.trials import (
    RIGHT_ATTEMPT,
    STRICT_RIGHT_ATTEMPT,
    STRICT_WRONG_ATTEMPT,
    WRONG_ATTEMPT,
    Kind,
)
from katagrad.katas.catalog import Kata

FOLDERS = ("right", "wrong")
_WRONG = re.compile(r"wrong(?: \((core|strict)\))?: \S")


class AttemptError(ValueError):
    """A file among the attempts does not say how it was made, or stands in the wrong place."""


@dataclass(frozen=True)
class Attempt:
    """One attempt: where it stands in the repository, how it was made, what a grader has to make of it."""

    path: str
    made: str
    kind: Kind
    text: str


def folder_of(kata: Kata) -> Path:
    """Return the folder of a kata's attempts."""
    return kata.root / "tests" / "attempts" / kata.topic / kata.name


def attempts(kata: Kata) -> tuple[Attempt, ...]:
    """Return the attempts at a kata, by path.

    Raises
    ------
    AttemptError
        If a file stands elsewhere than in right/ or wrong/, or its first line does not say how it was made.
    """
    return tuple(_read(path, kata) for path in sorted(folder_of(kata).rglob("*.py")))


def _read(path: Path, kata: Kata) -> Attempt:
    where = path.relative_to(kata.root).as_posix()
    side = path.parent.name
    if path.parent.parent != folder_of(kata) or side not in FOLDERS:
        raise AttemptError(f"{where} stands neither in right/ nor in wrong/")
    text = path.read_text(encoding="utf-8")
    first = text.partition("\n")[0]
    made = first.removeprefix("#").strip()
    if not first.startswith("#") or not made:
        raise AttemptError(f"{where}: the first line has to be a comment that says how the attempt was made")
    if side == "right":
        return Attempt(where, made, STRICT_RIGHT_ATTEMPT if _claims_both_bars(text) else RIGHT_ATTEMPT, text)
    found = _WRONG.match(made)
    if not found:
        raise AttemptError(f"{where}: the first line has to begin with '# wrong (core): ' or '# wrong (strict): '")
    return Attempt(where, made, STRICT_WRONG_ATTEMPT if found[1] == "strict" else WRONG_ATTEMPT, text)


def _claims_both_bars(text: str) -> bool:
    """Say whether one of the comments at the top of a file says `both bars`."""
    for line in text.splitlines():
        if not line.startswith("#"):
            return False
        if "both bars" in line:
            return True
    return False
