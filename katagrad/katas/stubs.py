"""Derives the learner's file from the solution: docstrings, imports and signatures stay, bodies go."""

import ast
import re
from collections.abc import Iterator
from enum import Enum, auto

from katagrad.katas.catalog import Kata
from katagrad.katas.interface import is_public

HEADER = """\
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# {strict}To grade: nox -s grade -- {name}
"""
STRICT = "Strict: arrays may hold integers of any type. "


def derive(kata: Kata) -> str:
    """Return the stub of a kata."""
    stub = _stub(kata.solution.read_text(encoding="utf-8"))
    return HEADER.format(name=kata.name, strict=STRICT if _takes_arrays(stub) else "") + stub


def _takes_arrays(stub: str) -> bool:
    """Return whether a function has an array among its parameters."""
    functions = (node for node in ast.parse(stub).body if isinstance(node, ast.FunctionDef))
    return any("ndarray" in ast.unparse(node.args) for node in functions)


def _stub(text: str) -> str:
    """Return a solution's text without its answers."""
    lines = text.splitlines(keepends=True)
    tree = ast.parse(text)
    kept = [statement for statement in tree.body if _stays(statement)]
    source = "".join(_segments(lines, kept))
    return _without_unused_imports(source)


def _stays(node: ast.stmt) -> bool:
    """Return whether a top-level statement stays in the stub: docstring, imports, public definitions."""
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or isinstance(node, ast.Import | ast.ImportFrom) or is_public(node)


def _segments(lines: list[str], kept: list[ast.stmt]) -> Iterator[str]:
    """Yield the text of the kept statements, blank lines between them as the formatter has them."""
    for index, node in enumerate(kept):
        if index:
            definition = isinstance(node, ast.FunctionDef | ast.ClassDef)
            imports = isinstance(node, ast.Import | ast.ImportFrom)
            after_import = isinstance(kept[index - 1], ast.Import | ast.ImportFrom)
            if definition:
                yield "\n\n"
            elif not (imports and after_import and lines[node.lineno - 2].strip()):
                yield "\n"
        yield _segment(lines, node)


def _segment(lines: list[str], node: ast.stmt) -> str:
    """Return the text of one statement, a function's body replaced."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    if not isinstance(node, ast.FunctionDef):
        return "".join(lines[first - 1 : node.end_lineno])
    docstring = node.body[0]
    head = "".join(lines[first - 1 : docstring.end_lineno])
    return f"{head}    raise NotImplementedError\n"


def _without_unused_imports(text: str) -> str:
    """Drop the imports that only the bodies needed; NumPy stays, since the learner will want it."""
    tree = ast.parse(text)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = text.splitlines(keepends=True)
    for node in reversed(tree.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [alias.asname or alias.name.split(".")[0] for alias in node.names]
        wanted = [name for name in names if name in used or name == "np"]
        if not wanted:
            alone = (
                not lines[node.lineno - 2].strip() and not "".join(lines[node.end_lineno : node.end_lineno + 1]).strip()
            )
            del lines[node.lineno - 1 : node.end_lineno + alone]
        elif wanted != names and isinstance(node, ast.ImportFrom):
            lines[node.lineno - 1 : node.end_lineno] = [f"from {node.module} import {', '.join(wanted)}\n"]
    return _squeeze(lines)


def _squeeze(lines: list[str]) -> str:
    """Join lines, at most two blank ones in a row."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or any(previous.strip() for previous in kept[-2:]):
            kept.append(line)
    return "".join(kept)


# What is parsed outside of a limited process: more than the longest stub, and far from what a parser takes long over.
# Formulas of a statement may be indented far.
_LARGEST, _DEEPEST, _FARTHEST = 2**16, 12, 80
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def is_tame(text: str) -> bool:
    """Say whether a text is short and flat enough to be parsed in this process: others take minutes and gigabytes."""
    if len(text) > _LARGEST:
        return False
    depth = deepest = 0
    for letter in text:
        depth = max(0, depth + _BRACKETS.get(letter, 0))
        deepest = max(deepest, depth)
    indents = [len(line) - len(line.lstrip()) for line in text.splitlines() if line.strip()]
    return deepest <= _DEEPEST and max(indents, default=0) <= _FARTHEST


def may_be_blank(text: str) -> bool:
    """Say whether it is worth while, and safe, to ask whether a text is blank: each function has its own raise."""
    functions = len(re.findall(r"^def\s", text, re.MULTILINE))
    return 0 < functions <= text.count("NotImplementedError") and is_tame(text)


def is_blank(text: str) -> bool:
    """Return whether every function still raises NotImplementedError: nothing has been started.

    Raises
    ------
    SyntaxError
        If the text is not Python.
    """
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return bool(functions) and all(map(_is_unwritten, functions))


def _is_unwritten(node: ast.FunctionDef) -> bool:
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    error = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"


# Git writes this where it could not merge.
CONFLICT = "<<<<<<< "


class Found(Enum):
    """What there is in the place of a stub."""

    CURRENT = auto()
    MISSING = auto()
    OLD_BLANK = auto()
    FILLED_IN = auto()
    OTHER_STATEMENT = auto()
    IN_CONFLICT = auto()


def look(kata: Kata) -> Found:
    """Compare the learner's file with the stub."""
    try:
        text = kata.exercise.read_bytes().replace(b"\r\n", b"\n").decode()
    except FileNotFoundError:
        return Found.MISSING
    except UnicodeDecodeError:
        return Found.FILLED_IN
    stub = derive(kata)
    return Found.CURRENT if text == stub else _compared(text, stub)


def _compared(text: str, stub: str) -> Found:
    """Say what a text is that differs from the stub."""
    if any(line.startswith(CONFLICT) for line in text.splitlines()):
        return Found.IN_CONFLICT
    if not is_tame(text):
        return Found.FILLED_IN
    try:
        if is_blank(text):
            return Found.OLD_BLANK
        return Found.FILLED_IN if _statement(stub) <= _statement(text) else Found.OTHER_STATEMENT
    except (SyntaxError, ValueError):  # what somebody is at work on
        return Found.FILLED_IN


def _statement(text: str) -> set[tuple[str, str, str]]:
    """Return the functions of a text with their parameters and docstrings, and the docstring of the whole."""
    tree = ast.parse(text)
    functions = {
        (node.name, ast.unparse(node.args), ast.get_docstring(node) or "")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    return functions | {("", "", ast.get_docstring(tree) or "")}
