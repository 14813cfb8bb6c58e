"""Finds katas by words: in their names, functions, other names, topics, statements and questions."""

import difflib
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from katagrad.katas.kata import Kata
from katagrad.terminal import command

SHOWN = 4
CLOSE = 0.65
# A word that only begins as what was asked for counts less.
_BEGINS = 0.6
_SHORTEST_BEGINNING = 3
_STOP_WORDS = frozenset(["a", "an", "and", "by", "for", "from", "how", "in", "is", "of", "on", "the", "to", "with"])
# One stem for what people say for the same thing; names of single katas stand in their tables as aliases.
_SAME = {"backpropag": "backprop", "backward": "backprop"}
_SPELLINGS = ((re.compile(r"is(?=(?:e|ed|er|es|ing|ation|ations)$)"), "iz"), (re.compile("our(?=s?$|ed|ing)"), "or"))
_ENDING = re.compile(r"(?<=\w{3})(?:(?:at)?(?:ions?|ing|ed|es|e|ers?|ors?)|(?<![aisu])s)$")
# The public classes and functions of a solution with their docstrings; private ones and alternatives have none here.
_DEFINITION = re.compile(r'^(?:def|class) ([A-Za-z]\w*)\b[^"]*?:\n    """(.*?)"""', re.MULTILINE | re.DOTALL)
_DOCSTRING = re.compile(r'\A"""(.*?)"""', re.DOTALL)


class Place(IntEnum):
    """Where a word was found, and how much that says of the kata."""

    STATEMENT = 1
    QUESTION = 2
    TOPIC = 5
    ABOUT = 6
    FUNCTION = 8
    ALIAS = 9
    NAME = 10


@dataclass(frozen=True)
class Hit:
    """A kata that was found.

    Attributes
    ----------
    score : how well it fits
    words : how many of the words that were asked for it has
    is_full : whether it has all of them
    is_about : whether it has all of them in places that say what it is, not in its statement or questions alone
    """

    kata: Kata
    score: float
    words: int
    is_full: bool
    is_about: bool


class Index:
    """What there is to be found of some katas.

    Parameters
    ----------
    katas : each kata with the title of its topic
    """

    def __init__(self, katas: Iterable[tuple[Kata, str]]) -> None:
        self._entries = [_Entry(kata, title) for kata, title in katas]
        self._known = set().union(*(entry.words for entry in self._entries))

    def search(self, text: str) -> list[Hit]:
        """Return the katas that have most of the words of a text, the best first; none if no kata has any."""
        words = {word: self._begun(word) for word in _asked(text)}
        hits = [hit for entry in self._entries if (hit := entry.hit(words, _spelt(text)))]
        most = max((hit.words for hit in hits), default=0)
        return sorted((hit for hit in hits if hit.words == most), key=lambda hit: -hit.score)

    def _begun(self, word: str) -> list[str]:
        """Return the words that begin with a word, if it is long enough to tell."""
        return [known for known in self._known if known.startswith(word)] if len(word) >= _SHORTEST_BEGINNING else []

    def near(self, text: str) -> list[str]:
        """Return names that are spelled nearly like a text: those to type, or, if none is, other names beside them."""
        for names in (_Entry.typed, _Entry.aliases):
            # Of katas that share a name the first in study order is told.
            known = {spelled: name for entry in reversed(self._entries) for spelled, name in names(entry)}
            near = difflib.get_close_matches(_compact(text), list(known), n=SHOWN, cutoff=CLOSE)
            if near:
                return list(dict.fromkeys(known[spelled] for spelled in near))
        return []

    def suggestion(self, text: str) -> str:
        """Return a sentence on what may have been meant by a name that is none."""
        hits = self.search(text)
        full = [hit for hit in hits if hit.is_full]
        about = [hit.kata for hit in full if hit.is_about]
        if about:
            return f"Katas about it: {self._listed(about, text)}"
        near = self.near(text)
        sentences = [f"Nearest: {', '.join(near)}"] if near else []
        if full or (hits and not near):
            sentences.append(f"Katas that mention it: {self._listed([hit.kata for hit in hits], text)}")
        return ". ".join(sentences) or f"All of them: {command('list')}"

    @staticmethod
    def _listed(katas: Sequence[Kata], text: str) -> str:
        named = ", ".join(kata.name for kata in katas[:SHOWN])
        return named if len(katas) <= SHOWN else f"{named}, and more: {command('list', *_words(text))}"


class _Entry:
    """What is searched of one kata: the best place of each word, and its names."""

    def __init__(self, kata: Kata, topic: str) -> None:
        self.kata = kata
        text = kata.solution.read_text(encoding="utf-8") if kata.solution.is_file() else ""
        definitions = [(name, doc) for name, doc in _DEFINITION.findall(text) if "_via_" not in name]
        statement = " ".join([*_DOCSTRING.findall(text), *(doc for _, doc in definitions)])
        names = [(Place.NAME, kata.name), *((Place.ALIAS, alias) for alias in kata.aliases)]
        self.names = {spelled: place for place, name in reversed(names) for spelled in _spelt(name)}
        self.places: dict[str, Place] = {}
        self.words: dict[str, Place] = {}
        self._add(Place.STATEMENT, statement)
        self._add(Place.QUESTION, " ".join(followup.question for followup in kata.followups))
        self._add(Place.TOPIC, f"{kata.topic} {topic}")
        self._add(Place.ABOUT, kata.about)
        for place, name in sorted([*names, *((Place.FUNCTION, name) for name, _ in definitions)]):
            self._add(place, f"{name} {_compact(name)}")

    def _add(self, place: Place, text: str) -> None:
        """Note the words of a text; of a word in several places the last one counts."""
        for word in set(_words(text)):
            self.words[word] = self.places[_stem(word)] = place

    def hit(self, words: Mapping[str, Sequence[str]], whole: Iterable[str]) -> Hit | None:
        """Return how well the kata fits; None if it has none of the words.

        Parameters
        ----------
        words : what is looked for, with the words that begin so
        whole : all of it as one word
        """
        found = [match for word, begun in words.items() if (match := self._match(word, begun))]
        name = max((self.names[spelled] for spelled in whole if spelled in self.names), default=None)
        if name:  # one of its names, however it is written: k-NN, knn
            score = 10.0 * name + sum(score for score, _ in found)
            return Hit(self.kata, score, len(words), is_full=True, is_about=True)
        if not found:
            return None
        is_full = len(found) == len(words)
        is_about = is_full and all(place >= Place.TOPIC for _, place in found)
        return Hit(self.kata, sum(score for score, _ in found), len(found), is_full, is_about)

    def _match(self, word: str, begun: Sequence[str]) -> tuple[float, Place] | None:
        """Return how well the kata fits one word, and the place that says so."""
        place = self.places.get(_stem(word))
        found = [(float(place), place)] if place else []
        found += [(_BEGINS * self.words[longer], self.words[longer]) for longer in begun if longer in self.words]
        return max(found, default=None)

    def typed(self) -> Iterator[tuple[str, str]]:
        """Yield the names to type, each as it is compared and as it is typed."""
        for name in (self.kata.topic, self.kata.name):
            yield _compact(name), name

    def aliases(self) -> Iterator[tuple[str, str]]:
        """Yield other names, each as it is compared and as it is told."""
        for alias in self.kata.aliases:
            yield _compact(alias), f"{self.kata.name} ({alias})"


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower().replace("_", " "))


def _asked(text: str) -> list[str]:
    """Return the words of a text that say something, each once; all if none does."""
    words = list(dict.fromkeys(_words(text)))
    return [word for word in words if word not in _STOP_WORDS] or words


def _compact(text: str) -> str:
    return "".join(_words(text))


def _spelt(text: str) -> set[str]:
    """Return a name as one word: as it is written, and without endings."""
    return {_compact(text), "".join(map(_stem, _words(text)))}


@functools.cache
def _stem(word: str) -> str:
    """Return a word without its ending, in American spelling: one for normalise and normalization."""
    for spelling, american in _SPELLINGS:
        word = spelling.sub(american, word)
    stem = _ENDING.sub("", word)
    return _SAME.get(stem, stem)
