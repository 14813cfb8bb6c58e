"""A source text with its syntax tree: where each node stands, what surrounds it, and edits that touch nothing else."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_OPERATORS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Attribute, ast.Subscript, ast.Starred)
_ATOMS = (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.ListComp)
_WORDS = {"and", "or", "not", "in", "is"}


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` of a text replaced by others."""

    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        """Return the text with this edit made."""
        return text[: self.start] + self.new + text[self.end :]


class Text:
    """A Python text whose syntax tree is known by place; lines end in a line feed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.lines = text.split("\n")
        self._encoded = [line.encode() for line in self.lines]
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def start(self, node: ast.AST) -> int:
        """Return the place of a node's first character."""
        return self._place(node.lineno, node.col_offset)

    def end(self, node: ast.AST) -> int:
        """Return the place behind a node's last character."""
        return self._place(node.end_lineno, node.end_col_offset)

    def _place(self, line: int, offset: int) -> int:
        # The tree counts bytes of UTF-8.
        return self._starts[line - 1] + len(self._encoded[line - 1][:offset].decode())

    def line(self, place: int) -> int:
        """Return the number, from 1, of the line that a place is in."""
        return self.text.count("\n", 0, place) + 1

    def segment(self, node: ast.AST) -> str:
        """Return the text of a node, without parentheses around it."""
        return self.text[self.start(node) : self.end(node)]

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node that a node is part of."""
        return self._parents.get(node)

    def replaced(self, node: ast.AST, new: str) -> Edit:
        """Return the edit that puts other text in a node's place."""
        return Edit(self.start(node), self.end(node), new)

    def operand(self, node: ast.AST) -> str:
        """Return the text of an expression, such that an operator may stand beside it."""
        return self.segment(node) if isinstance(node, _ATOMS) else f"({self.segment(node)})"

    def placed(self, node: ast.AST, new: str) -> Edit:
        """Return the edit that puts a sum or the like in a node's place, in parentheses where they are needed."""
        return self.replaced(node, f"({new})" if isinstance(self.parent(node), _OPERATORS) else new)

    def between(self, left: ast.AST, right: ast.AST) -> tuple[int, int]:
        """Return the place of the operator between two operands."""
        start, end = self.end(left), self.start(right)
        found = [token for token in self._operators if start <= token[0] and token[1] <= end]
        return found[0][0], found[-1][1]

    def before(self, place: int) -> int:
        """Return where the white space before a place begins."""
        return len(self.text[:place].rstrip())

    def after(self, place: int) -> int:
        """Return where the white space behind a place ends."""
        return len(self.text) - len(self.text[place:].lstrip())

    def without(self, keyword: ast.keyword) -> Edit:
        """Return the edit that takes a keyword argument out of a call, and one comma with it."""
        start, end = self.before(self.start(keyword)), self.end(keyword)
        if self.text[start - 1] == ",":
            return Edit(start - 1, end, "")
        following = self.after(end)
        return Edit(self.start(keyword), self.after(following + 1) if self.text[following] == "," else end, "")

    @cached_property
    def _operators(self) -> list[tuple[int, int]]:
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        wanted = (token for token in tokens if token.string not in "(),:" and _is_operator(token))
        return [(self._offset(token.start), self._offset(token.end)) for token in wanted]

    def _offset(self, position: tuple[int, int]) -> int:
        return self._starts[position[0] - 1] + position[1]


def _is_operator(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.OP or (token.type == tokenize.NAME and token.string in _WORDS)


def children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that compute something: no docstring, no annotation, no sentence of an error."""
    # The tree does not say where the parts of an f-string stand, before Python 3.12.
    if isinstance(node, ast.Raise | ast.JoinedStr):
        return
    if isinstance(node, ast.FunctionDef):
        yield from (default for default in (*node.args.defaults, *node.args.kw_defaults) if default)
        yield from node.body[ast.get_docstring(node, clean=False) is not None :]
    elif isinstance(node, ast.AnnAssign):
        yield from filter(None, [node.target, node.value])
    else:
        yield from ast.iter_child_nodes(node)
