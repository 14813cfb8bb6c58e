"""What a solution promises its callers, read from its text: public functions, their parameters and what they return."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """A public function: parameter names in order, and its return annotation as written."""

    name: str
    parameters: tuple[str, ...]
    returns: ast.expr | None
    line: int


@dataclass(frozen=True)
class Interface:
    """A file's public functions and its result types, each a name with its fields and their annotations."""

    functions: dict[str, Function]
    results: dict[str, dict[str, ast.expr]]


def is_public(node: ast.stmt) -> bool:
    """Return whether a statement is shown to the learner: not a private helper, not an alternative."""
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        return False
    return not node.name.startswith("_") and "_via_" not in node.name


def alternatives(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the function and the alternative for each `<function>_via_<idea>`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and "_via_" in node.name and not node.name.startswith("_"):
            yield node.name.split("_via_")[0], node.name


def read_interface(tree: ast.Module) -> Interface:
    """Return what the public statements of a solution promise."""
    functions, results = {}, {}
    for node in filter(is_public, tree.body):
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = Function(node.name, parameters(node), node.returns, node.lineno)
        elif isinstance(node, ast.ClassDef):
            fields = [
                item for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            ]
            results[node.name] = {item.target.id: item.annotation for item in fields}
    return Interface(functions, results)


def parameters(node: ast.FunctionDef) -> tuple[str, ...]:
    """Return the names of a function's parameters in order."""
    return tuple(arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
