"""Prints a solution as it stands, without the statement that every solution of a kata repeats."""

import ast
from collections.abc import Iterator

from katagrad.katas.interface import alternatives, is_public
from katagrad.submission.proxy import Source
from katagrad.terminal import Terminal


def show_source(terminal: Terminal, title: str, source: Source) -> None:
    """Print a solution without the statement."""
    terminal.line(title, "bold underline", wrap=False)
    terminal.code(without_statement(source))
    terminal.line()


def show_both(terminal: Terminal, yours: tuple[str, Source], reference: tuple[str, Source]) -> None:
    """Print two titled solutions without the statement, beside one another where there is room."""
    left, right = ((title, without_statement(source)) for title, source in (yours, reference))
    terminal.beside(left, right)


def without_statement(source: Source) -> str:
    """Return the text of a solution without what every solution of its kata repeats."""
    return "\n\n".join(_without_docstrings(source.text))


def _without_docstrings(text: str) -> Iterator[str]:
    """Yield the text of every top-level definition and assignment, docstrings of the statement left out."""
    lines = text.splitlines()
    tree = ast.parse(text)
    names = {name for _, name in alternatives(tree)}
    for node in tree.body:
        if isinstance(node, ast.Expr | ast.Import | ast.ImportFrom):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        kept = set(range(first - 1, node.end_lineno))
        docstring = (
            node.body[0] if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) else None
        )
        if docstring and is_public(node) and getattr(node, "name", "") not in names:
            kept -= set(range(docstring.lineno - 1, docstring.end_lineno))
        yield "\n".join(lines[number] for number in sorted(kept))
