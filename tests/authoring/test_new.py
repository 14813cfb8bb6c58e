"""`new` lays the files of a kata and refuses names that are taken; `check` does all that one kata must pass."""

import tomllib

import pytest

from katagrad.authoring.check import words_of
from katagrad.authoring.curriculum import with_kata
from katagrad.authoring.new import NewKataError, signature
from katagrad.katas.catalog import Catalog
from tests.authoring.conftest import CURRICULUM, LIMIT
from tests.authoring.energy import FILES

SIGNATURE = "energy(x: np.ndarray, scale: float = 1.0) -> float"
LISTS = {"README.md", "exercises/README.md", "tests/strength/README.md", "tests/bench/README.md"}
LAID = {*FILES, "exercises/signals/energy.py", "solutions/curriculum.toml"}


def changes(before, after):
    return {path for path in before | after if before.get(path) != after.get(path)}


@pytest.mark.slow
@pytest.mark.timeout(5 * LIMIT)
def test_a_kata_from_nothing(checkout):
    """An author lays a kata, fills it in and checks it; no file of another kata changes."""
    assert checkout.run("readme").returncode == 0
    before = checkout.texts()
    made = checkout.run("new", "signals/energy", SIGNATURE)
    assert made.returncode == 0, made.stdout
    laid = checkout.texts()
    assert changes(before, laid) == LAID
    unfinished = checkout.run("check", "energy")
    assert unfinished.returncode == 1
    assert "x solutions/signals/energy.py:1 still says TODO" in unfinished.stdout
    assert changes(laid, checkout.texts()) == set()
    for path, text in FILES.items():
        checkout.write(path, text)
    path = checkout.root / "solutions/curriculum.toml"
    checkout.write("solutions/curriculum.toml", path.read_text(encoding="utf-8").replace('"TODO', '"Signals'))
    checked = checkout.run("check", "energy")
    assert checked.returncode == 0, checked.stdout
    assert "ok signals/energy: it passes all that CI asks of one kata." in checked.stdout
    after = checkout.texts()
    assert changes(before, after) <= LAID | LISTS | {"tests/strength/signals/energy.json"}
    assert "tests/strength/signals/energy.json" in after
    assert (
        "[energy](signals/energy.py) | The sum of squares of a signal | easy | 5 min"
        in after["exercises/README.md"].decode()
    )
    again = checkout.run("check", "energy")
    assert again.returncode == 0, again.stdout
    assert changes(after, checkout.texts()) == set()


# An edit of one file of the finished kata, the step that tells of it, and its sentence.
FAULTS = {
    "texts": ("solutions/signals/energy.py", "The energy is the sum", "word " * 400, "cut it to 400."),
    "stub": ("exercises/signals/energy.py", "raise NotImplementedError", "return 1.0", "The exercise is filled in."),
    "tests": ("solutions/signals/energy.toml", '"easy"', '"trivial"', "A test of katas fails"),
    "lint": ("tests/graders/signals/test_energy.py", "import pytest\n", "import pytest\nimport sys\n", "The style"),
    "strength": ("solutions/signals/energy.py", "** 2).sum())", "** 2).sum() + 0 * 5)", "not strong enough"),
    "oracle": ("tests/oracles/signals/test_energy.py", "norm(x) ** 2", "norm(x)", "The reference and the library"),
}


@pytest.mark.slow
@pytest.mark.timeout(5 * LIMIT)
@pytest.mark.parametrize("step", FAULTS)
def test_check_stops_at_the_first_step_that_fails(checkout, step):
    """Each step ends the check with a sentence of its own."""
    checkout.run("new", "signals/energy", SIGNATURE)
    for path, text in FILES.items():
        checkout.write(path, text)
    assert checkout.run("stubs", "energy").returncode == 0
    path, before, after, sentence = FAULTS[step]
    text = (checkout.root / path).read_text(encoding="utf-8")
    assert before in text
    checkout.write(path, text.replace(before, after))
    checked = checkout.run("check", "energy")
    assert checked.returncode == 1, checked.stdout
    assert sentence in checked.stdout
    started = [line.partition(": ")[2] for line in checked.stdout.splitlines() if line.startswith("signals/energy: ")]
    assert started[-1] == step


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("regression/least_squares", "'least_squares' is already the name of a kata: regression/least_squares."),
        ("metrics/regression", "'regression' is already the name of a topic. Choose another."),
        ("roc_auc/energy", "'roc_auc' is already the name of a kata: metrics/roc_auc. Choose another topic."),
        ("energy", "'energy' is not a name for a kata: write topic/kata"),
        ("Signals/Energy", "'Signals/Energy' is not a name for a kata"),
        ("signals/class", "'signals/class' is not a name for a kata"),
    ],
)
def test_names_that_are_refused(checkout, name, sentence):
    """A name that is taken, or is none, is refused with a sentence, and nothing is written."""
    before = checkout.texts()
    refused = checkout.run("new", name, SIGNATURE)
    assert refused.returncode == 2
    assert sentence in refused.stdout
    assert checkout.texts() == before


def test_a_file_that_exists(checkout):
    """No file is overwritten."""
    checkout.write("tests/oracles/signals/test_energy.py", "# somebody's\n")
    before = checkout.texts()
    refused = checkout.run("new", "signals/energy", SIGNATURE)
    assert refused.returncode == 2
    assert "tests/oracles/signals/test_energy.py exists already." in refused.stdout
    assert checkout.texts() == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("energy(x)", "does not annotate the parameter 'x'"),
        ("energy(x: np.ndarray)", "does not annotate what is returned"),
        ("energy x", "is not a signature"),
        ("energy(x: np.ndarray) -> float: pass; y = 1", "is not a signature"),
        ("_energy(x: np.ndarray) -> float", "is not the signature of a public function"),
    ],
)
def test_signatures_that_are_refused(text, sentence):
    """What is no signature, or lacks an annotation, is refused with an example."""
    with pytest.raises(NewKataError, match=sentence) as refused:
        signature(text)
    assert "vif(X: np.ndarray) -> np.ndarray" in str(refused.value)


def test_signatures_as_they_stand_in_a_file():
    """`def` and the colon may be there."""
    assert signature("def energy(x: np.ndarray) -> float:").name == "energy"


def test_several_functions_and_result_types(checkout):
    """Each function gets its skeleton, and a type of the kata's own its class; the stub is derived from it."""
    made = checkout.run(
        "new", "metrics/lift", "lift(y: np.ndarray, f: Callable) -> Lift", "best(y: np.ndarray) -> list[Lift] | None"
    )
    assert made.returncode == 0, made.stdout
    text = (checkout.root / "solutions/metrics/lift.py").read_text(encoding="utf-8")
    for part in (
        "class Lift(NamedTuple):",
        "def lift_via_another_idea(",
        "def best_via_another_idea(",
        "import Callable",
    ):
        assert part in text
    compile(text, "lift.py", "exec")
    assert "def best(y: np.ndarray) -> list[Lift] | None:" in (checkout.root / "exercises/metrics/lift.py").read_text()
    assert [kata.path for kata in Catalog(checkout.root).topics[0].katas] == ["metrics/roc_auc", "metrics/lift"]


def katas_of(text, topic):
    return next(entry["katas"] for entry in tomllib.loads(text)["topics"] if entry["name"] == topic)


LAYOUTS = (
    "katas = []",
    'katas = ["a",]',
    'katas = ["a", # x ] "b"\n  "c" # d\n]',
    'katas = [\n  "a",\n  "b"\n]',
)


def test_curriculum_keeps_its_layout():
    """A kata is put at the end of its topic; every other character stays."""
    one = with_kata(CURRICULUM, "metrics", "lift")
    assert one == CURRICULUM.replace('["roc_auc"]', '["roc_auc", "lift"]')
    lines = with_kata(CURRICULUM, "regression", "lift")
    assert lines == CURRICULUM.replace(
        '"least_squares", # collinearity\n', '"least_squares", # collinearity\n    "lift",\n'
    )
    new = with_kata(CURRICULUM, "signals", "energy")
    assert new.startswith(CURRICULUM)
    assert katas_of(new, "signals") == ["energy"]
    for before in LAYOUTS:
        text = f'[[topics]]\nname = "t"\n{before}\n\n[[topics]]\nname = "u"\nkatas = ["z"]\n'
        assert katas_of(with_kata(text, "t", "new"), "t") == [*katas_of(text, "t"), "new"]
        assert katas_of(with_kata(text, "t", "new"), "u") == ["z"]


def test_words_of_a_statement():
    """The docstrings of what a learner sees count, and no others."""
    text = '"""One two."""\n\n\ndef f():\n    """Three."""\n\n\ndef _g():\n    """Four."""\n'
    assert words_of(text + '\n\ndef f_via_g():\n    """Five."""\n') == 3
