"""Every picture, drawn from the reference: its numbers are finite, its axes named, and it is part of no verdict."""

import ast
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from katagrad.authoring.strength.figures import digest
from katagrad.authoring.strength.relevant import without_picture
from katagrad.grading.grading import Job, grade
from katagrad.grading.pictures import has_picture, make_picture
from katagrad.katas.catalog import Catalog
from katagrad.page.document import HERE
from katagrad.picture import FUNCTION, Heat, Mark
from katagrad.submission.proxy import Source

DRAWN = [kata for kata in Catalog().katas if has_picture(kata)]
# Without `--all`, of so many pictures one.
FEW = 8


def pytest_generate_tests(metafunc):
    """Give each test every kata with a picture, or those of them that were named; a few without `--all`."""
    if "kata" in metafunc.fixturenames:
        named = metafunc.config.getoption("kata")
        few = DRAWN if metafunc.config.getoption("everything") else DRAWN[::FEW]
        katas = [kata for kata in Catalog().select(named) if has_picture(kata)] if named else few
        metafunc.parametrize("kata", katas, ids=[kata.path for kata in katas])


def reference(kata):
    return Source(kata.solution, kata.solution.read_text(encoding="utf-8"))


def test_there_are_pictures(request):
    """At least ten katas have one."""
    if request.config.getoption("kata"):
        pytest.skip("only one kata is asked for")
    assert len(DRAWN) >= 10


@pytest.mark.parametrize("seed", [0, 1])
def test_picture_of_the_reference(kata, seed):
    """Its panels can be drawn, have titles of their own, and show more than one value; other seeds work, too."""
    panels = make_picture(kata, reference(kata), seed)
    assert len({panel.title for panel in panels}) == len(panels)
    assert all(len(panel.title) <= 48 for panel in panels)
    assert all(not panel.note or panel.note.endswith(".") for panel in panels)
    for panel in panels:
        several = [one for one in panel.series if not isinstance(one, Mark)]
        names = [one.name for one in several if one.name and not isinstance(one, Heat)]
        assert len(set(names)) == len(names)
        assert len(several) == 1 or len(names) >= 2
        values = [one.values if isinstance(one, Heat) else getattr(one, "y", [0, 1]) for one in several]
        assert any(np.unique(each).size > 1 for each in values)


def test_drawing(kata):
    """It is drawn as SVG in the page's colours, which names its axes and needs nothing else."""
    pytest.importorskip("matplotlib", reason="only nox -s show and nox -s tests have it")
    from katagrad.page.drawing import draw  # noqa: PLC0415
    from katagrad.page.panels import STYLE  # noqa: PLC0415

    known = set(re.findall(r"(--\w+):", STYLE + (HERE / "page.css").read_text(encoding="utf-8")))
    for panel in make_picture(kata, reference(kata)):
        svg = str(draw(panel, "one"))
        assert svg == str(draw(panel, "one"))
        tree = ET.fromstring(svg)
        words = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
        assert {panel.x, panel.y} <= set(words)
        assert set(re.findall(r"var\((--\w+)\)", svg)) <= known
        assert not re.search(r"#fe0[12]|#000000|\bfont-family", svg)
        assert all(each.startswith("one-") for each in re.findall(r'\bid="([^"]*)"', svg))
        ids = re.findall(r'\bid="([^"]*)"', svg)
        assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', svg)) <= {(each, "") for each in ids} | {
            ("", each) for each in ids
        }
        assert set(re.findall(r"https?://[\w.]+", svg)) <= {"http://www.w3.org"}


def test_picture_asks_the_learner(kata):
    """It calls functions of the kata, and all that it needs stands in it: no verdict depends on it."""
    text = kata.grader.read_text(encoding="utf-8")
    node = next(node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == FUNCTION)
    assert [argument.arg for argument in node.args.args] == ["kata", "rng"]
    assert "kata." in ast.unparse(node)
    rest = without_picture(text)
    assert FUNCTION not in {node.name for node in ast.parse(rest).body if isinstance(node, ast.FunctionDef)}
    assert "katagrad.picture" not in rest
    before, after = (compile(each, str(kata.grader), "exec").co_names for each in (text, rest))
    assert "test_" in " ".join(after)
    assert set(after) <= set(before)


def test_picture_is_no_rule(checkout_of):
    """A grader has the same rules with its picture as without."""
    kata, rules = checkout_of("roc_auc"), []
    for text in (kata.grader.read_text(encoding="utf-8"), without_picture(kata.grader.read_text(encoding="utf-8"))):
        kata.grader.write_text(text, encoding="utf-8")
        verdict = grade(Job(kata, reference(kata), seed=0))
        assert verdict.passes
        rules.append([(rule.name, rule.bar) for rule in verdict.rules])
    assert rules[0] == rules[1]
    assert FUNCTION not in dict(rules[0])


@pytest.mark.parametrize("edit", ["note", "whole"])
def test_figures_stay_fresh(checkout_of, edit):
    """A change of a picture, or its removal, leaves the figures of the kata; a change of a rule does not."""
    kata = checkout_of("roc_auc")
    text = kata.grader.read_text(encoding="utf-8")
    before = digest(kata)
    changed = text.replace("Tied scores give one point, so", "So") if edit == "note" else without_picture(text)
    assert changed != text
    kata.grader.write_text(changed, encoding="utf-8")
    assert digest(kata) == before
    kata.grader.write_text(
        changed.replace("assert_close(kata.roc_auc(*tied)", "assert_close(kata.roc_auc(*tied[:])"), encoding="utf-8"
    )
    assert digest(kata) != before


@pytest.fixture
def checkout_of(tmp_path):
    """Give a test a kata whose files it may change."""

    def copied(name):
        kata = Catalog().find(name)[0]
        shared = (kata.root / "solutions" / "curriculum.toml", kata.grader.parents[1] / "conftest.py")
        for path in (kata.solution, kata.grader, kata.table, kata.root / "pyproject.toml", *shared):
            target = tmp_path / path.relative_to(kata.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        return Catalog(tmp_path).find(name)[0]

    return copied
