"""The katas there are, read from the tree: every path is computed from a topic's and a kata's name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from katagrad.katas.kata import Followup, Kata, TableError, parsed

if TYPE_CHECKING:
    from katagrad.katas.search import Index

__all__ = ["CURRICULUM", "ROOT", "Catalog", "Followup", "Kata", "Selection", "TableError", "Topic", "UnknownNameError"]

ROOT = Path(__file__).resolve().parents[2]
CURRICULUM = "solutions/curriculum.toml"


class UnknownNameError(LookupError):
    """A name means neither a kata nor a topic, or no selection."""


@dataclass(frozen=True)
class Topic:
    """A chapter of the curriculum; `katas` are in study order."""

    name: str
    title: str
    about: str
    katas: tuple[Kata, ...]


@dataclass(frozen=True)
class Selection:
    """A ready-made choice of katas; `audience` says whom it is for, and `katas` are in the order to do them in."""

    name: str
    title: str
    audience: str
    katas: tuple[Kata, ...]

    @property
    def minutes(self) -> int:
        """Return the sum of the par times."""
        return sum(kata.minutes for kata in self.katas)


_Named = TypeVar("_Named", Selection, Topic)


class Catalog:
    """Every topic and kata of a checkout, read when first asked for."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root

    @cached_property
    def _curriculum(self) -> tuple[Path, dict]:
        """Return the path of the curriculum and what it holds."""
        path = self.root / CURRICULUM
        if self.root == ROOT and not path.exists():
            raise TableError(
                f"{path} is missing: katagrad needs its katas beside it. "
                "In a checkout of the repository: pip install -e . or uv tool install -e ."
            )
        return path, parsed(path)

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Return the topics in study order."""
        path, curriculum = self._curriculum
        return tuple(self._topic(entry, path) for entry in curriculum.get("topics", ()))

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

    @cached_property
    def selections(self) -> tuple[Selection, ...]:
        """Return the ready-made selections of katas.

        Raises
        ------
        TableError
            If one of them is incomplete, has a name twice, or names what is no kata.
        """
        path, curriculum = self._curriculum
        found = tuple(self._selection(entry, path) for entry in curriculum.get("selections", ()))
        if twice := _repeated(selection.name for selection in found):
            raise TableError(f"{path} has two selections of the name {twice!r}.")
        return found

    def _selection(self, entry: dict, path: Path) -> Selection:
        try:
            name, title, audience, wanted = (entry[key] for key in ("name", "title", "audience", "katas"))
        except KeyError as missing:
            raise TableError(f"{path}: a selection lacks {missing}.") from None
        known = {kata.name: kata for kata in self.katas}
        unknown = next((kata for kata in wanted if kata not in known), None)
        if unknown is not None:
            raise TableError(f"{path}: the selection {name!r} names {unknown!r}, which is no kata.")
        if twice := _repeated(wanted):
            raise TableError(f"{path}: the selection {name!r} names {twice!r} twice.")
        if not wanted:
            raise TableError(f"{path}: the selection {name!r} names no kata.")
        return Selection(name, title, audience, tuple(known[kata] for kata in wanted))

    def selection(self, name: str) -> Selection:
        """Return the selection that a name, a title or the beginning of a name means.

        Raises
        ------
        UnknownNameError
            With the names that there are.
        """
        return _named(name, self.selections, "selection")

    def topic(self, name: str) -> Topic:
        """Return the topic that a name, a title or the beginning of a name means.

        Raises
        ------
        UnknownNameError
            With the names that there are.
        """
        return _named(name, self.topics, "topic")

    def find(self, name: str) -> tuple[Kata, ...]:
        """Return the katas that a name means: one for `vif` or `diagnostics/vif`, several for `diagnostics`.

        A path to any of a kata's files means the kata too, since that is what a shell completes.

        Raises
        ------
        UnknownNameError
            With the katas that the name is about, or the nearest names.
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
        suggestion = self.index.suggestion(wanted.rpartition("/")[2])
        raise UnknownNameError(f"There is no kata or topic {name!r}. {suggestion}")

    def select(self, names: Sequence[str]) -> tuple[Kata, ...]:
        """Return the katas that any of the names means, each once, in study order; all for no names."""
        wanted = {kata.path for name in names for kata in self.find(name)}
        return tuple(kata for kata in self.katas if not names or kata.path in wanted)

    @cached_property
    def index(self) -> "Index":
        """Return what finds katas by words: it reads everything, so commands ask for it only when they need it."""
        from katagrad.katas.search import Index  # noqa: PLC0415 - see above

        return Index((kata, topic.title) for topic in self.topics for kata in topic.katas)


def _normal(name: str) -> str:
    """Return `topic/name` for what a shell may have completed: exercises/topic/name.py, or Windows' own slashes."""
    parts = [part for part in name.replace("\\", "/").removesuffix(".py").split("/") if part not in ("", ".")]
    if len(parts) > 2 or (parts and parts[0] in ("exercises", "solutions")):
        parts = parts[-2:] if len(parts) > 2 else parts[1:]
    return "/".join(part.removeprefix("test_") for part in parts).lower().replace("-", "_")


def _named(name: str, known: Sequence[_Named], what: str) -> _Named:
    """Return the selection or topic of a name, a title or the beginning of a name."""
    wanted = _normal(name).replace(" ", "_")
    for one in known:
        if wanted in (one.name, _normal(one.title).replace(" ", "_")):
            return one
    begun = [one for one in known if wanted and one.name.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    import difflib  # noqa: PLC0415 - needed for mistyped names only

    near = [one.name for one in begun] or difflib.get_close_matches(wanted, [one.name for one in known], cutoff=0.7)
    names = ", ".join(near or [one.name for one in known]) or "none yet"
    raise UnknownNameError(f"There is no {what} {name!r}. {'Nearest' if near else f'{what.capitalize()}s'}: {names}")


def _repeated(names: Iterable[str]) -> str:
    """Return the first name that comes a second time; nothing if all differ."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""
