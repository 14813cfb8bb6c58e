"""One kata: where its files stand, and its table, which is read when first asked for."""

import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

LEVELS = ("easy", "medium", "hard")


class TableError(ValueError):
    """A kata's table, or the curriculum, is missing, incomplete or not valid TOML."""


@dataclass(frozen=True)
class Followup:
    """A question that an interviewer asks after the kata, with the points of a good answer."""

    question: str
    answer: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Kata:
    """One exercise: its names, its files and its table, which is read when first asked for."""

    topic: str
    name: str
    root: Path = field(repr=False)

    @property
    def table(self) -> Path:
        """Return the kata's table."""
        return self.solution.with_suffix(".toml")

    @cached_property
    def _fields(self) -> dict:
        return parsed(self.table)

    def _field(self, name: str) -> Any:
        try:
            return self._fields[name]
        except KeyError:
            raise TableError(f"{self.table} lacks {name!r}.") from None

    @property
    def about(self) -> str:
        """Return what the kata is, in a few words."""
        return self._field("about")

    @property
    def aliases(self) -> tuple[str, ...]:
        """Return the other names under which people look for it."""
        return tuple(self._field("aliases"))

    @property
    def minutes(self) -> int:
        """Return the par time."""
        return self._field("minutes")

    @property
    def difficulty(self) -> str:
        """Return easy, medium or hard."""
        return self._field("difficulty")

    @property
    def requires(self) -> tuple[str, ...]:
        """Return the paths of the katas to do first."""
        return tuple(self._field("requires"))

    @property
    def hints(self) -> tuple[str, ...]:
        """Return the hints, in order."""
        return tuple(self._field("hints"))

    @cached_property
    def followups(self) -> tuple[Followup, ...]:
        """Return what an interviewer asks next."""
        entries = self._field("followups")
        try:
            return tuple(Followup(entry["question"], tuple(entry["answer"]), entry["source"]) for entry in entries)
        except KeyError as missing:
            raise TableError(f"{self.table}: a follow-up lacks {missing}.") from None

    @property
    def path(self) -> str:
        """Return `topic/name`, the kata's full name."""
        return f"{self.topic}/{self.name}"

    @property
    def exercise(self) -> Path:
        """Return the learner's file."""
        return self.root / "exercises" / self.topic / f"{self.name}.py"

    @property
    def solution(self) -> Path:
        """Return the reference."""
        return self.root / "solutions" / self.topic / f"{self.name}.py"

    @property
    def grader(self) -> Path:
        """Return the rules."""
        return self.root / "tests" / "graders" / self.topic / f"test_{self.name}.py"


def parsed(path: Path) -> dict:
    """Return what a TOML file holds.

    Raises
    ------
    TableError
        If it is missing, or no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError(f"{path} is missing.") from None
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"{path}: {error}.") from None
