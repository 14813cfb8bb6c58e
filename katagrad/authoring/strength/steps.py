"""Operators on what happens at all: statements, branches, parameters, and arguments that must stay as they were."""

import ast
from collections.abc import Iterator

from katagrad.authoring.strength.scope import Scope, called
from katagrad.authoring.strength.source import Edit


def parameter_for_default(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Ignore a parameter for its default, in one place."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope.defaults:
        yield scope.text.replaced(node, scope.text.segment(scope.defaults[node.id]))


def statement_deleted(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Forget a step, or take it whatever the condition says."""
    text, block = scope.text, _block(scope.text.parent(node), node)
    if isinstance(node, ast.If) and not isinstance(node.body[0], ast.Raise):
        yield text.replaced(node.test, "True")
    if isinstance(node, ast.If) and node.orelse:
        yield text.replaced(node.test, "False")
    elif block and not _fails_at_once(node, scope) and not (len(block) == 1 and _is_guard(text.parent(node))):
        yield text.replaced(node, "pass")


def _block(parent: ast.AST | None, node: ast.AST) -> list[ast.stmt]:
    """Return the statements that a statement stands among; none for what is no statement of a function."""
    blocks = (getattr(parent, name, None) for name in ("body", "orelse", "finalbody"))
    inside = isinstance(node, ast.stmt) and not isinstance(parent, ast.Module)
    return next((block for block in blocks if inside and isinstance(block, list) and node in block), [])


def _is_guard(node: ast.AST | None) -> bool:
    """Say whether a statement does nothing but what its one block does: without that, it may as well not be there."""
    return isinstance(node, ast.If) and not node.orelse


def _fails_at_once(node: ast.stmt, scope: Scope) -> bool:
    """Say whether a function cannot do without a statement under any input: its last, or the first to bind a name."""
    last = scope.function and node is scope.function.body[-1]
    return bool(last) or isinstance(node, ast.FunctionDef | ast.Pass) or scope.binds_first(node)


def branch_dropped(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Take one case of two for both; let a filter pass everything."""
    text = scope.text
    if isinstance(node, ast.IfExp):
        yield from (text.replaced(node, text.operand(case)) for case in (node.body, node.orelse))
    elif called(node) == "where" and len(node.args) == 3:
        yield from (text.replaced(node, text.operand(case)) for case in node.args[1:])
    elif isinstance(node, ast.comprehension):
        yield from (text.replaced(condition, "True") for condition in node.ifs)


def changed_in_place(node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Change an argument where a new array should be made."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.BinOp):
        return
    target, value = node.targets[0], node.value
    if scope.is_parameter(target, node.lineno) and isinstance(value.left, ast.Name) and value.left.id == target.id:
        first, last = scope.text.between(value.left, value.right)
        operator = scope.text.text[first:last]
        yield Edit(scope.text.end(target), last, f" {operator}=")
