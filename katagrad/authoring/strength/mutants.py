"""Mutants: a solution's text with one place changed, for what a grader would have to notice."""

import ast
import hashlib
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from katagrad.authoring.strength.operators import OPERATORS
from katagrad.authoring.strength.scope import Scope, called
from katagrad.authoring.strength.source import Edit, Text, children
from katagrad.katas.interface import alternatives, is_public


@dataclass(frozen=True)
class Mutant:
    """A text that differs from the original in one place.

    `function` is what it changes, `line` where; `before` and `after` are the lines that differ, stripped and joined.
    """

    operator: str
    function: str
    line: int
    before: str
    after: str
    text: str

    @property
    def signature(self) -> tuple[str, str, str]:
        """Return what a signed table knows the mutant by, wherever the function stands in the file."""
        return self.function, self.before, self.after

    @property
    def id(self) -> str:
        """Return what the committed figures know the mutant by."""
        return hashlib.sha256("\n".join(self.signature).encode()).hexdigest()[:8]


def mutants(text: str) -> Iterator[Mutant]:
    """Yield the mutants of a solution: of its public functions, of one alternative to each, and of what these use.

    A mutant of an alternative comes with the alternative in the function's place. What compiles to the same as the
    original or an earlier mutant is left out.
    """
    source = Text(text)
    items = _items(source.tree)
    public = [name for name, node in items.items() if isinstance(node, ast.FunctionDef) and is_public(node)]
    reference = _reached(items, public)
    for name in reference:
        yield from _mutants_of(source, name, items[name], text)
    first = dict(reversed(list(alternatives(source.tree))))
    for function in public:
        for name in _reached(items, [first[function]] if function in first else []):
            if name not in reference:
                yield from _mutants_of(source, name, items[name], installed(text, function, first[function]))


def installed(text: str, function: str, alternative: str) -> str:
    """Return a solution in which an alternative has taken the place of its function."""
    return f"{text}\n\n{function} = {alternative}\n"


def _items(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return what a module defines, by name: functions, private classes and constants."""
    items: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.ClassDef) and node.name.startswith("_")):
            items[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            items[node.targets[0].id] = node
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            items[node.target.id] = node
    return items


def _reached(items: dict[str, ast.stmt], names: list[str]) -> list[str]:
    """Return these names and those that they use, directly or not."""
    reached = list(names)
    for name in reached:  # which grows
        used = {node.id for node in ast.walk(items[name]) if isinstance(node, ast.Name)}
        reached += sorted(used & items.keys() - set(reached))
    return reached


def _mutants_of(source: Text, name: str, item: ast.stmt, text: str) -> Iterator[Mutant]:
    """Yield the mutants of one definition; `text` begins with the source."""
    start, end = source.start(item), source.end(item)
    seen = {_compiled(source.text[start:end])}
    for operator, edit in _edits(source, item):
        code = _compiled(Edit(edit.start - start, edit.end - start, edit.new).apply(source.text[start:end]))
        if code is not None and code not in seen:
            seen.add(code)
            yield _mutant(operator, name, edit, source, text)


def _edits(source: Text, item: ast.stmt) -> Iterator[tuple[str, Edit]]:
    """Yield every edit of every operator, with the operator's name, from top to bottom."""
    helpers = frozenset(name for name, node in _items(source.tree).items() if isinstance(node, ast.FunctionDef))
    # The defaults of an alternative are never used otherwise than those of its function.
    defaults = set(item.args.defaults) if isinstance(item, ast.FunctionDef) and "_via_" in item.name else set()

    def visit(node: ast.AST, scope: Scope) -> Iterator[tuple[str, Edit]]:
        if node in defaults or called(node) == "errstate":
            return
        if isinstance(node, ast.FunctionDef):
            scope = Scope(source, node, helpers, scope)
        for name, operator in OPERATORS.items():
            yield from ((name, edit) for edit in operator(node, scope))
        for child in children(node):
            yield from visit(child, scope)

    yield from visit(item, Scope(source, None, helpers))


def _mutant(operator: str, function: str, edit: Edit, source: Text, text: str) -> Mutant:
    line = source.line(edit.start)
    changed = edit.apply(text)
    return Mutant(
        operator=operator,
        function=function,
        line=line,
        before=_lines(source.text, line, edit.end),
        after=_lines(changed, line, edit.start + len(edit.new)),
        text=changed,
    )


def _lines(text: str, line: int, end: int) -> str:
    """Return the lines from one to the one that a place is in."""
    last = text.count("\n", 0, end) + 1
    return " ".join(part.strip() for part in text.split("\n")[line - 1 : last])


def _compiled(text: str) -> tuple | None:
    """Return what a definition compiles to, but for its place in the file; None for what is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            return _key(compile(text, "", "exec", dont_inherit=True))
        except SyntaxError:
            return None


def _key(code: types.CodeType) -> tuple:
    # repr and type tell apart what compares as equal: 0.0 and -0.0, 1 and True.
    constants = [
        _key(part) if isinstance(part, types.CodeType) else (type(part), repr(part)) for part in code.co_consts
    ]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_code, code.co_exceptiontable, code.co_flags, code.co_argcount, names, tuple(constants))
