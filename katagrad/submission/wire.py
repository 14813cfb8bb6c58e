"""What crosses the pipe between a grader and a submission: plain data, never a pickle.

A frame is two lengths, a JSON text and a block of array bytes. JSON holds None, bools, numbers and strings as they are;
whatever else is a list that begins with its tag. What is not plain (a function, an estimator, a generator) does not
travel: the sender keeps it, and a tag with a number stands for it.
"""

import re
import struct
from collections.abc import Callable, Sequence
from json import encoder, scanner
from math import prod
from types import SimpleNamespace
from typing import Any, BinaryIO, NamedTuple

import numpy as np

# A submission may replace what NumPy has; what answers for it keeps its own.
np = SimpleNamespace(**vars(np))
name_of = vars(type)["__name__"].__get__  # not what a metaclass says
bases_of = vars(type)["__mro__"].__get__
vars_of = vars(type)["__dict__"].__get__

# The parts in C of the standard library's JSON, which no submission can replace once they are bound here.
_CONSTANTS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_FORM = SimpleNamespace(
    strict=True,
    object_hook=None,
    object_pairs_hook=None,
    parse_float=float,
    parse_int=int,
    parse_constant=_CONSTANTS.__getitem__,
    memo={},
)
_scan = scanner.make_scanner(_FORM)
_LENGTHS = struct.Struct("<QQ")
_DTYPE = re.compile(r"[<>|][biufcSU][1-9]\d{0,5}")
DEEPEST = 60
LONGEST_NUMBER = 4000  # digits: Python reads no more than 4,300
LARGEST_TEXT = 2**25
LARGEST_BLOCK = 2**29
# An array with gaps may take that many elements, or that many times its own number; else the gaps are made smaller.
_DENSE, _SPARSEST = 2**16, 16
NO_PIPE = 74  # the exit status of a process that cannot send its answers


class WireError(Exception):
    """A frame that cannot be read, or a value that cannot be sent."""


class Kept(NamedTuple):
    """Stands for a value that stayed on the other side."""

    kind: str
    number: int
    description: str


class Named(NamedTuple):
    """A named tuple on its way: the type's name, its fields and their values."""

    type_name: str
    fields: tuple[str, ...]
    values: tuple


def send(stream: BinaryIO, message: Any, keep: Callable[[Any], Kept], *, layout: bool = False) -> None:
    """Write one message.

    Parameters
    ----------
    stream : where to
    message : plain data
    keep : takes in what is not plain data and returns what stands for it
    layout : also say how arrays lie in memory; without it they arrive in C order, writable
    """
    writer = SimpleNamespace(keep=keep, layout=layout, blobs=[], size=0)
    text = "".join(_encode(_pack(writer, message, 0), 0)).encode()
    block = b"".join(writer.blobs)
    if len(text) > LARGEST_TEXT or len(block) > LARGEST_BLOCK:
        raise WireError(f"it is too large ({(len(text) + len(block)) >> 20} MiB)")
    stream.write(_LENGTHS.pack(len(text), len(block)))
    stream.write(text)
    if block:
        stream.write(block)
    stream.flush()


def receive(stream: BinaryIO, revive: Callable[[Any], Any], *, layout: bool = False) -> Any:
    """Read one message.

    Parameters
    ----------
    stream : where from
    revive : turns what stands for a value back into one
    layout : whether arrays may say how they lie in memory; only what is trusted may ask for gaps in between

    Raises
    ------
    EOFError
        If the other side has gone.
    WireError
        If what came is not a message.
    """
    text_length, block_length = _LENGTHS.unpack(_read(stream, _LENGTHS.size))
    if text_length > LARGEST_TEXT or block_length > LARGEST_BLOCK:
        raise WireError("the answer is too large, or not an answer at all")
    text, block = _read(stream, text_length), _read(stream, block_length)
    try:
        reader = SimpleNamespace(block=block, revive=revive, layout=layout, unread=len(block))
        return _unpack(reader, _decode(text), 0)
    except (StopIteration, ValueError, TypeError, LookupError, RecursionError, OverflowError, AttributeError) as error:
        raise WireError(f"the answer cannot be read: {error}") from None


def _read(stream: BinaryIO, size: int) -> bytearray:
    """Read exactly so many bytes; memory grows with what comes, not with what was announced."""
    data = bytearray()
    while len(data) < size:
        part = stream.read(min(size - len(data), 2**24))
        if not part:
            raise EOFError
        data += part
    return data


def _decode(text: bytearray) -> Any:
    """Return what a JSON text says."""
    words = text.decode()
    form, end = _scan(words, 0)
    if end != len(words):
        raise WireError("the answer cannot be read: more than one value")
    return form


def _refuse(value: object) -> None:
    raise WireError(f"it cannot be written: {name_of(type(value))}")


_PLAIN = (False, False, True)  # unsorted keys, none skipped, NaN as it is
_encode = encoder.c_make_encoder(None, _refuse, encoder.encode_basestring_ascii, None, ": ", ", ", *_PLAIN)


# Functions over a plain state, no classes: what answers for a file shares its process with it, and any class can be
# found there and have its methods replaced.


def _blob(writer: SimpleNamespace, data: bytes) -> int:
    """Take in a block of bytes and return where it begins."""
    start = writer.size
    writer.blobs.append(data)
    writer.size += len(data)
    return start


def _pack(writer: SimpleNamespace, value: Any, depth: int) -> Any:
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
    return ["named", name, list(fields), [_pack(writer, item, depth) for item in values]]


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
    if not _DTYPE.fullmatch(plain.dtype.str):
        return _pack_other(writer, value, _)
    return ["scalar", plain.dtype.str, [], _blob(writer, plain.tobytes())]


def _pack_array(writer: SimpleNamespace, value: np.ndarray, depth: int) -> list:
    plain = np.ndarray.view(value, np.ndarray)
    if _is_masked(value) or not _DTYPE.fullmatch(plain.dtype.str):
        return _pack_other(writer, value, depth)
    _refuse_beyond(LARGEST_BLOCK, plain.nbytes)
    form = ["array", plain.dtype.str, list(plain.shape), _blob(writer, plain.tobytes())]
    return [*form, *_layout(plain)] if writer.layout else form


def _pack_list(writer: SimpleNamespace, value: list, depth: int) -> list:
    return ["list", *[_pack(writer, item, depth) for item in list.__iter__(value)]]


def _pack_tuple(writer: SimpleNamespace, value: tuple, depth: int) -> list:
    items = [_pack(writer, item, depth) for item in tuple.__iter__(value)]
    fields = fields_of(type(value))
    return ["named", name_of(type(value)), list(fields), items] if len(fields) == len(items) > 0 else ["tuple", *items]


def _pack_set(writer: SimpleNamespace, value: set | frozenset, depth: int) -> list:
    iterate = set.__iter__ if issubclass(type(value), set) else frozenset.__iter__
    return ["set", *[_pack(writer, item, depth) for item in iterate(value)]]


def _pack_dict(writer: SimpleNamespace, value: dict, depth: int) -> list:
    return ["dict", *[[_pack(writer, key, depth), _pack(writer, item, depth)] for key, item in dict.items(value)]]


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


def fields_of(kind: type) -> tuple[str, ...]:
    """Return the fields of a named tuple's type, none of any other; what the type itself says of them is not asked."""
    fields = next((vars_of(base)["_fields"] for base in bases_of(kind) if "_fields" in vars_of(base)), ())
    return fields if type(fields) is tuple and all(type(name) is str for name in fields) else ()


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
    if _extent(array.shape, strides) > max(_DENSE, _SPARSEST * array.size):
        strides = _closer(array.shape, strides)
    return [writable, strides]


def _extent(shape: Sequence[int], strides: Sequence[int]) -> int:
    """Return how many elements lie between the first and the last in memory, both counted."""
    return 1 + sum((length - 1) * abs(stride) for length, stride in zip(shape, strides, strict=True))


def _closer(shape: Sequence[int], strides: Sequence[int]) -> list[int]:
    """Return strides of the same order and direction that leave out every second element and no more."""
    closer, step = [0] * len(strides), 2
    for axis in sorted(range(len(strides)), key=lambda axis: abs(strides[axis])):
        if strides[axis]:
            closer[axis] = step if strides[axis] > 0 else -step
            step *= shape[axis]
    return closer


def _refuse_beyond(largest: int, size: int) -> None:
    if size > largest:
        raise WireError(f"it is too large ({size >> 20} MiB)")


def _is_masked(value: np.ndarray) -> bool:
    """Say whether an array hides some of its values; asked by name, since numpy.ma takes long to import."""
    return any(name_of(kind) == "MaskedArray" for kind in bases_of(type(value)))


def _unpack(reader: SimpleNamespace, form: Any, depth: int) -> Any:
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
    return [_unpack(reader, item, depth) for item in rest]


def _claim(reader: SimpleNamespace, start: int, size: int) -> None:
    """Check that bytes are there, and not read before: a short answer must not fill the memory with copies."""
    reader.unread -= size
    if start < 0 or size < 0 or reader.unread < 0 or start + size > len(reader.block):
        raise WireError("the answer cannot be read: an array lies outside of it")


def _array(reader: SimpleNamespace, rest: list, _: int) -> np.ndarray:
    dtype, shape, start, *layout = rest
    if layout and not reader.layout:
        raise WireError("the answer cannot be read: an array says how it lies in memory")
    if not _DTYPE.fullmatch(dtype):
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


def _dict(reader: SimpleNamespace, rest: list, depth: int) -> dict:
    return {_unpack(reader, key, depth): _unpack(reader, item, depth) for key, item in rest}


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
        memory = np.zeros(_extent(array.shape, strides), array.dtype)
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
    "set": lambda reader, rest, depth: set(_items(reader, rest, depth)),
    "dict": _dict,
    "array": _array,
    "scalar": _scalar,
    "bytes": _bytes,
    "complex": _complex,
    "named": _named,
    "kept": _kept,
}
