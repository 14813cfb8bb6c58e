"""What the picture of a kata is made of: panels with named axes and what stands in them, as plain data.

A grader may define `picture(kata, rng)`, which calls the learner's functions and returns a list of panels. Nothing in
here draws: `katagrad.page.drawing` does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# What a grader calls the function that makes its picture.
FUNCTION = "picture"


@dataclass(frozen=True)
class Line:
    """A line through points; `steps` goes right before it goes up, `faint` is for what the others are compared with."""

    x: Any
    y: Any
    name: str = ""
    steps: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Points:
    """Points without a line; `faint` ones are small and pale, `large` ones stand out among others."""

    x: Any
    y: Any
    name: str = ""
    faint: bool = False
    large: bool = False


@dataclass(frozen=True)
class Bars:
    """Bars from 0, all of one width in units of x."""

    x: Any
    height: Any
    name: str = ""
    width: float = 0.8
    faint: bool = False


@dataclass(frozen=True)
class Heat:
    """A matrix in colours, row 0 at the top; `name` says what the colours mean."""

    values: Any
    name: str
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()


@dataclass(frozen=True)
class Boxes:
    """Rectangles, each a row (x1, y1, x2, y2), with a text for each if any; `faint` ones are dashed."""

    corners: Any
    name: str = ""
    texts: Sequence[str] = ()
    faint: bool = False


@dataclass(frozen=True)
class Mark:
    """A line right across the panel, at a value of x, or of y if it is `level`."""

    at: float
    name: str = ""
    level: bool = False


Series = Line | Points | Bars | Heat | Boxes | Mark


@dataclass(frozen=True)
class Panel:
    """One plot.

    Attributes
    ----------
    title : what is plotted
    x, y : the names of the axes
    series : what stands in it, drawn in this order
    note : what to look for, in a sentence
    log : the axes that are logarithmic: "", "x", "y" or "xy"
    square : one unit of x is as long as one of y
    """

    title: str
    x: str
    y: str
    series: Sequence[Series]
    note: str = ""
    log: str = ""
    square: bool = False


class PanelError(ValueError):
    """A panel cannot be drawn; the message says why."""


def check(panels: Any) -> None:
    """Hold what a picture is made of against what can be drawn.

    Raises
    ------
    PanelError
        If a title or an axis has no name, lengths differ, or a value is no finite number.
    """
    if not isinstance(panels, list | tuple) or not panels or not all(isinstance(one, Panel) for one in panels):
        raise PanelError("A picture is a list of at least one Panel.")
    for panel in panels:
        if not (panel.title and panel.x and panel.y):
            raise PanelError(f"The panel {panel.title!r} needs a title and names for both axes.")
        if not panel.series:
            raise PanelError(f"The panel {panel.title!r} is empty.")
        for one in panel.series:
            _check_series(one, panel)


def _check_series(one: Series, panel: Panel) -> None:
    where = f"{panel.title}: {one.name or type(one).__name__}"
    values = {name: _numbers(value, name, where) for name, value in _parts(one)}
    for name, numbers in values.items():
        wrong = int((~np.isfinite(numbers)).sum())
        if wrong:
            raise PanelError(f"{where}: {wrong} of {numbers.size} values of {name} are not finite.")
        if name in panel.log and (numbers <= 0).any():
            raise PanelError(f"{where}: {name} is on a logarithmic axis and has a value of 0 or less.")
    shapes = [numbers.shape for numbers in values.values()]
    if isinstance(one, Heat):
        fits = len(shapes[0]) == 2 and 0 not in shapes[0]
    elif isinstance(one, Boxes):
        fits = len(shapes[0]) == 2 and shapes[0][1] == 4
    elif isinstance(one, Mark):
        fits = shapes == [()]
    else:
        fits = len(shapes[0]) == 1 and shapes[0] == shapes[1]
    if not fits:
        raise PanelError(f"{where}: the shapes {' and '.join(map(str, shapes))} do not fit.")


def _parts(one: Series) -> Iterator[tuple[str, Any]]:
    """Yield the numbers of a series, by the names of the axes where they lie along one."""
    match one:
        case Line() | Points():
            yield from (("x", one.x), ("y", one.y))
        case Bars():
            yield from (("x", one.x), ("y", one.height))
        case Heat():
            yield "values", one.values
        case Boxes():
            yield "corners", one.corners
        case Mark():
            yield "y" if one.level else "x", one.at


def _numbers(value: Any, name: str, where: str) -> np.ndarray:
    try:
        found = np.asarray(value)
    except ValueError:
        raise PanelError(f"{where}: the rows of {name} differ in length.") from None
    if found.dtype.kind not in "biuf":
        raise PanelError(f"{where}: {name} is not made of real numbers.")
    return found
