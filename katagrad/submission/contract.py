"""Holds what a submission returns against the annotation in the statement, before a rule sees it.

Lenient where a right answer may differ in form (a list for an array, an int for a float, a tuple for a named tuple),
and clear where it may not (nothing returned, three values for four).
"""

import ast
import functools
from collections import namedtuple
from typing import Any

import numpy as np

from katagrad.katas.interface import Interface
from katagrad.submission.wire import Named


class Handle:
    """Stands for a value that stayed in the submission's process, and can be passed in again as that very value.

    Parameters
    ----------
    number : of the value, in its process
    description : what kind of thing it is, for a sentence
    process : the process that it is in
    """

    def __init__(self, number: int, description: str, process: Any = None) -> None:
        self.number, self.description, self.process = number, description, process

    def __del__(self) -> None:
        """Tell the process that nobody asks for the value again."""
        if self.process is not None:
            self.process.dropped.append(self.number)

    def __repr__(self) -> str:
        """Return what kind of thing it stands for."""
        return f"<{self.description}>"


class ContractError(Exception):
    """What was returned is not of the kind that the statement promises; `problem` says so."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def conform(value: Any, annotation: ast.expr | None, interface: Interface, what: str) -> Any:
    """Return a value in the form its annotation promises.

    Parameters
    ----------
    value : what came
    annotation : the kind it is to be of, as the solution writes it; None for anything
    interface : of the kata, for its result types
    what : how to call the value in a sentence: "vif returned"

    Raises
    ------
    ContractError
        If the value is of another kind.
    """
    if isinstance(annotation, ast.BinOp):  # X | None
        if value is None and "None" in map(_name, (annotation.left, annotation.right)):
            return None
        present = annotation.left if _name(annotation.right) == "None" else annotation.right
        return conform(value, present, interface, what)
    name = _name(annotation)
    if name in interface.results:
        return _result(value, name, interface, what)
    if isinstance(value, Named):
        value = value.values
    if name in ("tuple", "list") and isinstance(annotation, ast.Subscript):
        return _sequence(value, name, annotation.slice, interface, what)
    check = _KINDS.get(name)
    return check(value, what) if check else value


def own_parts(annotation: ast.expr | None, interface: Interface) -> Any:
    """Return which parts of a value are the learner's own, as the statement calls them: `object`.

    Returns
    -------
    bool, dict or list
        True for all of it; by field for a result type; by place for a tuple, one for all where there is one; False
        for none.
    """
    if isinstance(annotation, ast.BinOp):  # X | None
        present = annotation.left if _name(annotation.right) == "None" else annotation.right
        return own_parts(present, interface)
    name = _name(annotation)
    if name in interface.results:
        fields = {field: own_parts(inner, interface) for field, inner in interface.results[name].items()}
        return any(fields.values()) and fields
    if name in ("tuple", "list") and isinstance(annotation, ast.Subscript):
        kinds = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        parts = [own_parts(kind, interface) for kind in kinds if not _is_ellipsis(kind)]
        return any(parts) and parts
    return name == "object"


def _is_ellipsis(annotation: ast.expr) -> bool:
    return isinstance(annotation, ast.Constant) and annotation.value is ...


def _name(annotation: ast.expr | None) -> str:
    """Return the name an annotation turns on: `ndarray` of np.ndarray, `list` of list[int]."""
    if isinstance(annotation, ast.Subscript):
        return _name(annotation.value)
    if isinstance(annotation, ast.Attribute):
        return annotation.attr
    if isinstance(annotation, ast.Constant):
        return str(annotation.value)
    return annotation.id if isinstance(annotation, ast.Name) else ""


def describe(value: Any) -> str:
    """Return what kind of thing a value is, for a sentence."""
    if value is None:
        return "None"
    if isinstance(value, Handle):
        return value.description
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, Named):
        return f"a {value.type_name}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return f"{'an' if type(value).__name__[0] in 'aeiou' else 'a'} {type(value).__name__}"


def _result(value: Any, name: str, interface: Interface, what: str) -> Any:
    """Return a named tuple of the kata; a plain tuple of as many values will do."""
    fields = interface.results[name]
    if isinstance(value, Named):
        value = dict(zip(value.fields, value.values, strict=True)) if set(value.fields) == set(fields) else value.values
    if isinstance(value, dict) and set(value) == set(fields):
        value = tuple(value[field] for field in fields)
    listed = f"{name}({', '.join(fields)})"
    if not isinstance(value, tuple | list):
        raise ContractError(f"{what} {describe(value)}, expected {listed}")
    if len(value) != len(fields):
        raise ContractError(f"{what} {len(value)} values, expected {len(fields)}: {listed}")
    parts = [
        conform(part, annotation, interface, f"{what} {name} whose {field} is")
        for part, (field, annotation) in zip(value, fields.items(), strict=True)
    ]
    return _named_tuple(name, tuple(fields))(*parts)


@functools.cache
def _named_tuple(name: str, fields: tuple[str, ...]) -> type:
    return namedtuple(name, fields)  # noqa: PYI024 - its fields are known only now


def _sequence(value: Any, name: str, inner: ast.expr, interface: Interface, what: str) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        value = list(value)
    if not isinstance(value, tuple | list):
        raise ContractError(f"{what} {describe(value)}, expected a {name}")
    kinds = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "list" or (len(kinds) > 1 and _is_ellipsis(kinds[-1])):
        kinds = [kinds[0]] * len(value)
    if len(value) != len(kinds):
        raise ContractError(f"{what} {len(value)} values, expected {len(kinds)}")
    parts = [
        conform(part, kind, interface, f"{what} a {name} whose value {place} is")
        for place, (part, kind) in enumerate(zip(value, kinds, strict=True), start=1)
    ]
    return parts if name == "list" else tuple(parts)


def _array(value: Any, what: str) -> np.ndarray:
    try:
        array = np.asarray(value) if isinstance(value, np.ndarray | np.generic | list | tuple | int | float) else None
    except ValueError:
        raise ContractError(f"{what} a list whose rows differ in length, expected an array") from None
    if array is None or array.dtype.kind == "O":
        raise ContractError(f"{what} {describe(value)}, expected an array")
    if array.dtype.kind == "c":
        raise ContractError(f"{what} an array of complex numbers, expected real ones")
    return array


def _scalar(value: Any, what: str, kinds: str, expected: str) -> Any:
    if isinstance(value, np.ndarray):
        if value.ndim:
            raise ContractError(f"{what} an array of shape {value.shape}, expected {expected}")
        value = value[()]
    if not isinstance(value, np.generic | bool | int | float | complex) or np.asarray(value).dtype.kind not in kinds:
        raise ContractError(f"{what} {describe(value)}, expected {expected}")
    return value.item() if isinstance(value, np.generic) else value


def _whole(value: Any, what: str) -> int:
    number = _scalar(value, what, "biuf", "a whole number")
    if number != number or number in (float("inf"), float("-inf")) or number != int(number):  # noqa: PLR0124 - NaN
        raise ContractError(f"{what} {number}, expected a whole number")
    return int(number)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise ContractError(f"{what} {describe(value)}, expected a string")
    return str(value)


def _mapping(value: Any, what: str) -> dict:
    if not isinstance(value, dict):
        raise ContractError(f"{what} {describe(value)}, expected a dict")
    return value


def _nothing(value: Any, what: str) -> None:
    if value is not None:
        raise ContractError(f"{what} {describe(value)}, expected None")


_KINDS = {
    "ndarray": _array,
    "float": lambda value, what: _scalar(value, what, "biuf", "a number"),
    "int": _whole,
    "bool": lambda value, what: bool(_scalar(value, what, "biu", "True or False")),
    "str": _text,
    "dict": _mapping,
    "None": _nothing,
}
