"""Pages with plots: `show` draws one's own answers or says why not, `compare --html` writes all it knows."""

import html
import json
import re

import numpy as np
import pytest

from katagrad.commands import show
from katagrad.page.document import NotWrittenError, check_target, write
from katagrad.picture import Bars, Boxes, Heat, Line, Mark, Panel, PanelError, Points, check
from katagrad.terminal import Terminal
from tests.runner.test_progress import MEASURE, browse

pytestmark = pytest.mark.timeout(300)

RETURNED = "return Curve(np.append(0, fp) / fp[-1], np.append(0, tp) / tp[-1], np.append(np.inf, scores[last_of_ties]))"
TIES = ("np.trapezoid(tpr, fpr)", "(np.diff(fpr) * tpr[1:]).sum()")
needs_matplotlib = pytest.mark.usefixtures("matplotlib")


@pytest.fixture(name="matplotlib")
def _matplotlib():
    return pytest.importorskip("matplotlib", reason="only nox -s show and nox -s tests have it")


def page_of(checkout, name):
    return checkout.root / ".katagrad" / "pages" / f"{name}.html"


@needs_matplotlib
def test_solved(checkout):
    """The page is written where the command says, and shows what the learner's own functions returned."""
    checkout.solve("roc_auc")
    result = checkout.run("show", "roc_auc")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout == f"written: {page_of(checkout, 'roc_auc')}\n"
    first = page_of(checkout, "roc_auc").read_text(encoding="utf-8")
    assert "exercises/metrics/roc_auc.py" in first
    assert "false positive rate" in first
    assert "Not solved" not in first
    checkout.run("show", "roc_auc")
    assert page_of(checkout, "roc_auc").read_text(encoding="utf-8") == first
    assert (
        not checkout.rows("SELECT * FROM attempts") if (checkout.root / ".katagrad" / "history.db").exists() else True
    )


@pytest.mark.slow
@needs_matplotlib
def test_not_solved(checkout, tmp_path):
    """Wrong answers are drawn as they are, below the rule that breaks first."""
    checkout.solve("roc_auc", TIES)
    target = tmp_path / "page.html"
    result = checkout.run("show", "roc_auc", "--html", str(target), columns=200)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.match(r"Not solved: \d of 8 core rules hold. The first that breaks: .*tie", result.stdout)
    wrong = target.read_text(encoding="utf-8")
    assert "The first that breaks:" in wrong
    checkout.solve("roc_auc")
    checkout.run("show", "roc_auc", "--html", str(target))
    right = target.read_text(encoding="utf-8")
    areas = [re.findall(r"AUC (0\.\d+)", text) for text in (wrong, right)]
    assert areas[0] != areas[1]


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (
            [(RETURNED, 'raise KeyError("fpr")')],
            ["a call that it needs failed", "roc_curve(", "KeyError", "roc_auc.py:"],
        ),
        ([(RETURNED, "raise NotImplementedError")], ["roc_curve is not written yet"]),
        ([(RETURNED, "return None")], ["roc_curve returned None"]),
        ([(RETURNED, "return Curve(np.zeros(3), np.zeros(3), np.zeros(5))")], ["the shapes (4,) and (2,) do not fit"]),
        (
            [(RETURNED, "return Curve(np.full(9, np.nan), np.zeros(9), np.zeros(9))")],
            ["9 of 9 values of x are not finite"],
        ),
        pytest.param([(RETURNED, "while True: pass")], ["stopped"], marks=pytest.mark.slow),
        ([(RETURNED, "import os; os._exit(3)")], ["the process ended itself"]),
        ([("import numpy as np", "import numpy as np; import torch")], ["the file cannot be loaded", "torch"]),
        ([("import numpy as np", "import numpy as np)")], ["the file cannot be loaded", "not valid Python"]),
    ],
    ids=["raises", "unwritten", "none", "shapes", "nan", "endless", "exit", "import", "syntax"],
)
def test_no_picture(checkout, edits, said, tmp_path):
    """What cannot be drawn gets sentences that say which call failed, and no traceback and no page."""
    pytest.importorskip("matplotlib")
    path = checkout.solve("roc_auc", *edits)
    target = tmp_path / "page.html"
    result = checkout.run("show", "roc_auc", "--html", str(target), columns=200)
    assert result.returncode == 1, result.stdout
    assert all(words in result.stdout for words in said), result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert not target.exists()
    assert path.exists()


def test_not_started(checkout):
    """A blank stub is not drawn: the place to begin is named."""
    pytest.importorskip("matplotlib")
    result = checkout.run("show", "roc_auc")
    assert result.returncode == 1
    assert "not started" in result.stdout
    assert "exercises/metrics/roc_auc.py:" in result.stdout


def test_which_katas_have_one(checkout):
    """Without a name, and for a kata without a picture, those that have one are named."""
    for arguments, first in (((), "Name one kata"), (("ndcg",), "metrics/ndcg has no picture.")):
        result = checkout.run("show", *arguments)
        assert result.returncode == 2
        assert result.stdout.startswith(first)
        assert "roc_auc" in result.stdout
    assert checkout.run("show", "roc_uac").returncode == 2


def test_without_matplotlib(monkeypatch, capsys):
    """Where matplotlib is missing, the person reads how to get it."""
    monkeypatch.setattr(show, "find_spec", lambda _: None)
    assert not show.can_draw(Terminal(), "nox -s show -- roc_auc")
    printed = capsys.readouterr().out
    assert "nox -s show -- roc_auc" in printed
    assert "pip install matplotlib" in printed


def test_what_is_no_page_stays(checkout, tmp_path):
    """A page replaces a page, and no other file: what was meant as a kata's name may be an exercise."""
    path = checkout.solve("roc_auc")
    before = path.read_bytes()
    for words in (("show", "roc_auc"), ("compare", "roc_auc"), ("progress",), ("interview",)):
        result = checkout.run(*words, "--html", str(path))
        assert result.returncode in (1, 2)
        assert "is no page" in result.stdout.replace("\n", " ")
    assert path.read_bytes() == before
    with pytest.raises(NotWrittenError, match="no folder"):
        check_target(tmp_path / "missing" / "page.html")
    with pytest.raises(NotWrittenError, match="is a folder"):
        check_target(tmp_path)
    for _ in range(2):
        write(tmp_path / "page.html", "<!DOCTYPE html>\n")
    (tmp_path / "empty.html").touch()
    write(tmp_path / "empty.html", "<!DOCTYPE html>\n")


@pytest.mark.parametrize(
    ("panels", "problem"),
    [
        ([], "at least one Panel"),
        (None, "at least one Panel"),
        ([Panel("", "x", "y", [Mark(1)])], "needs a title"),
        ([Panel("a", "x", "", [Mark(1)])], "names for both axes"),
        ([Panel("a", "x", "y", [])], "is empty"),
        ([Panel("a", "x", "y", [Line([1, 2], [1])])], "do not fit"),
        ([Panel("a", "x", "y", [Line([[1]], [[1]])])], "do not fit"),
        ([Panel("a", "x", "y", [Points([1, 2], [1, np.inf], "b")])], "a: b: 1 of 2 values of y are not finite"),
        ([Panel("a", "x", "y", [Bars([1], [np.nan])])], "not finite"),
        ([Panel("a", "x", "y", [Heat([1.0], "b")])], "do not fit"),
        ([Panel("a", "x", "y", [Heat([[1.0], [1.0, 2.0]], "b")])], "differ in length"),
        ([Panel("a", "x", "y", [Boxes([[1, 2, 3]])])], "do not fit"),
        ([Panel("a", "x", "y", [Mark("b")])], "not made of real numbers"),
        ([Panel("a", "x", "y", [Line([1], [0])], log="y")], "logarithmic"),
        ([Panel("a", "x", "y", [Mark(0)], log="x")], "logarithmic"),
    ],
)
def test_check(panels, problem):
    """What cannot be drawn is found before it is drawn, and the sentence names it."""
    with pytest.raises(PanelError, match=re.escape(problem)):
        check(panels)


def test_check_lets_pass():
    """Each kind of series passes, and so does one that is empty: nothing was alarmed, nothing kept."""
    boxes = Boxes(np.zeros((0, 4)))
    check([Panel("a", "x", "y", [Line([1], [2]), Points([], []), Bars([1], [2]), Heat([[True]], "b"), boxes, Mark(2)])])


@needs_matplotlib
def test_every_kind_is_drawn():
    """Each kind of series leaves something in the SVG; what stands in it is escaped."""
    from katagrad.page.drawing import draw  # noqa: PLC0415

    colour = "var(--series0)"
    kinds = [
        (Line([1, 2], [3, 4], "a <b> & c"), f"stroke: {colour}"),
        (Line([1, 2], [3, 4], "steps", steps=True), f"stroke: {colour}"),
        (Line([1, 2], [3, 4], "faint", faint=True), "stroke-dasharray"),
        (Points([1, 2], [3, 4], "points", large=True), f"fill: {colour}"),
        (Bars([1, 2], [3, 4], "bars"), f"fill: {colour}"),
        (Heat([[0.25, -1.0]], "heat"), ">0.25</text>"),
        (Boxes([[0, 0, 1, 1]], "boxes", texts=["0.9"]), ">0.9</text>"),
        (Mark(1.5, "mark"), "var(--warn)"),
    ]
    for one, drawn in kinds:
        svg = draw(Panel("a <b>", "x & y", "y", [one]), "p")
        assert drawn in svg, one
        assert one.name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in svg
        assert "x &amp; y" in svg
        assert "<b>" not in svg


@pytest.mark.slow
@needs_matplotlib
@pytest.mark.parametrize("kata", ["vif", "roc_auc"])
def test_compare_as_a_page(checkout, tmp_path, kata):
    """The page has the verdict, the growth of time and memory, both texts, and the kata's picture if it has one."""
    path = checkout.solve(kata)
    path.write_text(path.read_text(encoding="utf-8") + "\n\nMINE = '<script>alert(1)</script>'\n", encoding="utf-8")
    target = tmp_path / "page.html"
    result = checkout.run("compare", kata, "--html", str(target))
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.lstrip().startswith("Yours agrees with the reference")
    assert result.stdout.endswith(f"written: {target}\n")
    assert "def vif" not in result.stdout
    text = target.read_text(encoding="utf-8")
    words = re.sub(r"<[^>]+>", "", text)
    assert "Yours agrees with the reference" in words
    assert "milliseconds" in words
    assert "Peak memory" in words
    assert words.count(f"def {kata}(") == 2
    assert ("Drawn from what your functions return" in words) == (kata == "roc_auc")
    for words in ((kata, "--html"), ("--html", kata)):
        result = checkout.run("compare", *words, columns=200)
        assert f"{kata}-compared.html" in result.stdout.splitlines()[-1]
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"""(src|href)="(?!#|data:)|@import|<script|<link|https?://(?!www\.w3\.org)""", text)


@pytest.mark.slow
@needs_matplotlib
@pytest.mark.parametrize("width", [340, 1200])
@pytest.mark.parametrize("dark", [False, True])
def test_page_on_a_phone_and_in_the_dark(checkout, tmp_path, width, dark):
    """On a narrow screen nothing runs over the edge nor gets tiny; in dark mode the paper is dark, the ink light."""
    page, wrapper = tmp_path / "page.html", tmp_path / "wrapper.html"
    assert checkout.run("show", "nms", "--solutions", "--html", str(page)).returncode == 0
    text = json.dumps(page.read_text(encoding="utf-8")).replace("</", "<\\/")
    wrapper.write_text(MEASURE.replace("WIDTH", str(width)).replace("PAGE", text), encoding="utf-8")
    document = browse(tmp_path, wrapper, *(["--blink-settings=preferredColorScheme=0"] if dark else []))
    over, small, paper, ink = html.unescape(re.search(r"<title>([^<]+)", document)[1]).split(";")
    assert int(over) <= 0
    assert int(small) == 0
    light = [sum(map(int, re.findall(r"\d+", colour)[:3])) > 382 for colour in (paper, ink)]
    assert light == ([False, True] if dark else [True, False])
