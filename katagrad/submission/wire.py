"""What crosses the pipe between a grader and a submission: plain data, never a pickle.

A frame is two lengths, a JSON text and a block of array bytes. JSON holds None, bools, numbers and strings as they are;
whatever else is a list that begins with its tag. What is not plain (a function, an estimator, a generator) does not
travel: the sender keeps it, and a tag with a number stands for it.
"""

import re
import struct
from collections.abc import Callable
from json import dumps, loads
from types import SimpleNamespace
from typing import Any, BinaryIO, NamedTuple

import numpy as np

# A submission may replace what NumPy has; what answers for it keeps its own.
np = SimpleNamespace(**vars(np))
name_of = vars(type)["__name__"].__get__  # not what a metaclass says
bases_of = vars(type)["__mro__"].__get__

_LENGTHS = struct.Struct("<QQ")
_DTYPE = re.compile(r"[<>|][biufcSU][1-9]\d{0,5}")
DEEPEST = 60
LONGEST_NUMBER = 4000  # digits: Python reads no more than 4,300
LARGEST_TEXT = 2**25
LARGEST_BLOCK = 2**29
NO_PIPE = 74  # the exit status of a process that cannot send its answers


class WireError(Exception):
    """A frame that cannot be read, or a value that cannot be sent."""


class Kept(NamedTuple):
    """Stands for a value that stayed on the other side."""

    kind: str
    number: int
    description: str


def send(stream: BinaryIO, message: Any, keep: Callable[[Any], Kept]) -> None:
    """Write one message; `keep` takes in what is not plain data and returns what stands for it."""
    writer = _Writer(keep)
    text = dumps(writer.pack(message, 0)).encode()
    block = b"".join(writer.blobs)
    if len(text) > LARGEST_TEXT or len(block) > LARGEST_BLOCK:
        raise WireError(f"it is too large ({(len(text) + len(block)) >> 20} MiB)")
    stream.write(_LENGTHS.pack(len(text), len(block)))
    stream.write(text)
    if block:
        stream.write(block)
    stream.flush()


def receive(stream: BinaryIO, revive: Callable[[Any], Any]) -> Any:
    """Read one message; `revive` turns what stands for a value back into one.

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
        return _Reader(block, revive).unpack(loads(text), 0)
    except (ValueError, TypeError, LookupError, RecursionError, OverflowError, AttributeError) as error:
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


class _Writer:
    """Packs values, array bytes apart."""

    def __init__(self, keep: Callable[[Any], Kept]) -> None:
        self.keep = keep
        self.blobs: list[bytes] = []
        self.size = 0

    def blob(self, data: bytes) -> int:
        start = self.size
        self.blobs.append(data)
        self.size += len(data)
        return start

    def pack(self, value: Any, depth: int) -> Any:
        """Return the JSON form of a value."""
        if value is None or value is True or value is False:
            return value
        if depth > DEEPEST:
            raise WireError(f"it is nested more than {DEEPEST} deep")
        real = type(value)  # a class may lie about its objects to isinstance
        for kind, method in _PACKERS:
            if issubclass(real, kind):
                return method(self, value, depth + 1)
        return self.kept(value, depth)

    def kept(self, value: Any, depth: int) -> Any:  # noqa: ARG002 - the packers share a signature
        return ["kept", *self.keep(value)]

    def real(self, value: float, depth: int) -> Any:  # noqa: ARG002
        return float.__pos__(value)

    def whole(self, value: int, depth: int) -> Any:  # noqa: ARG002
        if int.bit_length(value) > LONGEST_NUMBER * 3.32:
            raise WireError(f"it holds a whole number of more than {LONGEST_NUMBER:,} digits")
        return int.__pos__(value)

    def text(self, value: str, depth: int) -> Any:  # noqa: ARG002
        # Told before it is copied: what is far too large takes its time.
        _refuse_beyond(LARGEST_TEXT, str.__len__(value))
        return str.__str__(value)

    def complex_number(self, value: complex, depth: int) -> Any:  # noqa: ARG002
        return ["complex", complex.__pos__(value).real, complex.__pos__(value).imag]

    def raw(self, value: bytes, depth: int) -> Any:  # noqa: ARG002
        data = b"".join([value])
        return ["bytes", self.blob(data), len(data)]

    def scalar(self, value: np.generic, depth: int) -> Any:
        return self.array(np.ndarray.view(np.asarray(value), np.ndarray), depth, tag="scalar")

    def array(self, value: np.ndarray, depth: int, tag: str = "array") -> Any:
        plain = np.ndarray.view(value, np.ndarray)
        if _is_masked(value) or not _DTYPE.fullmatch(plain.dtype.str):
            return self.kept(value, depth)
        _refuse_beyond(LARGEST_BLOCK, plain.nbytes)
        return [tag, plain.dtype.str, list(plain.shape), self.blob(plain.tobytes())]

    def sequence(self, value: list, depth: int) -> Any:
        return ["list", *[self.pack(item, depth) for item in list.__iter__(value)]]

    def group(self, value: tuple, depth: int) -> Any:
        items = [self.pack(item, depth) for item in tuple.__iter__(value)]
        fields = getattr(type(value), "_fields", None)
        if isinstance(fields, tuple) and len(fields) == len(items) and all(isinstance(name, str) for name in fields):
            return ["named", name_of(type(value)), list(fields), items]
        return ["tuple", *items]

    def members(self, value: set | frozenset, depth: int) -> Any:
        iterate = set.__iter__ if issubclass(type(value), set) else frozenset.__iter__
        return ["set", *[self.pack(item, depth) for item in iterate(value)]]

    def mapping(self, value: dict, depth: int) -> Any:
        return ["dict", *[[self.pack(key, depth), self.pack(item, depth)] for key, item in dict.items(value)]]


def _refuse_beyond(largest: int, size: int) -> None:
    if size > largest:
        raise WireError(f"it is too large ({size >> 20} MiB)")


def _is_masked(value: np.ndarray) -> bool:
    """Say whether an array hides some of its values; asked by name, since numpy.ma takes long to import."""
    return any(name_of(kind) == "MaskedArray" for kind in bases_of(type(value)))


_PACKERS: tuple[tuple[type, Callable], ...] = (
    (np.generic, _Writer.scalar),
    (float, _Writer.real),
    (int, _Writer.whole),
    (str, _Writer.text),
    (np.ndarray, _Writer.array),
    (list, _Writer.sequence),
    (tuple, _Writer.group),
    (dict, _Writer.mapping),
    (set, _Writer.members),
    (frozenset, _Writer.members),
    (complex, _Writer.complex_number),
    (bytes, _Writer.raw),
)


class Named(NamedTuple):
    """A named tuple on its way: the type's name, its fields and their values."""

    type_name: str
    fields: tuple[str, ...]
    values: tuple


class _Reader:
    """Unpacks values under an allow-list of tags."""

    def __init__(self, block: bytearray, revive: Callable[[Any], Any]) -> None:
        self.block, self.revive = block, revive
        self.unread = len(block)

    def unpack(self, form: Any, depth: int) -> Any:
        """Return the value of a JSON form."""
        if not isinstance(form, list):
            if isinstance(form, dict):
                raise WireError("the answer cannot be read: it holds a bare object")
            return form
        if depth > DEEPEST:
            raise WireError(f"it is nested more than {DEEPEST} deep")
        tag, *rest = form
        return _UNPACKERS[tag](self, rest, depth + 1)

    def items(self, rest: list, depth: int) -> list:
        return [self.unpack(item, depth) for item in rest]

    def claim(self, start: int, size: int) -> None:
        """Check that bytes are there, and not read before: a short answer must not fill the memory with copies."""
        self.unread -= size
        if start < 0 or size < 0 or self.unread < 0 or start + size > len(self.block):
            raise WireError("the answer cannot be read: an array lies outside of it")

    def array(self, rest: list, depth: int) -> np.ndarray:  # noqa: ARG002 - the unpackers share a signature
        dtype, shape, start = rest
        if not _DTYPE.fullmatch(dtype):
            raise WireError(f"the answer cannot be read: dtype {dtype!r}")
        kind = np.dtype(dtype)
        count = int(np.prod(shape, dtype=np.int64)) if shape else 1
        self.claim(start, count * kind.itemsize)
        if not count:
            return np.empty(shape, kind)
        # A copy: an array that starts off its alignment would be slow, and arguments must not share memory.
        return np.frombuffer(self.block, kind, count, start).reshape(shape).copy()

    def scalar(self, rest: list, depth: int) -> np.generic:
        return self.array(rest, depth)[()]

    def raw(self, rest: list, depth: int) -> bytes:  # noqa: ARG002
        start, length = rest
        self.claim(start, length)
        return bytes(self.block[start : start + length])

    def complex_number(self, rest: list, depth: int) -> complex:  # noqa: ARG002
        return complex(*rest)

    def mapping(self, rest: list, depth: int) -> dict:
        return {self.unpack(key, depth): self.unpack(item, depth) for key, item in rest}

    def named(self, rest: list, depth: int) -> Any:
        name, fields, values = str(rest[0]), tuple(map(str, rest[1])), tuple(self.items(rest[2], depth))
        if len(fields) != len(values):
            raise WireError("the answer cannot be read: a named tuple has other fields than values")
        return self.revive(Named(name, fields, values))

    def kept(self, rest: list, depth: int) -> Any:  # noqa: ARG002
        kind, number, description = rest
        return self.revive(Kept(str(kind), int(number), str(description)))


_UNPACKERS: dict[str, Callable[[_Reader, list, int], Any]] = {
    "list": _Reader.items,
    "tuple": lambda reader, rest, depth: tuple(reader.items(rest, depth)),
    "set": lambda reader, rest, depth: set(reader.items(rest, depth)),
    "dict": _Reader.mapping,
    "array": _Reader.array,
    "scalar": _Reader.scalar,
    "bytes": _Reader.raw,
    "complex": _Reader.complex_number,
    "named": _Reader.named,
    "kept": _Reader.kept,
}
