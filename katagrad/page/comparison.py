"""The page of a comparison: the verdict, how time and memory grow, the kata's picture, and both texts side by side."""

from collections.abc import Sequence

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from katagrad.page.document import document, section, table
from katagrad.page.markup import Markup, tag
from katagrad.page.panels import STYLE, figures
from katagrad.picture import Panel

LIGHT, DARK = "xcode", "github-dark"


def page(
    name: str,
    about: str,
    verdict: Sequence[str],
    measured: tuple[Sequence[str], Sequence[Sequence[str]]],
    plots: Sequence[Panel],
    texts: Sequence[tuple[str, str]],
    picture: Sequence[Panel],
    no_picture: str,
) -> str:
    """Return the page.

    Parameters
    ----------
    name, about : of the kata
    verdict : its sentences, the most important first
    measured : the head and the rows of a table
    plots : how time and memory grow
    texts : titles and sources, the learner's and the reference
    picture : of the learner's answers, empty if there is none
    no_picture : why there is none, if the kata has one
    """
    first, *others = verdict
    sections = [
        tag("header", tag("h1", name), tag("p", about)),
        tag("section", tag("h2", first), *(tag("p", each, class_="said-on") for each in others)),
        section(
            "Growth", tag("div", *([figures(plots, "growth")] if plots else []), table(*measured, class_="numbers"))
        ),
    ]
    if picture:
        sections.append(section("Picture", figures(picture, "picture"), "Drawn from what your functions return."))
    elif no_picture:
        sections.append(section("Picture", tag("p", no_picture, class_="said")))
    sections.append(tag("div", *(_text(*each) for each in texts), class_="texts"))
    return document(f"katagrad: {name}, compared", sections, STYLE, _code_style())


def _text(title: str, source: str) -> Markup:
    code = highlight(source, PythonLexer(), HtmlFormatter(cssclass="code"))
    return tag("section", tag("h2", title), Markup(code))


def _code_style() -> str:
    """Return the colours of Python, by day and by night."""
    light, dark = (HtmlFormatter(style=style).get_style_defs(".code") for style in (LIGHT, DARK))
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n.code {{ background: none; }}\n"
