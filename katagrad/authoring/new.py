"""The `new` command: lays the files of a kata, with TODO wherever its author has to write."""

import argparse
import ast
import keyword
import re
import sys
from pathlib import Path

from katagrad.authoring import curriculum, templates
from katagrad.katas import stubs
from katagrad.katas.catalog import CURRICULUM, Catalog, Kata
from katagrad.terminal import Terminal, command

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class NewKataError(ValueError):
    """A kata cannot be laid as it was asked for; the sentence says why and what to do."""


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Lay the files of a kata, unless there is anything of that name."""
    terminal = Terminal()
    try:
        kata, title = _new_kata(options.name, catalog)
        functions = [signature(text) for text in options.signatures]
        files = _files(kata, functions)
        text = curriculum.with_kata((catalog.root / CURRICULUM).read_text(encoding="utf-8"), kata.topic, kata.name)
    except NewKataError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
        terminal.line(f"written: {path.relative_to(catalog.root).as_posix()}")
    kata.exercise.parent.mkdir(parents=True, exist_ok=True)
    kata.exercise.write_text(stubs.derive(kata), encoding="utf-8", newline="\n")
    terminal.line(f"written: {kata.exercise.relative_to(catalog.root).as_posix()}")
    (catalog.root / CURRICULUM).write_text(text, encoding="utf-8", newline="\n")
    terminal.line(f"written: {CURRICULUM}" + ("" if title else f", with a new topic {kata.topic}"))
    terminal.line(f"Fill in every TODO, then: {command('check', kata.name)}")
    return 0


def _new_kata(name: str, catalog: Catalog) -> tuple[Kata, str]:
    """Return the kata that a free name means, and its topic's title, empty for a new topic.

    Raises
    ------
    NewKataError
        If the name is not topic/kata, or is taken.
    """
    topic, slash, kata_name = name.partition("/")
    if not slash or not all(_NAME.fullmatch(part) and not keyword.iskeyword(part) for part in (topic, kata_name)):
        raise NewKataError(
            f"{name!r} is not a name for a kata: write topic/kata, both in small letters, digits and underscores."
        )
    taken = {kata.name: f"a kata: {kata.path}" for kata in catalog.katas}
    taken |= {known.name: "a topic" for known in catalog.topics}
    if kata_name in taken:
        raise NewKataError(f"{kata_name!r} is already the name of {taken[kata_name]}. Choose another.")
    if taken.get(topic, "a topic") != "a topic":
        raise NewKataError(f"{topic!r} is already the name of {taken[topic]}. Choose another topic.")
    title = next((known.title for known in catalog.topics if known.name == topic), "")
    return Kata(topic, kata_name, catalog.root), title


def signature(text: str) -> ast.FunctionDef:
    """Return the function that a signature means: `vif(X: np.ndarray) -> np.ndarray`.

    Raises
    ------
    NewKataError
        If it is no signature, or an annotation is missing.
    """
    written = text.strip().removeprefix("def ").removesuffix(":")
    example = "vif(X: np.ndarray) -> np.ndarray"
    try:
        (function,) = ast.parse(f"def {written}: ...").body
    except (SyntaxError, ValueError):
        raise NewKataError(f"{text!r} is not a signature. Write it as in {example!r}.") from None
    if not isinstance(function, ast.FunctionDef) or function.name.startswith("_") or "_via_" in function.name:
        raise NewKataError(f"{text!r} is not the signature of a public function. Write it as in {example!r}.")
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    bare = [argument.arg for argument in arguments if argument.annotation is None]
    if bare or function.returns is None:
        missing = f"the parameter {bare[0]!r}" if bare else "what is returned"
        raise NewKataError(f"The signature of {function.name} does not annotate {missing}. Write it as in {example!r}.")
    return function


def _files(kata: Kata, functions: list[ast.FunctionDef]) -> dict[Path, str]:
    """Return the text of each file to write.

    Raises
    ------
    NewKataError
        If one of them exists.
    """
    oracle = kata.root / "tests" / "oracles" / kata.topic / f"test_{kata.name}.py"
    files = {
        kata.solution: templates.solution(functions),
        kata.table: templates.TABLE,
        kata.grader: templates.grader(functions),
        oracle: templates.oracle(kata.name, functions),
    }
    for path in (*files, kata.exercise):
        if path.exists():
            raise NewKataError(
                f"{path.relative_to(kata.root).as_posix()} exists already. Remove it or choose another name."
            )
    return files
