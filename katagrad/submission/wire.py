"""What crosses the pipe between a grader and a submission: plain data, never a pickle.

A frame is two lengths, a JSON text and a block of array bytes. JSON holds None, bools, numbers and strings as they are;
whatever else is a list that begins with its tag. What is not plain (a function, an estimator, a generator) does not
travel: the sender keeps it, and a tag with a number stands for it.
"""

import struct
from collections.abc import Callable
from json import encoder, scanner
from types import SimpleNamespace
from typing import Any, BinaryIO

from katagrad.submission.packing import pack
from katagrad.submission.plain import LARGEST_BLOCK, LARGEST_TEXT, Kept, Named, WireError, fields_of, name_of
from katagrad.submission.unpacking import unpack

__all__ = ["NO_PIPE", "NO_ROOM", "Kept", "Named", "WireError", "fields_of", "name_of", "receive", "send"]

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
NO_PIPE, NO_ROOM = 74, 75  # the exit statuses of a process that cannot send its answers, and that cannot begin


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
    text = "".join(_encode(pack(writer, message, 0), 0)).encode()
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
        return unpack(reader, _decode(text), 0)
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
