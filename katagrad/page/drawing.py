"""Draws panels with matplotlib, as SVG whose colours are those of the page: by day and by night.

matplotlib wants fixed colours. So each of the page's colours has a stand-in that nothing else has, and the finished
SVG gets `var(--ink)` and its like in their places.
"""

import io
import logging
import re
import warnings
from collections.abc import Sequence
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from katagrad.page.markup import Markup
from katagrad.picture import Bars, Boxes, Heat, Line, Mark, Panel, Points, Series

# It tells of fonts and of where it keeps its list of them, which is nobody's concern here.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

# Inches of 72 points: as wide as the text of a phone, so that letters are neither tiny there nor huge on a desk.
WIDTH, HEIGHT, SQUARE_HEIGHT, LEGEND_ROW = 4.4, 2.9, 3.9, 0.23
INK, QUIET, RULE, CARD, WARN = (f"#fe01{place:02x}" for place in range(5))
COLOURS = tuple(f"#fe02{place:02x}" for place in range(6))
VARIABLES = {INK: "ink", QUIET: "quiet", RULE: "rule", CARD: "card", WARN: "warn"} | {
    colour: f"series{place}" for place, colour in enumerate(COLOURS)
}
# Told apart without colours, too.
DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P")
STYLE = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 12,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 11,
    # The sign for minus is not in every font of a phone.
    "axes.unicode_minus": False,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
}
# Cells of a matrix up to which their numbers are written into them.
READABLE = 36
WIDEST_LEGEND = 48
# Characters of a number from which only a few fit along x.
LONG = 5


def draw(panel: Panel, name: str) -> Markup:
    """Return a panel as SVG; `name` keeps its ids apart from those of the other plots on a page."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about fonts that lack a letter: the browser has others
        figure = Figure(layout="constrained")
        rows = _fill(figure.subplots(), panel)
        figure.set_size_inches(WIDTH, (SQUARE_HEIGHT if panel.square else HEIGHT) + LEGEND_ROW * rows)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return Markup(_of_the_page(written.getvalue(), name, _description(panel)))


def _fill(axes: Axes, panel: Panel) -> int:
    """Draw all series of a panel, and name the axes; return how many rows the legend takes."""
    axes.set_xlabel(panel.x)
    axes.set_ylabel(panel.y)
    axes.set_xscale("log" if "x" in panel.log else "linear")
    axes.set_yscale("log" if "y" in panel.log else "linear")
    if panel.square:
        axes.set_aspect("equal", adjustable="box")
    place = 0
    for one in panel.series:
        faint = getattr(one, "faint", False)
        _draw(axes, one, QUIET if faint else COLOURS[place % len(COLOURS)], place)
        place += not faint and not isinstance(one, Mark)
    if "x" not in panel.log and not any(isinstance(one, Heat) for one in panel.series):
        if _counts(panel.series):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _spread(axes)
    handles, names = axes.get_legend_handles_labels()
    if not names:
        return 0
    columns = max(1, min(len(names), WIDEST_LEGEND // (max(map(len, names)) + 6)))
    axes.figure.legend(handles, names, loc="outside lower center", ncols=columns)
    return -(-len(names) // columns)


def _counts(series: Sequence[Series]) -> bool:
    """Say whether x counts something: layers, steps, arms."""
    along = [one for one in series if isinstance(one, Line | Points | Bars)]
    return bool(along) and all(isinstance(one, Bars) or np.asarray(one.x).dtype.kind in "iu" for one in along)


def _spread(axes: Axes) -> None:
    """Have fewer numbers along x where they are long: matplotlib takes all for short."""
    longest = max(map(len, axes.xaxis.get_major_formatter().format_ticks(axes.get_xticks())))
    if longest >= LONG:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))


def _draw(axes: Axes, one: Series, colour: str, place: int) -> None:
    match one:
        case Line():
            dashes = (0, (2, 2)) if one.faint else DASHES[place % len(DASHES)]
            how = "steps-post" if one.steps else "default"
            width = 1.2 if one.faint else 1.8
            axes.plot(one.x, one.y, color=colour, ls=dashes, lw=width, drawstyle=how, label=_label(one))
        case Points():
            _draw_points(axes, one, colour, MARKERS[place % len(MARKERS)])
        case Bars():
            axes.bar(one.x, one.height, one.width, color=colour, alpha=0.4 if one.faint else 0.9, label=_label(one))
        case Heat():
            _draw_heat(axes, one)
        case Boxes():
            _draw_boxes(axes, one, colour)
        case Mark():
            across = axes.axhline if one.level else axes.axvline
            across(one.at, color=WARN, lw=1.4, ls=(0, (4, 2)), label=_label(one))


def _label(one: Series) -> str:
    return one.name or "_nolegend_"


def _draw_points(axes: Axes, one: Points, colour: str, marker: str) -> None:
    size, alpha = (3, 0.5) if one.faint else (11, 1) if one.large else (5, 0.9)
    edge = {"mec": CARD, "mew": 1.2} if one.large else {"mew": 0}
    axes.plot(one.x, one.y, color=colour, ls="", marker=marker, ms=size, alpha=alpha, label=_label(one), **edge)


def _draw_heat(axes: Axes, one: Heat) -> None:
    values = np.asarray(one.values, dtype=float)
    largest = float(np.abs(values).max())
    signed = bool((values < 0).any())
    shown = axes.imshow(
        values,
        cmap="RdBu" if signed else "viridis",
        vmin=-largest if signed else None,
        vmax=largest if signed else None,
        aspect="auto",
        interpolation="none",
    )
    axes.grid(visible=False)
    for names, axis in ((one.columns, axes.xaxis), (one.rows, axes.yaxis)):
        if len(names):
            axis.set_ticks(range(len(names)), labels=names)
        else:
            axis.set_major_locator(MaxNLocator(integer=True))
    bar = axes.figure.colorbar(shown, ax=axes, label=one.name)
    bar.outline.set_visible(False)
    if values.size <= READABLE:
        for (row, column), value in np.ndenumerate(values):
            red, green, blue, _ = shown.cmap(shown.norm(value))
            # Stands on the cell, whose colour is the same by day and by night.
            ink = "#ffffff" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else "#010101"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=ink, fontsize=10)


def _draw_boxes(axes: Axes, one: Boxes, colour: str) -> None:
    corners = np.asarray(one.corners, dtype=float).reshape(-1, 4)
    for number, (x1, y1, x2, y2) in enumerate(corners):
        box = Rectangle(
            (x1, y1),
            x2 - x1,
            y2 - y1,
            fill=False,
            edgecolor=colour,
            linewidth=1.1 if one.faint else 2,
            linestyle=(0, (3, 2)) if one.faint else "-",
            label="_nolegend_" if number else _label(one),
        )
        axes.add_patch(box)
        if number < len(one.texts):
            under = {"facecolor": CARD, "edgecolor": "none", "alpha": 0.8, "pad": 1}
            axes.text(x1, y2, one.texts[number], ha="left", va="bottom", color=colour, fontsize=11, bbox=under)
    axes.autoscale_view()


def _of_the_page(svg: str, name: str, description: str) -> str:
    """Return the element of a written SVG with the page's colours, and with ids that no other plot has."""
    svg = svg[svg.index("<svg") :].rstrip()
    for stand_in, variable in VARIABLES.items():
        svg = svg.replace(stand_in, f"var(--{variable})")
    svg = re.sub(r"(\bid=\"|href=\"#|url\(#)", rf"\g<1>{name}-", svg)
    # The page's font, and as wide as there is room.
    svg = re.sub(r"font-family: [^;\"]+; *", "", svg)
    svg = re.sub(r"<svg ([^>]*?)>", lambda found: f"<svg {_without_size(found[1])}>", svg, count=1)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{description}" ', 1)


def _without_size(attributes: str) -> str:
    found = re.findall(r'[\w:]+="[^"]*"', attributes)
    return " ".join(one for one in found if not one.startswith(("width=", "height=")))


def _description(panel: Panel) -> str:
    return escape(f"{panel.title}: {panel.y} against {panel.x}")
