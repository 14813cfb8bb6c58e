"""What of a text decides about what is graded: neither what docstrings say, nor a grader's picture.

Lines are left out, not nodes of the tree, which each Python writes otherwise.
"""

import ast

from katagrad.picture import FUNCTION

_PICTURES = "katagrad.picture"


def without_docstrings(text: str) -> str:
    """Return a text without the lines of its docstrings, and without blank lines."""
    lines = text.split("\n")
    for node in _nodes(text):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            first, last = node.body[0].lineno, node.body[0].end_lineno
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def without_picture(text: str) -> str:
    """Return a grader as it would be if it had no picture: without the function, and without what it is made of."""
    lines: list[str | None] = list(text.split("\n"))
    for node in _nodes(text):
        is_import = isinstance(node, ast.ImportFrom) and node.module == _PICTURES and node.col_offset == 0
        is_picture = isinstance(node, ast.FunctionDef) and node.name == FUNCTION and node.col_offset == 0
        if not (is_import or is_picture):
            continue
        first, last = node.lineno - 1, node.end_lineno
        # The blank lines above a function belong to it.
        while is_picture and first and not lines[first - 1]:
            first -= 1
        lines[first:last] = [None] * (last - first)
    return "\n".join(line for line in lines if line is not None)


def _nodes(text: str) -> list[ast.AST]:
    try:
        return list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return []
