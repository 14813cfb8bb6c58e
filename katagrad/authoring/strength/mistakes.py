"""A grader's tables of mistakes: each a named edit of the solution's text."""

import ast
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from katagrad.authoring.strength.source import Text
from katagrad.authoring.strength.trials import MISTAKE, STRICT_MISTAKE, Kind
from katagrad.katas.loading import load_module

TABLES = {"MISTAKES": MISTAKE, "STRICT_MISTAKES": STRICT_MISTAKE}
Edits = tuple[str, str] | Sequence[tuple[str, str]]


def mistakes(text: str, grader: Path) -> tuple[dict[str, tuple[Kind, str]], list[str]]:
    """Return the kind and the text of each mistake by its name, and sentences about those that are none."""
    module = load_module(grader)
    texts: dict[str, tuple[Kind, str]] = {}
    problems = []
    for table, kind in TABLES.items():
        for name, edits in getattr(module, table, {}).items():
            if name in texts:
                problems.append(f"the mistake {name!r} stands in both tables")
                continue
            try:
                texts[name] = kind, changed(text, edits)
            except ValueError as error:
                problems.append(f"the mistake {name!r} cannot be made: {error}")
    return texts, problems


def changed(text: str, edits: Edits) -> str:
    """Return a solution's text with a mistake in it; what to replace need only be unique outside the alternatives.

    Raises
    ------
    ValueError
        If what is to be replaced does not occur exactly once, or the result is no Python or the same.
    """
    original = text
    for before, after in [edits] if isinstance(edits, tuple) else edits:
        _only_place(original, before)
        place = _only_place(text, before)
        text = text[:place] + after + text[place + len(before) :]
    try:
        same = _is_same(ast.parse(text), _read(original).tree)
    except SyntaxError as error:
        raise ValueError(f"the result is no Python: {error}") from None
    if same:
        raise ValueError("the result is what it was")
    return text


def _only_place(text: str, wanted: str) -> int:
    """Return where a text stands in a solution, its alternatives aside."""
    spans = _alternatives(text)
    places = [place for place in _places(text, wanted) if not any(start <= place < end for start, end in spans)]
    if len(places) != 1:
        raise ValueError(f"{wanted!r} occurs {len(places)} times in the solution")
    return places[0]


def _places(text: str, wanted: str) -> Iterator[int]:
    place = text.find(wanted)
    while place >= 0:
        yield place
        place = text.find(wanted, place + len(wanted))


@functools.lru_cache(maxsize=8)
def _read(text: str) -> Text:
    return Text(text)


def _is_same(one: object, other: object) -> bool:
    """Say whether two parts of trees are alike, wherever they stand: it ends at the first difference."""
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        return all(_is_same(getattr(one, name, None), getattr(other, name, None)) for name in one._fields)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one == other


@functools.lru_cache(maxsize=8)
def _alternatives(text: str) -> tuple[tuple[int, int], ...]:
    """Return where each alternative begins and ends; none in what an edit has left broken for the next one to mend."""
    try:
        source = _read(text)
    except SyntaxError:
        return ()
    return tuple(
        (source.start(node), source.end(node))
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and "_via_" in node.name
    )
