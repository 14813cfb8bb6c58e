"""Operators on numbers and conditions: signs, terms, comparisons, constants, the place of an eps."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from katagrad.authoring.strength.scope import Scope, called, integer, is_shape, subject
from katagrad.authoring.strength.source import Edit


def eps_moved(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Put an eps inside a function instead of outside, or the other way round; add it where it was a bound."""
    text = scope.text
    if isinstance(node, ast.Call) and len(node.args) == 1 and _adds_eps(node.args[0], scope):
        total = node.args[0]
        yield text.placed(node, f"{text.segment(node.func)}({text.segment(total.left)}) + {text.segment(total.right)}")
    if _adds_eps(node, scope) and isinstance(node.left, ast.Call) and len(node.left.args) == 1:
        inner, function = text.operand(node.left.args[0]), text.segment(node.left.func)
        yield text.replaced(node, f"{function}({inner} + {text.segment(node.right)})")
    if called(node) in ("max", "maximum") and len(node.args) == 2:
        for value, bound in (node.args, node.args[::-1]):
            if scope.is_small(bound):
                yield text.placed(node, f"{text.operand(value)} + {text.segment(bound)}")


def _adds_eps(node: ast.AST, scope: Scope) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and scope.is_small(node.right)


_SIDES = {"left": "right", "right": "left"}


def constants(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Make a number one more or less, twice or half, ten times or a tenth; turn a flag, change a side."""
    if not isinstance(node, ast.Constant) or _belongs_elsewhere(node, scope):
        return
    for value in _other_values(node.value):
        yield scope.text.replaced(node, repr(value))


def _other_values(value: object) -> tuple:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    if isinstance(value, float):
        if value == 0:
            return (1.0,)
        factor = 2 if 1e-3 < value < 1e3 else 10
        return tuple(float(f"{other:.12g}") for other in (value * factor, value / factor))
    return (_SIDES[value],) if isinstance(value, str) and value in _SIDES else ()


def _belongs_elsewhere(node: ast.AST, scope: Scope) -> bool:
    """Say whether a constant is another operator's (an axis, an index of a shape), or says nothing by its size."""
    parent = scope.text.parent(node)
    if isinstance(node, ast.UnaryOp) and called(parent) == "reshape":
        return True  # any number below zero stands for what is left
    if isinstance(parent, ast.UnaryOp | ast.Tuple):
        return _belongs_elsewhere(parent, scope)
    named = isinstance(parent, ast.keyword) and parent.arg in ("axis", "strict")
    return named or (isinstance(parent, ast.Subscript) and is_shape(parent.value))


_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.Pow: "*",
    ast.FloorDiv: "/",
    ast.Mod: "//",
    ast.MatMult: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.BitXor: "&",
}


def arithmetic(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Take an operator for its opposite; let what adds up forget what was before."""
    text = scope.text
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield Edit(*text.between(node.left, node.right), _ARITHMETIC[type(node.op)])
    elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        place = text.between(node.target, node.value)
        yield Edit(*place, _ARITHMETIC[type(node.op)] + "=")
        yield Edit(*place, "=")


def operand_dropped(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Forget a term, a factor or a condition."""
    text = scope.text
    if isinstance(node, ast.BinOp):
        first, last = text.between(node.left, node.right)
        if not isinstance(node.left, ast.Constant):
            yield Edit(text.before(first), text.end(node), "")
        if not isinstance(node.right, ast.Constant) and not isinstance(node.op, ast.Pow):
            yield Edit(text.start(node), text.after(last), _what_is_left(node))
    elif isinstance(node, ast.BoolOp):
        signs = [text.between(left, right) for left, right in pairwise(node.values)]
        ends = [text.before(first) for first, _ in signs] + [text.end(node)]
        yield Edit(text.start(node), text.after(signs[0][1]), "")
        yield from (Edit(start, end, "") for start, end in pairwise(ends))


def _what_is_left(node: ast.BinOp) -> str:
    """Return what stands before the second operand once the first is gone: a term keeps its sign, a divisor divides."""
    if isinstance(node.op, ast.Sub):
        return "-"
    return "1 / " if isinstance(node.op, ast.Div) and integer(node.left) != 1 else ""


_COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
}


def comparison(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Make a comparison strict or not, or turn it round; take `and` for `or`."""
    text = scope.text
    if isinstance(node, ast.Compare):
        for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            place = text.between(left, right)
            yield from (Edit(*place, other) for other in _COMPARISONS[type(operator)])
    elif isinstance(node, ast.BoolOp):
        other = "or" if isinstance(node.op, ast.And) else "and"
        yield from (Edit(*text.between(left, right), other) for left, right in pairwise(node.values))


_TURNED = {"exp", "sort", "argsort", "argmax", "argmin"}


def sign(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Forget a minus or a `not`, or put a minus where there is none."""
    text = scope.text
    if isinstance(node, ast.UnaryOp):
        behind = text.start(node) + (3 if isinstance(node.op, ast.Not) else 1)
        yield Edit(text.start(node), text.after(behind), "")
    elif isinstance(node, ast.Attribute) and node.attr == "inf" and not isinstance(text.parent(node), ast.UnaryOp):
        yield text.replaced(node, f"-{text.segment(node)}")
    elif called(node) in _TURNED and subject(node):
        turned = f"-{text.operand(subject(node))}"
        yield text.replaced(subject(node), turned if subject(node) in node.args else f"({turned})")
