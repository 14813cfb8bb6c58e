"""Writes values as Python that a learner can paste; what is too long is abbreviated so that it cannot be pasted."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from katagrad.submission.contract import Handle

# An array that takes more letters is abbreviated, unless a short expression makes it.
LONGEST = 400
_LONGEST_PERIOD = 12
_FEW_RUNS = 6


def code(value: Any, origin: Callable[[Handle], str] = repr) -> str:
    """Return a value as Python.

    Parameters
    ----------
    value : plain data, an array, a generator as it was before the call, a function, or a handle
    origin : returns the expression that a handle came from
    """
    if isinstance(value, Handle):
        return origin(value)
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value, origin)
    return _function(value) if callable(value) else repr(value)


def _function(value: Any) -> str:
    name = getattr(value, "__name__", "")
    return f"np.{name}" if getattr(np, name, None) is value else f"<function {name}>"


def _text(value: str, _: Callable) -> str:
    return repr(value) if len(value) <= LONGEST else f"<text of {len(value):,} letters: {value[:LONGEST]!r} ...>"


def _number(value: Any) -> str:
    """Return a plain number, exactly."""
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return "np.nan"
        if np.isinf(value):
            return "np.inf" if value > 0 else "-np.inf"
        return str(value)
    return str(value)


def _scalar(value: np.generic, _: Callable) -> str:
    """Return a NumPy scalar: as a plain number where that is the same."""
    if value.dtype in (np.float64, np.int64) or value.dtype.kind in "cUS":
        return _number(value) if value.dtype.kind in "fi" else repr(value.item())
    return f"np.{value.dtype.name if value.dtype.kind != 'b' else 'bool_'}({_number(value)})"


def _generator(value: np.random.Generator, _: Callable) -> str:
    """Return the generator that the submission gets: its seed is the next number that this one draws."""
    return f"np.random.default_rng({copy.deepcopy(value).integers(2**63)})"


def _items(value: tuple | list, origin: Callable) -> str:
    if hasattr(value, "_fields"):
        inside = (f"{name}={code(part, origin)}" for name, part in zip(value._fields, value, strict=True))
        return f"{type(value).__name__}({', '.join(inside)})"
    inside = ", ".join(code(part, origin) for part in value)
    if len(inside) > 2 * LONGEST:
        inside = f"<{len(value):,} values: {', '.join(code(part, origin) for part in value[:2])} ...>"
    if isinstance(value, list):
        return f"[{inside}]"
    return f"({inside},)" if len(value) == 1 else f"({inside})"


def _mapping(value: dict, origin: Callable) -> str:
    return "{" + ", ".join(f"{code(key, origin)}: {code(part, origin)}" for key, part in value.items()) + "}"


def _members(value: set | frozenset, origin: Callable) -> str:
    inside = ", ".join(sorted(code(part, origin) for part in value))
    return f"{{{inside}}}" if value else "set()"


def array_code(value: np.ndarray) -> str:
    """Return an array as Python: its numbers exactly, dtype, and memory layout where it is not the usual one."""
    if not value.flags.writeable:
        return f"np.broadcast_to({array_code(value.copy(order='K'))}, {value.shape})"
    if value.size > 1 and not value.flags.c_contiguous:
        if value.T.flags.c_contiguous:
            return f"{array_code(value.T)}.T"
        if value.strides[-1] == 2 * value.itemsize:
            return f"np.repeat({array_code(value.copy())}, 2, axis=-1)[..., ::2]"
    return _made(value) or _in_full(value) or _abbreviated(value)


def _in_full(value: np.ndarray) -> str:
    """Return an array with all its numbers; nothing if that is too long."""
    if value.size > LONGEST:
        return ""
    text = f"np.array({_nested(value)}{_dtype(value)})"
    return text if len(text) <= LONGEST else ""


def _nested(value: np.ndarray) -> str:
    if value.ndim == 0:
        return repr(value.item()) if value.dtype.kind in "USc" else _number(value[()])
    return f"[{', '.join(_nested(np.asarray(part)) for part in value)}]"


def _dtype(value: np.ndarray) -> str:
    """Return the argument that says an array's dtype, where its numbers alone would give another."""
    if np.asarray(value.tolist()).dtype == value.dtype or value.dtype.kind in "US":
        return ""
    return f", dtype={'bool' if value.dtype == bool else f'np.{value.dtype.name}'}"


def _made(value: np.ndarray) -> str:
    """Return the short expression that makes an array, if it is empty, long and of one number, a range, or repeated."""
    shape = value.shape[0] if value.ndim == 1 else value.shape
    if not value.size:
        return f"np.zeros({shape}{_kind(value)})"
    if value.size <= 2 * _LONGEST_PERIOD or value.dtype.kind not in "biuf":
        return ""
    first = value.flat[0]
    if (value == first).all():
        return f"np.full({shape}, {_number(first)}{_kind(value, type(first.item()))})"
    return _sequence(value) if value.ndim == 1 else ""


def _kind(value: np.ndarray, default: type = float) -> str:
    if value.dtype == np.dtype(default):
        return ""
    return f", dtype={'bool' if value.dtype == bool else f'np.{value.dtype.name}'}"


def _sequence(value: np.ndarray) -> str:
    """Return a long array of one axis as a range, a tile or a few runs; nothing if it is none of them."""
    n = len(value)
    if value.dtype in (np.float64, np.int64) and np.array_equal(value, np.arange(n)):
        return f"np.arange({_number(value.dtype.type(n))})"
    for period in range(2, min(_LONGEST_PERIOD, n // 3) + 1):
        if n % period == 0 and np.array_equal(value, np.tile(value[:period], n // period)):
            return f"np.tile({_in_full(value[:period])}, {n // period})"
    starts = np.flatnonzero(np.append(True, value[1:] != value[:-1]))
    if len(starts) <= _FEW_RUNS:
        return f"np.repeat({_in_full(value[starts])}, {np.diff(np.append(starts, n)).tolist()})"
    return ""


def _abbreviated(value: np.ndarray) -> str:
    first = ", ".join(_number(number) for number in value.flat[:3])
    return f"<array of shape {value.shape}, {value.dtype.name}: {first}, ...>"


_FORMS: tuple[tuple[Any, Callable[[Any, Callable], str]], ...] = (
    (np.ndarray, lambda value, _: array_code(value)),
    (np.generic, _scalar),
    (bool | int | float, lambda value, _: _number(value)),
    (str, _text),
    (tuple | list, _items),
    (dict, _mapping),
    (set | frozenset, _members),
    (np.random.Generator, _generator),
)
