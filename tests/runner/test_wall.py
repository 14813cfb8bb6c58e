"""What a grader may count on: its arguments as they were, the learner's own objects, a line for what is stopped."""

import ast
import os
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from katagrad.grading.grading import Job, grade
from katagrad.grading.warm import FileText, Grader
from katagrad.katas.catalog import ROOT, Catalog
from katagrad.katas.interface import read_interface
from katagrad.submission import whereabouts
from katagrad.submission.contract import own_parts
from katagrad.submission.limits import Limits
from katagrad.submission.proxy import Interrupted, KataProxy, Source, Submission, SubmissionError
from tests.runner.matrix import Checkout
from tests.runner.submissions import RIGHT, double

SIGNATURES = """
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


def forward(x: np.ndarray) -> Forward: ...
def backward(grad: np.ndarray, cache: object) -> np.ndarray: ...
def pair(x: np.ndarray) -> tuple[float, object]: ...
def maybe(x: np.ndarray) -> object | None: ...
def many(x: np.ndarray) -> list[object]: ...
def layout(x: np.ndarray) -> dict: ...
def change(x: np.ndarray, y: list) -> float: ...
"""
TEXT = (
    SIGNATURES.replace(": ...", ":\n    raise NotImplementedError")
    + """

def layout(x):
    return {"strides": x.strides, "writeable": x.flags.writeable, "sum": float(x.sum())}
"""
)


@pytest.fixture
def loaded(tmp_path):
    """Give what loads a text, beside the functions it needs not care for, and returns its functions."""
    submissions = []

    def load(text="", **options):
        path = tmp_path / "exercises" / "topic" / "kata.py"
        source = Source(path, TEXT + textwrap.dedent(text))
        submission = Submission(source, read_interface(ast.parse(SIGNATURES)), root=tmp_path, **options)
        submissions.append(submission)
        return submission, KataProxy(submission)

    yield load
    for submission in submissions:
        submission.close()


CACHES = {
    "dict that is popped from": ("{'x': x}", "cache.pop('x') if 'x' in cache else -1.0"),
    "list of closures that share": ("[lambda y: shared.append(y) or sum(shared), lambda: shared]", "cache[0](1.0)"),
    "array": ("x", "cache[0]"),
    "tuple": ("(x, shared)", "cache[1] is not None and cache[0]"),
    "number": ("3.5", "cache"),
    "text": ("'here'", "len(cache)"),
    "class": ("dict", "cache is dict"),
    "named tuple": ("Forward(x, None)", "cache.out"),
}


@pytest.mark.parametrize("name", CACHES)
def test_own_objects(loaded, name):
    """What the statement calls an object comes back as the very object, of whatever type, for each backward."""
    made, used = CACHES[name]
    submission, kata = loaded(f"""
    def forward(x):
        global last
        shared = []
        last = {made}
        return Forward(2 * x, last)

    def backward(grad, cache):
        {used}
        return np.array([cache is last, type(cache) is type(last)])
    """)
    x = np.ones(3)
    out, cache = kata.forward(x)
    np.testing.assert_array_equal(out, 2 * x)
    for _ in range(2):
        assert kata.backward(x, cache).all()
    assert submission.changes == {}


def test_own_objects_elsewhere(loaded):
    """An object may be a value of a tuple or a list, or missing."""
    _, kata = loaded("""
    def pair(x):
        return 1.0, {"x": x}

    def maybe(x):
        return {"x": x} if x.size else None

    def many(x):
        return [{}, [], x]

    def backward(grad, cache):
        return np.array([type(cache) is dict])
    """)
    x = np.ones(2)
    assert kata.pair(x)[0] == 1.0
    assert kata.backward(x, kata.pair(x)[1]).all()
    assert kata.maybe(np.empty(0)) is None
    assert kata.backward(x, kata.maybe(x)).all()
    assert [bool(kata.backward(x, one).all()) for one in kata.many(x)] == [True, False, False]


def test_objects_are_let_go(loaded):
    """An object that the grader asks for no longer is let go of, so that large caches do not add up."""
    submission, kata = loaded("""
    import weakref
    class Big: pass
    refs = []

    def forward(x):
        cache = Big()
        refs.append(weakref.ref(cache))
        return Forward(np.array([sum(ref() is not None for ref in refs)]), cache)
    """)
    counts = [int(kata.forward(np.ones(1)).out[0]) for _ in range(20)]
    assert max(counts) <= 20
    submission.begin_rule()
    kata.forward(np.ones(1))
    submission.begin_rule()
    assert int(kata.forward(np.ones(1)).out[0]) <= 4


def test_object_of_a_process_that_ended(loaded):
    """An object that went with its process is told of, and not taken for another."""
    _, kata = loaded("""
    def forward(x):
        return Forward(x, [x])

    def backward(grad, cache):
        return grad

    def change(x, y):
        import os
        os._exit(0)
    """)
    cache = kata.forward(np.ones(1)).cache
    with pytest.raises(SubmissionError, match="ended itself"):
        kata.change(np.ones(1), [])
    kata.forward(np.ones(1))
    with pytest.raises(SubmissionError, match="was lost when its process ended"):
        kata.backward(np.ones(1), cache)


def test_annotations_say_what_is_own():
    """The parts that stay are read from the annotation."""
    interface = read_interface(ast.parse(SIGNATURES))
    own = {name: own_parts(function.returns, interface) for name, function in interface.functions.items()}
    assert own["forward"] == {"out": False, "cache": True}
    assert own["pair"] == [False, True]
    assert (own["maybe"], own["many"], own["backward"], own["layout"]) == (True, [True], False, False)


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x,
        lambda x: x.T,
        np.asfortranarray,
        lambda x: x[::2, ::3],
        lambda x: x[::-1],
        lambda x: np.broadcast_to(x[0], (3, 12)),
        lambda x: x[1:, 2:],
    ],
)
def test_layout(loaded, view):
    """An argument lies in memory as the grader's array does, and may be written where that may."""
    _, kata = loaded()
    array = view(np.arange(96.0).reshape(8, 12))
    for writeable in (array.flags.writeable, False):
        array.flags.writeable = writeable
        told = kata.layout(array)
        assert told == {"strides": array.strides, "writeable": writeable, "sum": array.sum()}


CHANGES = {
    "an element": "x[0] = 7.0",
    "a list's length": "y.append(1)",
    "an array in a list": "y[0][0] = 7.0",
    "the shape": "x.shape = (3, 1)",
    "the type": "y[1] = 2.0",
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes(loaded, name):
    """A changed argument is taken down by its name, and the value still comes back if nobody objects."""
    submission, kata = loaded(f"""
    def change(x, y):
        {CHANGES[name]}
        return 5.0
    """)
    submission.object_to_changes = False
    x, y = np.zeros(3), [np.zeros(2), 2]
    for _ in range(2):
        assert kata.change(x, y=y) == 5.0
    assert submission.changes == {"change": {CHANGES[name][0]}}
    assert (x.shape, x[0], len(y)) == ((3,), 0.0, 2)
    submission.object_to_changes, submission.changes = True, {}
    with pytest.raises(SubmissionError, match="changed its argument"):
        kata.change(x, y)
    assert submission.calls[-1].value == 5.0
    assert kata.change(x, y) == 5.0


def test_arguments_that_stay(loaded):
    """What is no change is not taken for one: NaN, an order of keys, a change that is undone, an error."""
    submission, kata = loaded("""
    def change(x, y):
        x += 1
        x -= 1
        y[0]["a"] = y[0].pop("a")
        if x.size == 1:
            raise ValueError
        return 5.0
    """)
    assert kata.change(np.array([np.nan, 1.0]), [{"a": np.nan, 2: (1, "x")}]) == 5.0
    with pytest.raises(ValueError):
        kata.change(np.array([1.0]), [{"a": 1}])
    assert submission.changes == {}


LOOPS = {
    "python": "while True:\n        x = x + 1",
    "c": "sum(range(10**15))",
    "power": "7 ** 10**9",
    "inner": "inner()",
    "sleep": "__import__('time').sleep(100)",
    "behind except": "while True:\n        try:\n            x + 1\n        except BaseException: pass",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a signal to ask where a process is")
@pytest.mark.parametrize("name", LOOPS)
def test_stopped_line(loaded, name):
    """A call that is stopped tells in which line it was; a second one ends the kata."""
    body = LOOPS[name]
    text = f"""
def change(x, y):
    {body}

def inner():
    while True: pass

def backward(grad, cache):
    while True: pass
"""
    submission, kata = loaded(limits=Limits(call=0.3))
    submission.source = Source(submission.source.path, TEXT + text)
    lines = submission.source.text.split("\n")
    with pytest.raises(SubmissionError, match=r"stopped after .* in line") as stopped:
        kata.change(np.ones(2), [])
    said = lines[stopped.value.line - 1].strip()
    expected = "while True: pass" if name == "inner" else body
    assert said in [line.strip() for line in expected.split("\n")]
    with pytest.raises(SubmissionError, match=r"stopped after .* in line"):
        kata.backward(np.ones(2), None)
    start = time.monotonic()
    for function in (kata.change, kata.forward):
        with pytest.raises(SubmissionError, match="not tried: calls were stopped twice"):
            function(np.ones(2), *([[]] if function is kata.change else []))
    assert submission.process.status is not None
    assert time.monotonic() - start < 5


FRAME = '  File "/home/me/kata.py", line {} in f\n'
SERVING = f'  File "{whereabouts.SERVER}", line 40 in work\n'
THREAD = "Thread 0x1 (most recent call first):\n"
DUMPS = {
    "": 0,
    "nonsense": 0,
    FRAME.format(3): 3,
    FRAME.format(10): 10,
    FRAME.format(11): 0,
    FRAME.format("9" * 100): 0,
    FRAME.format(-3): 0,
    f"{THREAD}{FRAME.format(2)}\n{THREAD}{FRAME.format(5)}{SERVING}": 5,
    f'Current thread 0x1 (most recent call first):\n  File "/lib/x.py", line 1 in g\n{FRAME.format(7)}{SERVING}': 7,
    f'  File "/home/me/other.py", line 4 in f\n{SERVING}': 0,
}


@pytest.mark.parametrize("dump", DUMPS)
def test_where_it_was(dump):
    """The line is that of the thread that answers, of this file, within it; whatever else was written is no line."""
    assert whereabouts.running_line(dump, "/home/me/kata.py", 10) == DUMPS[dump]


def test_where_it_was_under_an_odd_path():
    """A path of other letters is found as it is written in such a dump."""
    dump = '  File "/home/\\u5408 \\xe9/kata.py", line 3 in f\n'
    assert whereabouts.running_line(dump, "/home/合 é/kata.py", 10) == 3


def in_a_process_of_its_own(function, root):
    """Call a function of this file as a command would: where nothing else was graded before."""
    code = f"import sys, pathlib; from tests.runner import test_wall; test_wall.{function}(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(root)], cwd=ROOT, check=True, timeout=100)


def interrupt(root):
    checkout = Checkout.filled(root)
    kata = Catalog(checkout.root).find("first")[0]
    grader = Grader()
    asked = []

    def newer_text():
        asked.append(time.monotonic())
        return len(asked) > 5

    for body in ("while True: pass", "import time\ntime.sleep(100)"):
        text = FileText(Source(kata.exercise, double(body)))
        asked.clear()
        with pytest.raises(Interrupted):
            grader.grade(kata, text, newer_text)
        assert len(asked) < 20
        right = FileText(Source(kata.exercise, RIGHT))
        assert grader.grade(kata, right, lambda: False).state == "solved"
        checkout.fill("first", RIGHT)
        assert grader.changed(kata) is None
    with pytest.raises(Interrupted):
        grade(Job(kata, Source(kata.exercise, double("while True: pass")), seed=0), lambda: True)


def test_interrupt(tmp_path):
    """A grading that is under way ends as soon as somebody has something better to do, and leaves nothing."""
    in_a_process_of_its_own("interrupt", tmp_path / "checkout")


def interrupt_and_ask_again(root):
    checkout = Checkout.filled(root)
    kata = Catalog(checkout.root).find("first")[0]
    grader = Grader()
    text = grader.changed(kata)
    with pytest.raises(Interrupted):
        grader.grade(kata, text, lambda: True)
    assert grader.changed(kata) == text


def test_interrupted_text_is_graded_again(tmp_path):
    """A text whose grading was ended counts as one that was not graded."""
    in_a_process_of_its_own("interrupt_and_ask_again", tmp_path / "checkout")
