"""The pages that are made: the transcript is what a run prints, and figures say what they were measured on."""

import shutil
from argparse import Namespace

from katagrad.authoring import readme
from katagrad.authoring import speed as figures
from katagrad.authoring.pages import speed, strength
from katagrad.authoring.pages.transcript import filled_in, transcript
from katagrad.authoring.strength.figures import Figures, attempt_digests, digest, write_figures
from katagrad.katas.catalog import ROOT, Catalog

COUNTS = dict.fromkeys(
    (
        *("mistakes", "mistakes_rejected", "strict_mistakes", "strict_mistakes_rejected", "right", "right_accepted"),
        *("right_attempts", "right_attempts_accepted", "wrong_attempts", "wrong_attempts_refused", "mutants", "killed"),
        *("signed", "survivors", "seeds"),
    ),
    20,
)


def test_transcript():
    """The README's first run is what the command prints on a text with the usual mistake."""
    assert transcript(Catalog()) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_answers_take_the_place_of_what_is_to_be_written(checkout):
    """The text that is graded is the stub with the answer's bodies in it."""
    kata = Catalog(checkout.root).katas[0]
    answer = (ROOT / "tests/attempts/metrics/roc_auc/wrong/one_point_a_row.py").read_text(encoding="utf-8")
    text = filled_in(kata, answer)
    assert "NotImplementedError\n" not in text
    assert "    return float(np.trapezoid(tpr, fpr))\n" in text


def test_lists(checkout):
    """Each kata stands in its topic's table; a second run changes nothing; a page that is behind is named."""
    catalog = Catalog(checkout.root)
    assert readme.run(Namespace(check=False), catalog) == 0
    assert readme.run(Namespace(check=True), catalog) == 0
    page = (checkout.root / "exercises/README.md").read_text(encoding="utf-8")
    assert "[least_squares](regression/least_squares.py) | " in page
    assert "2 katas in 2 topics" in (checkout.root / "README.md").read_text(encoding="utf-8")
    checkout.write("exercises/README.md", page.replace("min", "h"))
    behind = checkout.run("readme", "--check")
    assert behind.returncode == 1
    assert "exercises/README.md is behind the tree" in behind.stdout


def test_figures_say_what_they_were_measured_on(checkout):
    """Pages count the katas that were measured, and mark those whose texts are others by now."""
    catalog = Catalog(checkout.root)
    first, second = catalog.katas
    assert "Measured on 0 of 2 katas.\n" in strength.peers(catalog)
    made = {"candidate; both bars": (1, 2), "candidate": (1, 1), "wrong attempt": (4, 5)}
    write_figures(first, Figures(digest(first), COUNTS, made, measured=attempt_digests(first)), ())
    assert "Measured on 1 of 2 katas.\n" in strength.peers(catalog)
    write_figures(second, Figures("of another text", COUNTS), ())
    assert "Measured on 2 of 2 katas. Of these, 1 has changed since and is marked *." in strength.peers(catalog)
    assert "| regression/least_squares * | 20 of 20 |" in strength.katas(catalog)
    assert "| metrics/roc_auc | 20 of 20 |" in strength.katas(catalog)
    assert "| candidate | 2 of 3 accepted |\n| wrong attempt | 4 of 5 refused |" in strength.attempts(catalog)
    assert "On 2 of 2 katas, the graders refuse 40 of 40 mistakes" in strength.line(catalog)


def test_speed_says_what_it_was_measured_on(checkout):
    """A reference that is slower than the library stands with its reason, and with a mark if it has changed since."""
    catalog = Catalog(checkout.root)
    for kata, ratio in zip(catalog.katas, (0.5, 2.0), strict=True):
        row = {"what": "n", "ratio": ratio, "reason": "Compiled there."}
        figures.write_table(figures.path_of(kata), {"digest": figures.digest(kata), "peers": [row]})
    catalog.katas[1].solution.write_text("# another\n", encoding="utf-8")
    page = speed.peers(catalog)
    assert "Measured on 2 of 2 katas. Of these, 1 has changed since" in page
    assert "Of 2 jobs that a library of the field does too, the references take no longer in 1." in page
    assert "- Compiled there: least_squares * (n) 2.0.\n" in page
    shutil.rmtree(checkout.root / "tests/bench/metrics")
    assert "Measured on 1 of 2 katas." in speed.peers(catalog)
