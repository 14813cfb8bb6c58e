"""What an operator knows of the place that it looks at: the function around it, and what an expression means there."""

import ast
from dataclasses import dataclass, field

from katagrad.authoring.strength.source import Text

SMALL = 1e-3


@dataclass
class Scope:
    """A function of a text: its parameters' defaults, where each name is first bound, which names count things."""

    text: Text
    function: ast.FunctionDef | None = None
    helpers: frozenset[str] = frozenset()
    outer: "Scope | None" = None
    defaults: dict[str, ast.expr] = field(init=False, default_factory=dict)
    parameters: set[str] = field(init=False, default_factory=set)
    bound: dict[str, int] = field(init=False, default_factory=dict)
    counts: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        """Look the function over once."""
        if self.function is None:
            return
        arguments = self.function.args
        everyone = [*arguments.posonlyargs, *arguments.args]
        pairs = [
            *zip(everyone[len(everyone) - len(arguments.defaults) :], arguments.defaults, strict=True),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        outer = self.outer or Scope(self.text)
        self.defaults = {**outer.defaults, **{argument.arg: default for argument, default in pairs if default}}
        self.counts |= outer.counts
        self.parameters = {argument.arg for argument in (*everyone, *arguments.kwonlyargs)}
        for node in ast.walk(self.function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.bound[node.id] = min(self.bound.get(node.id, node.lineno), node.lineno)
            elif isinstance(node, ast.Assign):
                self.counts |= _counting(node)

    def is_parameter(self, node: ast.AST | None, line: int) -> bool:
        """Say whether an expression on a line is a parameter as it came."""
        return isinstance(node, ast.Name) and node.id in self.parameters and self.bound.get(node.id, line) >= line

    def binds_first(self, node: ast.stmt) -> bool:
        """Say whether an assignment is the first to bind one of its names: the function cannot do without it."""
        stored = [part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
        first = (self.bound.get(name.id) == node.lineno and name.id not in self.parameters for name in stored)
        return isinstance(node, ast.Assign) and any(first)

    def is_small(self, node: ast.AST | None) -> bool:
        """Say whether an expression is an eps."""
        if isinstance(node, ast.Name):
            return node.id in ("eps", "epsilon") or self.is_small(self.defaults.get(node.id))
        number = isinstance(node, ast.Constant) and isinstance(node.value, float)
        return number and 0 < node.value <= SMALL

    def is_count(self, node: ast.AST) -> bool:
        """Say whether an expression is a number of things: a length, or a name that was given one."""
        if isinstance(node, ast.Name):
            return isinstance(node.ctx, ast.Load) and node.id in self.counts
        return _is_length(node)


def _counting(node: ast.Assign) -> set[str]:
    """Return the names that an assignment gives a length."""
    pairs = [(node.targets[0], node.value)]
    if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
        pairs = list(zip(node.targets[0].elts, node.value.elts, strict=False))
    counted = [target for target, value in pairs if is_shape(value) or _is_length(value)]
    return {part.id for target in counted for part in ast.walk(target) if isinstance(part, ast.Name)}


def _is_length(node: ast.AST) -> bool:
    if isinstance(node, ast.Subscript):
        return is_shape(node.value)
    return called(node) == "len" or (isinstance(node, ast.Attribute) and node.attr == "size")


def is_shape(node: ast.AST) -> bool:
    """Say whether an expression is an array's shape."""
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def called(node: ast.AST | None) -> str:
    """Return the last name of the function that a node calls; nothing for another node."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def subject(node: ast.Call) -> ast.expr | None:
    """Return what a call is about: a method's object, or a function's first argument."""
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        return node.func.value
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def _is_module(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return _is_module(node.value)
    return isinstance(node, ast.Name) and node.id in ("np", "math", "itertools", "functools")


def integer(node: ast.AST | None) -> int | None:
    """Return the value of a whole number as written, with its sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = integer(node.operand)
        return None if value is None else -value
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None
