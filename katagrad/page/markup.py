"""Writes HTML and SVG: elements as function calls, everything in them escaped."""

from html import escape


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """Return an element.

    Parameters
    ----------
    name : its name
    children : text, which is escaped, or elements, which are not
    attributes : `class_` is written class, `data_kata` data-kata; numbers are shortened
    """
    words = "".join(f' {_name(key)}="{escape(_value(value))}"' for key, value in attributes.items())
    inside = "".join(child if isinstance(child, Markup) else escape(child) for child in children)
    return Markup(f"<{name}{words}>{inside}</{name}>")


def _name(key: str) -> str:
    return key if key in {"viewBox", "preserveAspectRatio"} else key.removesuffix("_").replace("_", "-")


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
