"""What is printed fits the terminal, stands in its columns, and can be copied whole."""

import io

import pytest
from rich.console import Console

from katagrad.terminal import Terminal

PATH = "/home/" + "folder/" * 12 + "page.html"


def printed(width, method, *arguments, **options):
    """Return the lines that one of a terminal's methods prints."""
    out = io.StringIO()
    terminal = Terminal(Console(file=out, width=width, highlight=False, markup=False, emoji=False))
    getattr(terminal, method)(*arguments, **options)
    return out.getvalue().splitlines()


def test_a_paragraph_is_wrapped_below_its_text():
    """Further lines begin where the text after the label does; what separates words on a line stays."""
    lines = printed(29, "line", "one two three four   five six seven", label="a: ", indent=2)
    assert lines == ["  a: one two three four", "     five six seven"]
    assert printed(30, "line", "kata   solved") == ["kata   solved"]


def test_lines_of_a_text_stay_lines():
    """A line break is kept, an empty line too, and no line ends in blanks."""
    assert printed(30, "line", "one\n\n  two  ", label="- ") == ["- one", "", "    two"]
    assert printed(30, "line") == [""]


@pytest.mark.parametrize("width", [20, 80, 140])
def test_long_words_stay_beside_their_label(width):
    """A path that fits no line stays on the line that it begins on."""
    assert printed(width, "line", PATH, label="written: ") == [f"written: {PATH}"]
    assert printed(20, "line", f"written: {PATH} now") == [f"written: {PATH}", "now"]


def test_what_is_copied_is_not_wrapped():
    """A path with blanks, or a command, stays on one line where that is asked for."""
    text = "python -m katagrad grade metrics/roc_auc --case ties --pdb"
    assert printed(40, "line", text, label="debug: ", wrap=False) == [f"debug: {text}"]


def test_wide_characters_take_two_columns():
    """Columns stand below one another and lines fit, also where letters are twice as wide."""
    assert printed(40, "columns", [("合", "one"), ("abc", "two")]) == ["合   one", "abc  two"]
    assert printed(10, "line", "合合 合合 合合") == ["合合 合合", "合合"]


def test_control_characters_are_written_out():
    """What a submission prints cannot move the cursor."""
    assert printed(40, "line", "\x1b[2J\x07bell\ttab") == ["\\x1b[2J\\x07bell tab"]


def test_two_sources():
    """Two sources stand beside one another where no line is wrapped for it, else one below the other."""
    yours, reference = ("yours", "def f(x):\n    return x"), ("reference", "def f(x):\n    return 2 * x\n\nz = 1")
    assert [line.rstrip() for line in printed(32, "beside", yours, reference)] == [
        "yours           reference",
        "def f(x):       def f(x):",
        "    return x        return 2 * x",
        "",
        "                z = 1",
        "",
    ]
    below = printed(31, "beside", yours, reference)
    assert below[:5] == ["yours", "def f(x):", "    return x", "", "reference"]


@pytest.mark.parametrize("width", [80, 140])
def test_table(width):
    """A table has its head above its columns, numbers to the right, and fits."""
    lines = printed(width, "table", ("n", "time"), [("64", "1 ms"), ("1,024", "100 ms")])
    assert [line.split() for line in lines if set(line) - set(" \u2500-")] == [
        ["n", "time"],
        ["64", "1", "ms"],
        ["1,024", "100", "ms"],
    ]
    assert lines[-1].endswith("100 ms")
    assert lines[-2].endswith("  1 ms")
