"""Operators on arrays: axes, shapes, ranges and indices, and the functions that work on whole arrays."""

import ast
import inspect
from collections.abc import Iterator

import numpy as np

from katagrad.authoring.strength.scope import Scope, called, integer, is_shape, subject
from katagrad.authoring.strength.source import Edit


def shape_index(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Take rows for columns."""
    text = scope.text
    if isinstance(node, ast.Subscript) and is_shape(node.value) and integer(node.slice) is not None:
        yield text.replaced(node.slice, str({0: 1, 1: 0, -1: 0, -2: -1}.get(integer(node.slice), 0)))
    elif called(node) == "len" and isinstance(node.args[0], ast.Name):
        yield text.replaced(node, f"{text.segment(node.args[0])}.shape[1]")
    elif isinstance(node, ast.Assign) and is_shape(node.value) and isinstance(node.targets[0], ast.Tuple):
        elements = [text.segment(element) for element in node.targets[0].elts]
        yield text.replaced(node.targets[0], ", ".join(elements[::-1]))


def off_by_one(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Give a range, a slice or a divisor one too many or one too few; `constants` moves what is written as a number."""
    text = scope.text
    if called(node) == "range":
        if len(node.args) == 1 and integer(node.args[0]) is None:
            yield text.replaced(node.args[0], f"1, {text.segment(node.args[0])}")
        for argument in node.args[:2]:
            yield from _one_more_or_less(argument, scope)
    elif called(node) == "arange" and len(node.args) == 1:
        yield text.replaced(node.args[0], f"1, {text.operand(node.args[0])} + 1")
    elif called(node) == "searchsorted" and all(word.arg != "side" for word in node.keywords):
        yield Edit(text.end(node) - 1, text.end(node), ', side="right")')
    elif isinstance(node, ast.Slice):
        for bound in filter(None, [node.lower, node.upper]):
            yield from _one_more_or_less(bound, scope)
    elif scope.is_count(node):
        factor = text.parent(node)
        if isinstance(factor, ast.BinOp) and not isinstance(factor.op, ast.Add | ast.Sub):
            yield text.replaced(node, f"({text.segment(node)} - 1)")


def _one_more_or_less(node: ast.expr, scope: Scope) -> Iterator[Edit]:
    terms = (node, getattr(node, "left", None), getattr(node, "right", None))
    if all(integer(term) is None for term in terms):
        yield scope.text.replaced(node, f"{scope.text.operand(node)} + 1")
        yield scope.text.replaced(node, f"{scope.text.operand(node)} - 1")


def index_dropped(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Forget an order or a selection: the array stays as it was."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    backwards = isinstance(node.slice, ast.Slice) and integer(node.slice.step) == -1
    chosen = isinstance(node.slice, ast.Name | ast.Compare | ast.UnaryOp) and integer(node.slice) is None
    if backwards or chosen:
        yield scope.text.replaced(node, scope.text.segment(node.value))


_PAIRWISE = {"maximum", "minimum", "fmax", "fmin", "max", "min"}

_ARRAYS = {"array", "asarray"}

_REMOVABLE = {
    *("sqrt", "cbrt", "square", "abs", "absolute", "fabs", "sign", "reciprocal", "negative", "logical_not"),
    *("exp", "expm1", "log", "log1p", "log2", "log10", "tanh", "sin", "cos"),
    *("int", "round", "rint", "floor", "ceil", "trunc", "clip", "nan_to_num", "copy", "astype"),
    *("sort", "sorted", "argsort", "reversed", "flip", "set", "unique", "cumsum", "cumprod", "diff"),
    *("ravel", "flatten", "squeeze", "triu", "tril", "swapaxes", "transpose"),
    *_ARRAYS,
}


def function_removed(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Forget a function or a method: what it works on stands in its place."""
    text, name = scope.text, called(node)
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield text.replaced(node, text.segment(node.value))
    elif name in _PAIRWISE and len(node.args) == 2:
        yield from (text.replaced(node, text.operand(argument)) for argument in node.args)
    elif name in _REMOVABLE | scope.helpers and subject(node) and not _only_converts(node, scope):
        yield text.replaced(node, text.operand(subject(node)))


def _only_converts(node: ast.Call, scope: Scope) -> bool:
    """Say whether a result is made an array, which a list may stand for, or a whole number what is one already."""
    parent = scope.text.parent(node)
    returned = isinstance(parent, ast.Return) or called(parent)[:1].isupper()
    if called(node) in _ARRAYS:
        return returned and not scope.is_parameter(subject(node), node.lineno)
    return called(node) == "int" and called(subject(node)) in (
        "sum",
        "argmax",
        "argmin",
        "count_nonzero",
        "searchsorted",
    )


def _both_ways(*pairs: str) -> dict[str, str]:
    return {one: other for pair in map(str.split, pairs) for one, other in (pair, pair[::-1])}


_REDUCTIONS = _both_ways(
    "sum mean",
    "max min",
    "amax amin",
    "argmax argmin",
    "any all",
    "std var",
    "maximum minimum",
    "fmax fmin",
    "floor ceil",
    "zeros ones",
    "zeros_like ones_like",
    "triu tril",
    "log log1p",
    "exp expm1",
    "isnan isinf",
    "cumsum cumprod",
) | {"median": "mean", "prod": "sum", "log2": "log", "log10": "log"}

_BUILT_IN = {"max", "min", "any", "all"}


def reduction_swapped(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Take a function for its neighbour: a sum for a mean, a minimum for a maximum."""
    name = called(node)
    if name in _REDUCTIONS and isinstance(node.func, ast.Attribute):
        end = scope.text.end(node.func)
        yield Edit(end - len(name), end, _REDUCTIONS[name])
    elif name in _BUILT_IN:
        yield scope.text.replaced(node.func, _REDUCTIONS[name])


def axis_changed(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Mean another axis, or one of several."""
    if not isinstance(node, ast.keyword) or node.arg != "axis":
        return
    if integer(node.value) is not None:
        yield scope.text.replaced(node.value, str({0: 1, 1: 0, -1: 0, -2: -1}.get(integer(node.value), 0)))
    elif isinstance(node.value, ast.Tuple):
        yield from (scope.text.replaced(node.value, scope.text.segment(axis)) for axis in node.value.elts)


def argument_dropped(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Forget an argument that has a name."""
    # No right program shows whether `zip` compares lengths.
    if isinstance(node, ast.keyword) and node.arg not in (None, "strict") and not _says_the_default(node, scope):
        yield scope.text.without(node)


def _says_the_default(node: ast.keyword, scope: Scope) -> bool:
    """Say whether an argument is what NumPy would take anyway: side="left"."""
    name = called(scope.text.parent(node))
    function = getattr(np, name, getattr(np.linalg, name, None))
    try:
        return inspect.signature(function).parameters[node.arg].default == ast.literal_eval(node.value)
    except (TypeError, ValueError, KeyError):
        return False  # none of NumPy's, one that does not tell, or a value that is computed
