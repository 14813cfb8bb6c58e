"""What is plain data, and what stands for the rest: shared by what packs and what unpacks it."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

# A submission may replace what NumPy has; what answers for it keeps its own.
np = SimpleNamespace(**vars(np))
name_of = vars(type)["__name__"].__get__  # not what a metaclass says
bases_of = vars(type)["__mro__"].__get__
vars_of = vars(type)["__dict__"].__get__

DTYPE = re.compile(r"[<>|][biufcSU][1-9]\d{0,5}")
DEEPEST = 60
LONGEST_NUMBER = 4000  # digits: Python reads no more than 4,300
MOST_KEYS = 2**14
LARGEST_TEXT = 2**25
LARGEST_BLOCK = 2**29


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


def fields_of(kind: type) -> tuple[str, ...]:
    """Return the fields of a named tuple's type, none of any other; what the type itself says of them is not asked."""
    fields = next((vars_of(base)["_fields"] for base in bases_of(kind) if "_fields" in vars_of(base)), ())
    return fields if type(fields) is tuple and all(type(name) is str for name in fields) else ()


def refuse_many(keys: list) -> None:
    """Refuse keys that may have been chosen to meet in one place of a table, which then takes hours to fill."""
    if len(keys) > MOST_KEYS and not all(type(key) is str for key in keys):
        raise WireError(f"it holds a dict or a set of more than {MOST_KEYS:,} keys that are not text")


def extent(shape: Sequence[int], strides: Sequence[int]) -> int:
    """Return how many elements lie between the first and the last in memory, both counted."""
    return 1 + sum((length - 1) * abs(stride) for length, stride in zip(shape, strides, strict=True))
