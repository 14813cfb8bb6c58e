"""Packs values as JSON forms, the bytes of arrays apart.

Functions over a plain state, no classes: what answers for a file shares its process with it, and any class can be found
there and have its methods replaced.
"""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from katagrad.submission.plain import (
    DEEPEST,
    DTYPE,
    LARGEST_BLOCK,
    LARGEST_TEXT,
    LONGEST_NUMBER,
    Kept,
    Named,
    WireError,
    bases_of,
    extent,
    fields_of,
    name_of,
    np,
    refuse_many,
)

# An array with gaps may take that many elements, or that many times its own number; else the gaps are made smaller.
_DENSE, _SPARSEST = 2**16, 16


def _blob(writer: SimpleNamespace, data: bytes) -> int:
    """Take in a block of bytes and return where it begins."""
    start = writer.size
    writer.blobs.append(data)
    writer.size += len(data)
    return start


def pack(writer: SimpleNamespace, value: Any, depth: int) -> Any:
    """Return the JSON form of a value."""
    if value is None or value is True or value is False:
        return value
    if depth > DEEPEST:
        raise WireError(f"it is nested more than {DEEPEST} deep")
    real = type(value)  # a class may lie about its objects to isinstance
    for kind, pack in _PACKERS:
        if issubclass(real, kind):
            return pack(writer, value, depth + 1)
    return _pack_other(writer, value, depth)


# The packers share a signature: writer, value and depth.


def _pack_other(writer: SimpleNamespace, value: Any, _: int) -> list:
    return ["kept", *writer.keep(value)]


def _pack_kept(_: SimpleNamespace, value: Kept, __: int) -> list:
    """Return what stands for a value that the sender has taken in before."""
    return ["kept", *tuple.__iter__(value)]


def _pack_named(writer: SimpleNamespace, value: Named, depth: int) -> list:
    name, fields, values = tuple.__iter__(value)
    return ["named", name, list(fields), [pack(writer, item, depth) for item in values]]


def _pack_real(_: SimpleNamespace, value: float, __: int) -> float:
    return float.__pos__(value)


def _pack_whole(_: SimpleNamespace, value: int, __: int) -> int:
    if int.bit_length(value) > LONGEST_NUMBER * 3.32:
        raise WireError(f"it holds a whole number of more than {LONGEST_NUMBER:,} digits")
    return int.__pos__(value)


def _pack_text(_: SimpleNamespace, value: str, __: int) -> str:
    # Told before it is copied: what is far too large takes its time.
    _refuse_beyond(LARGEST_TEXT, str.__len__(value))
    return str.__str__(value)


def _pack_complex(_: SimpleNamespace, value: complex, __: int) -> list:
    return ["complex", complex.__pos__(value).real, complex.__pos__(value).imag]


def _pack_bytes(writer: SimpleNamespace, value: bytes, _: int) -> list:
    data = b"".join([value])
    return ["bytes", _blob(writer, data), len(data)]


def _pack_scalar(writer: SimpleNamespace, value: np.generic, _: int) -> list:
    plain = np.ndarray.view(np.asarray(value), np.ndarray)
    if not DTYPE.fullmatch(plain.dtype.str):
        return _pack_other(writer, value, _)
    return ["scalar", plain.dtype.str, [], _blob(writer, plain.tobytes())]


def _pack_array(writer: SimpleNamespace, value: np.ndarray, depth: int) -> list:
    plain = np.ndarray.view(value, np.ndarray)
    if _is_masked(value) or not DTYPE.fullmatch(plain.dtype.str):
        return _pack_other(writer, value, depth)
    _refuse_beyond(LARGEST_BLOCK, plain.nbytes)
    form = ["array", plain.dtype.str, list(plain.shape), _blob(writer, plain.tobytes())]
    return [*form, *_layout(plain)] if writer.layout else form


def _pack_list(writer: SimpleNamespace, value: list, depth: int) -> list:
    return ["list", *[pack(writer, item, depth) for item in list.__iter__(value)]]


def _pack_tuple(writer: SimpleNamespace, value: tuple, depth: int) -> list:
    items = [pack(writer, item, depth) for item in tuple.__iter__(value)]
    fields = fields_of(type(value))
    return ["named", name_of(type(value)), list(fields), items] if len(fields) == len(items) > 0 else ["tuple", *items]


def _pack_set(writer: SimpleNamespace, value: set | frozenset, depth: int) -> list:
    iterate = set.__iter__ if issubclass(type(value), set) else frozenset.__iter__
    items = [pack(writer, item, depth) for item in iterate(value)]
    refuse_many(items)
    return ["set", *items]


def _pack_dict(writer: SimpleNamespace, value: dict, depth: int) -> list:
    items = [[pack(writer, key, depth), pack(writer, item, depth)] for key, item in dict.items(value)]
    refuse_many([key for key, _ in items])
    return ["dict", *items]


_PACKERS: tuple[tuple[type, Callable], ...] = (
    (Kept, _pack_kept),
    (Named, _pack_named),
    (np.generic, _pack_scalar),
    (float, _pack_real),
    (int, _pack_whole),
    (str, _pack_text),
    (np.ndarray, _pack_array),
    (list, _pack_list),
    (tuple, _pack_tuple),
    (dict, _pack_dict),
    (set, _pack_set),
    (frozenset, _pack_set),
    (complex, _pack_complex),
    (bytes, _pack_bytes),
)


def _layout(array: np.ndarray) -> list:
    """Return how an array lies in memory, if not in C order and writable.

    Returns
    -------
    list
        Nothing, or whether it is writable and its strides in elements; no strides for C order.
    """
    writable, itemsize = array.flags.writeable, array.itemsize
    if array.flags.c_contiguous or any(stride % itemsize for stride in array.strides):
        return [] if writable else [False, []]
    strides = [stride // itemsize for stride in array.strides]
    if extent(array.shape, strides) > max(_DENSE, _SPARSEST * array.size):
        strides = _closer(array.shape, strides)
    return [writable, strides]


def _closer(shape: Sequence[int], strides: Sequence[int]) -> list[int]:
    """Return strides of the same order and direction that leave out every second element and no more."""
    closer, step = [0] * len(strides), 2
    for axis in sorted(range(len(strides)), key=lambda axis: abs(strides[axis])):
        if strides[axis]:
            closer[axis] = step if strides[axis] > 0 else -step
            step *= shape[axis]
    return closer


def _is_masked(value: np.ndarray) -> bool:
    """Say whether an array hides some of its values; asked by name, since numpy.ma takes long to import."""
    return any(name_of(kind) == "MaskedArray" for kind in bases_of(type(value)))


def _refuse_beyond(largest: int, size: int) -> None:
    if size > largest:
        raise WireError(f"it is too large ({size >> 20} MiB)")
