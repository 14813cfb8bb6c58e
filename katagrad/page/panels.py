"""The plots of a page about a kata: each panel with its title, the drawing, and what to look for."""

from collections.abc import Sequence

from katagrad.page.document import HERE
from katagrad.page.drawing import draw
from katagrad.page.markup import Markup, tag
from katagrad.picture import Panel

STYLE = (HERE / "kata.css").read_text(encoding="utf-8")


def figures(panels: Sequence[Panel], name: str) -> Markup:
    """Return all panels; `name` keeps what is in them apart from other plots on the page."""
    return tag("div", *(_figure(panel, f"{name}{number}") for number, panel in enumerate(panels)), class_="panels")


def _figure(panel: Panel, name: str) -> Markup:
    note = [tag("figcaption", panel.note)] if panel.note else []
    return tag("figure", tag("h3", panel.title), draw(panel, name), *note)
