"""The katas there are, read from the tree: every path is computed from a topic's and a kata's name."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CURRICULUM = "solutions/curriculum.toml"


class TableError(ValueError):
    """A kata's table, or the curriculum, is missing, incomplete or not valid TOML."""


class UnknownNameError(LookupError):
    """A name means neither a kata nor a topic."""


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
        return _parsed(self.table)

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


@dataclass(frozen=True)
class Topic:
    """A chapter of the curriculum; `katas` are in study order."""

    name: str
    title: str
    about: str
    katas: tuple[Kata, ...]


class Catalog:
    """Every topic and kata of a checkout, read when first asked for."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Return the topics in study order."""
        path = self.root / CURRICULUM
        return tuple(self._topic(entry, path) for entry in _parsed(path).get("topics", ()))

    @cached_property
    def katas(self) -> tuple[Kata, ...]:
        """Return every kata in study order."""
        return tuple(kata for topic in self.topics for kata in topic.katas)

    def _topic(self, entry: dict, path: Path) -> Topic:
        try:
            name = entry["name"]
            katas = tuple(Kata(name, kata, self.root) for kata in entry["katas"])
            return Topic(name, entry["title"], entry["about"], katas)
        except KeyError as missing:
            raise TableError(f"{path}: a topic lacks {missing}.") from None

    def find(self, name: str) -> tuple[Kata, ...]:
        """Return the katas that a name means: one for `vif` or `diagnostics/vif`, several for `diagnostics`.

        A path to any of a kata's files means the kata too, since that is what a shell completes.

        Raises
        ------
        UnknownNameError
            With the nearest names.
        """
        wanted = _normal(name)
        for topic in self.topics:
            if wanted == topic.name:
                return topic.katas
        named = tuple(kata for kata in self.katas if wanted in (kata.name, kata.path))
        if len(named) == 1:
            return named
        if named:
            raise UnknownNameError(f"{name!r} is the name of several katas: {', '.join(kata.path for kata in named)}.")
        raise UnknownNameError(f"There is no kata or topic {name!r}. {self._nearest(wanted)}")

    def select(self, names: Sequence[str]) -> tuple[Kata, ...]:
        """Return the katas that any of the names means, each once, in study order; all for no names."""
        wanted = {kata.path for name in names for kata in self.find(name)}
        return tuple(kata for kata in self.katas if not names or kata.path in wanted)

    def names(self) -> Iterable[str]:
        """Yield every name that `find` knows."""
        for topic in self.topics:
            yield topic.name
            for kata in topic.katas:
                yield kata.name
                yield kata.path

    def _nearest(self, wanted: str) -> str:
        import difflib  # noqa: PLC0415 - needed for mistyped names only

        from katagrad.terminal import command  # noqa: PLC0415 - likewise

        near = difflib.get_close_matches(wanted, list(self.names()), n=3, cutoff=0.5)
        near += [name for name in self.names() if wanted in name and "/" not in name and name not in near]
        if not near:
            return f"Names: {command('progress')}"
        return "Nearest: " + ", ".join(near[:4])


def _normal(name: str) -> str:
    """Return `topic/name` for what a shell may have completed: exercises/topic/name.py, or Windows' own slashes."""
    parts = [part for part in name.replace("\\", "/").removesuffix(".py").split("/") if part not in ("", ".")]
    if len(parts) > 2 or (parts and parts[0] in ("exercises", "solutions")):
        parts = parts[-2:] if len(parts) > 2 else parts[1:]
    return "/".join(part.removeprefix("test_") for part in parts).lower().replace("-", "_")


def _parsed(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError(f"{path} is missing.") from None
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"{path}: {error}.") from None
