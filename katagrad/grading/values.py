"""Shows what was expected beside what came, with as many digits as tell them apart."""

from typing import Any

import numpy as np

SHORT = 24
FEW = 6
LONGEST = 400
# As few as tell values apart; None stands for all there are.
DIGITS = (6, 10, None)


def pair(expected: Any, got: Any) -> tuple[str, str]:
    """Return two values in words that differ: with more digits if need be, at the worst place if they are long."""
    arrays = _alike(expected, got)
    if arrays is not None:
        if arrays[0].size > SHORT:
            return _worst(*arrays)
        expected, got = _like(expected, arrays[0]), _like(got, arrays[1])
    for digits in DIGITS:
        texts = show(_plain(expected), digits), show(_plain(got), digits)
        if texts[0] != texts[1]:
            return texts
        if arrays is not None and arrays[0].size > FEW:
            return _worst(*arrays)  # many numbers of many digits hide the ones that differ
    return _brief(repr(expected)), _brief(repr(got))


def _like(value: Any, array: np.ndarray) -> Any:
    """Return a value in its array's kind of number, so that both sides are written alike."""
    if isinstance(value, np.ndarray | list | tuple) and not hasattr(value, "_fields"):
        return array
    return array[()] if isinstance(value, bool | int | float | np.generic) else value


def _alike(expected: Any, got: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Return both values as arrays of one shape and kind of number, if they are."""
    try:
        arrays = np.asarray(expected), np.asarray(got)
    except (ValueError, OverflowError):
        return None
    kinds = {array.dtype.kind for array in arrays}
    if not kinds <= set("biuf") or arrays[0].shape != arrays[1].shape:
        return None
    if len(kinds) > 1 and "b" not in kinds:
        floats = arrays[0].astype(np.float64), arrays[1].astype(np.float64)
        if all((one == two).all() or one.dtype.kind == "f" for one, two in zip(arrays, floats, strict=True)):
            return floats
    return arrays


def _plain(value: Any) -> Any:
    """Return lists of numbers as arrays, nested ones too, so that both sides look alike."""
    if not isinstance(value, list) or not value:
        return value
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):
        return value
    return array if array.dtype.kind in "biuf" else value


def _worst(expected: np.ndarray, got: np.ndarray) -> tuple[str, str]:
    """Return both values at the place where they differ most, and say how many differ."""
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.abs(got.astype(float) - expected.astype(float))
    gap[np.isnan(gap)] = np.inf
    gap[(got == expected) | (np.isnan(got.astype(float)) & np.isnan(expected.astype(float)))] = 0
    place = np.unravel_index(int(np.argmax(gap)), gap.shape)
    # A rule may be stricter than the usual tolerance: then any difference counts.
    wrong = np.count_nonzero(gap > 1e-9 * np.abs(expected) + 1e-12) or np.count_nonzero(gap)
    label = f"[{', '.join(str(int(index)) for index in place)}]"
    for digits in DIGITS:
        texts = number(expected[place], digits), number(got[place], digits)
        if texts[0] != texts[1]:
            break
    return (
        f"{texts[0]} at {label}",
        f"{texts[1]} at {label}; {wrong:,} of {gap.size:,} places differ, shape {gap.shape}",
    )


def show(value: Any, digits: int | None = DIGITS[0], room: int = SHORT) -> str:
    """Return a value in full while short, else by shape and its first numbers; of what lies deeper, ever less."""
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value, digits, room)
    return f"<function {getattr(value, '__name__', '')}>" if callable(value) else repr(value)


def _any_array(value: np.ndarray, digits: int | None, _: int) -> str:
    if not value.size:
        return f"an empty array of shape {value.shape}"
    if value.size <= (2 * SHORT if value.ndim == 2 else SHORT):
        return _array(value, digits)
    first = ", ".join(number(one, digits) for one in value.flat[:3])
    return f"<array of shape {value.shape}: {first}, ...>"


def _array(value: np.ndarray, digits: int | None) -> str:
    if value.ndim == 0:
        return number(value[()], digits)
    return f"[{', '.join(_array(np.asarray(part), digits) for part in value)}]"


def _items(value: tuple | list, digits: int | None, room: int) -> str:
    if hasattr(value, "_fields"):
        inside = ", ".join(f"{name}={show(part, digits)}" for name, part in zip(value._fields, value, strict=True))
        return f"{type(value).__name__}({inside})"
    opening, closing = "()" if isinstance(value, tuple) else "[]"
    more = f", ... {len(value)} in all" if len(value) > room else ""
    return f"{opening}{', '.join(show(part, digits, room // 2) for part in value[:room])}{more}{closing}"


def _mapping(value: dict, digits: int | None, room: int) -> str:
    pairs = list(value.items())[:room]
    return f"{{{', '.join(f'{show(key, digits, 1)}: {show(part, digits, room // 2)}' for key, part in pairs)}}}"


def number(value: Any, digits: int | None, _: int = 0) -> str:
    """Return a number with so many digits, or all it has; a float has a point."""
    if isinstance(value, float | np.floating):
        text = str(value) if digits is None else f"{value:.{digits}g}"
        return text if not text.lstrip("-").isdigit() else text + ".0"
    return _brief(str(value))


def _brief(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


_FORMS = (
    (np.ndarray, _any_array),
    (float | np.floating, number),
    (tuple | list, _items),
    (dict, _mapping),
    (np.random.Generator, lambda *_: "<Generator>"),
    (str, lambda value, *_: _brief(repr(value))),
    (np.generic, lambda value, *_: _brief(str(value))),
)
