"""Unpacks JSON forms under an allow-list of tags."""

from collections.abc import Callable
from math import prod
from types import SimpleNamespace
from typing import Any

from katagrad.submission.plain import DEEPEST, DTYPE, Kept, Named, WireError, extent, np, refuse_many


def unpack(reader: SimpleNamespace, form: Any, depth: int) -> Any:
    """Return the value of a JSON form."""
    if not isinstance(form, list):
        if isinstance(form, dict):
            raise WireError("the answer cannot be read: it holds a bare object")
        return form
    if depth > DEEPEST:
        raise WireError(f"it is nested more than {DEEPEST} deep")
    tag, *rest = form
    return _UNPACKERS[tag](reader, rest, depth + 1)


# The unpackers share a signature: reader, what follows the tag, and depth.


def _items(reader: SimpleNamespace, rest: list, depth: int) -> list:
    return [unpack(reader, item, depth) for item in rest]


def _claim(reader: SimpleNamespace, start: int, size: int) -> None:
    """Check that bytes are there, and not read before: a short answer must not fill the memory with copies."""
    reader.unread -= size
    if start < 0 or size < 0 or reader.unread < 0 or start + size > len(reader.block):
        raise WireError("the answer cannot be read: an array lies outside of it")


def _array(reader: SimpleNamespace, rest: list, _: int) -> np.ndarray:
    dtype, shape, start, *layout = rest
    if layout and not reader.layout:
        raise WireError("the answer cannot be read: an array says how it lies in memory")
    if not DTYPE.fullmatch(dtype):
        raise WireError(f"the answer cannot be read: dtype {dtype!r}")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise WireError("the answer cannot be read: an array of no shape")
    kind, count = np.dtype(dtype), prod(shape)
    _claim(reader, start, count * kind.itemsize)
    # A copy: an array that starts off its alignment would be slow, and arguments must not share memory.
    array = np.frombuffer(reader.block, kind, count, start).reshape(shape).copy() if count else np.empty(shape, kind)
    return _laid_out(array, *layout) if layout else array


def _scalar(reader: SimpleNamespace, rest: list, depth: int) -> np.generic:
    return _array(reader, rest, depth)[()]


def _bytes(reader: SimpleNamespace, rest: list, _: int) -> bytes:
    start, length = rest
    _claim(reader, start, length)
    return bytes(reader.block[start : start + length])


def _complex(_: SimpleNamespace, rest: list, __: int) -> complex:
    return complex(*rest)


def _set(reader: SimpleNamespace, rest: list, depth: int) -> set:
    refuse_many(rest)
    return set(_items(reader, rest, depth))


def _dict(reader: SimpleNamespace, rest: list, depth: int) -> dict:
    refuse_many([key for key, _ in rest])
    return {unpack(reader, key, depth): unpack(reader, item, depth) for key, item in rest}


def _named(reader: SimpleNamespace, rest: list, depth: int) -> Any:
    name, fields, values = str(rest[0]), tuple(map(str, rest[1])), tuple(_items(reader, rest[2], depth))
    if len(fields) != len(values):
        raise WireError("the answer cannot be read: a named tuple has other fields than values")
    return reader.revive(Named(name, fields, values))


def _kept(reader: SimpleNamespace, rest: list, _: int) -> Any:
    kind, number, description = rest
    return reader.revive(Kept(str(kind), int(number), str(description)))


def _laid_out(array: np.ndarray, writable: bool, strides: list[int]) -> np.ndarray:
    """Return an array of the same values that lies in memory as told, with zeros in its gaps."""
    if strides:
        memory = np.zeros(extent(array.shape, strides), array.dtype)
        first = sum((1 - length) * stride for length, stride in zip(array.shape, strides, strict=True) if stride < 0)
        size = array.itemsize
        laid = np.ndarray(array.shape, array.dtype, memory, first * size, [stride * size for stride in strides])
        laid[...] = array
        array = laid
    array.flags.writeable = writable
    return array


_UNPACKERS: dict[str, Callable[[SimpleNamespace, list, int], Any]] = {
    "list": _items,
    "tuple": lambda reader, rest, depth: tuple(_items(reader, rest, depth)),
    "set": _set,
    "dict": _dict,
    "array": _array,
    "scalar": _scalar,
    "bytes": _bytes,
    "complex": _complex,
    "named": _named,
    "kept": _kept,
}
