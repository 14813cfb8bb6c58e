"""One page that needs nothing but itself: its head, its style, its sections, and the file that it is written to."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from katagrad.page.markup import Markup, tag

HERE = Path(__file__).parent
BEGINNING = "<!DOCTYPE html>"


class NotWrittenError(Exception):
    """A page cannot be written; the message says where and why."""


def document(title: str, content: Iterable[Markup], *styles: str) -> str:
    """Return a page.

    Parameters
    ----------
    title : what the tab of a browser shows
    content : what stands in it, from top to bottom
    styles : CSS beside that of every page
    """
    # What a style holds is no markup to escape.
    style = "\n".join([(HERE / "page.css").read_text(encoding="utf-8"), *styles])
    head = tag(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", title),
        Markup(f"<style>{style}</style>"),
    )
    return f"{BEGINNING}\n{tag('html', head, tag('body', tag('main', *content)), lang='en')}\n"


def section(title: str, content: Markup, note: str = "") -> Markup:
    """Return a part of a page below its title."""
    return tag("section", tag("h2", title), *([tag("p", note, class_="note")] if note else []), content)


def tiles(figures: Mapping[str, tuple[str, str]]) -> Markup:
    """Return the numbers to see first: by a name of each, the number and the words below it."""
    boxes = (tag("div", tag("b", number), tag("span", words), id=name) for name, (number, words) in figures.items())
    return tag("div", *boxes, class_="tiles")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], **attributes: object) -> Markup:
    """Return a table below its head, which is scrolled where the page is not wide enough."""
    top = tag("thead", tag("tr", *(tag("th", word, scope="col") for word in head)))
    body = (tag("tr", *(tag("td", *breakable(cell)) for cell in row)) for row in rows)
    return tag("div", tag("table", top, tag("tbody", *body), **attributes), class_="wide")


def breakable(text: str) -> list[str]:
    """Return a text that may be wrapped behind each of its underscores."""
    parts = text.split("_")
    return [word for part in parts[:-1] for word in (f"{part}_", Markup("<wbr>"))] + parts[-1:]


def check_target(path: Path) -> None:
    """Find out, before there is work to lose, whether a page can be written to a file.

    Raises
    ------
    NotWrittenError
        If its folder is missing, or if what stands there is no page: an exercise, say.
    """
    if path.is_dir():
        raise NotWrittenError(f"{path} is a folder. Name a file in it: {path / 'page.html'}")
    if not path.absolute().parent.is_dir():
        raise NotWrittenError(f"{path} cannot be written: there is no folder {path.parent}.")
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            begins = file.read(len(BEGINNING))
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotWrittenError(f"{path} cannot be written: {error.strerror}.") from None
    if begins and begins.upper() != BEGINNING.upper():
        raise NotWrittenError(f"{path} is no page, and it stays as it is. Name another file: {path.stem}.html")


def write(path: Path, page: str) -> None:
    """Write a page to a file.

    Raises
    ------
    NotWrittenError
        If the system does not let us, or as `check_target` says.
    """
    check_target(path)
    try:
        path.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise NotWrittenError(f"{path} cannot be written: {error.strerror}.") from None
