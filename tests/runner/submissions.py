"""What submissions do: each row a file, the state it must get, and words that the sentences about it must contain.

A file is text, bytes, or a function that makes something of the path. `@ROOT` stands for the checkout, `@TOPIC` for its
one topic, `@NAME` for the row's kata. `needs` says what a row cannot do without: "linux"; "landlock"; "fork", for a
process that is forked; "bare", for one without Landlock; "user", for somebody whom permissions
bind. A state may be one of several where it depends on the machine; none is better than the file deserves.
"""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

SOLUTION = '''
"""Seven small functions."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Extremes(NamedTuple):
    """The least and the greatest number."""

    low: float
    high: float


def double(x: np.ndarray) -> np.ndarray:
    """Double each element; an empty array raises ValueError."""
    if x.size == 0:
        raise ValueError("x is empty")
    return 2 * x


def total(x: np.ndarray) -> float:
    """Sum up."""
    return float(x.sum())


def count(x: np.ndarray) -> int:
    """Count the positive numbers."""
    return int((x > 0).sum())


def extremes(x: np.ndarray) -> Extremes:
    """Find the least and the greatest."""
    return Extremes(float(x.min()), float(x.max()))


def begin(x: np.ndarray) -> object:
    """Begin a sum."""
    return {"sum": x.sum(), "of": begin}


def add(cache: object, by: float) -> float:
    """Add to a sum that was begun."""
    return cache["sum"] + by


def twice(f: Callable, x: float) -> float:
    """Apply a function to its own result."""
    return f(f(x))
'''.lstrip()

GRADER = '''
import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal


@pytest.fixture
def x(rng):
    return rng.normal(size=7)


def test_double(kata, x):
    """Each element is doubled."""
    assert_close(kata.double(x), 2 * x)


def test_empty(kata):
    """An empty array raises ValueError."""
    with pytest.raises(ValueError):
        kata.double(np.empty(0))


def test_total(kata, x):
    """All elements are summed up."""
    assert_close(kata.total(x), x.sum())


def test_count(kata, x):
    """The positive numbers are counted."""
    assert_equal(kata.count(x), sum(number > 0 for number in x.tolist()))


def test_extremes(kata, x):
    """The least and the greatest number are found."""
    found = kata.extremes(x)
    assert_equal(found.low, min(x.tolist()))
    assert_equal(found.high, max(x.tolist()))


def test_cache(kata, x):
    """A sum goes on where it was begun."""
    assert_close(kata.add(kata.begin(x), 3.0), x.sum() + 3.0)


def test_twice(kata):
    """The function is applied to its own result."""
    assert_close(kata.twice(lambda x: x + 1.0, 1.0), 3.0)
'''.lstrip()

RIGHT = SOLUTION
WRONG = SOLUTION.replace("return 2 * x", "return x")


class Row(NamedTuple):
    """One submission and what must come of it."""

    name: str
    submission: str | bytes | Callable[[Path], None]
    state: str
    words: tuple[str, ...] = ()
    needs: str = ""


def first(code: str, text: str = RIGHT) -> str:
    """Return a file that begins with something else."""
    return textwrap.dedent(code).strip() + "\n\n" + text


def last(code: str, text: str = RIGHT) -> str:
    """Return a file that ends with something else, or says again what it said before."""
    return text + "\n\n" + textwrap.dedent(code).strip() + "\n"


def double(body: str, text: str = RIGHT) -> str:
    """Return a file whose `double` does something else with what is not empty."""
    head = 'def double(x):\n    if x.size == 0:\n        raise ValueError("x is empty")\n'
    return last(head + textwrap.indent(textwrap.dedent(body).strip(), "    "), text)


def cheat(code: str) -> str:
    """Return a wrong file that tries something as it is loaded."""
    return last(code, WRONG)


def link_to(target: str) -> Callable[[Path], None]:
    """Return what lays a symbolic link in a file's place."""
    return lambda path: path.symlink_to(target)


def bomb(levels: int) -> str:
    """Return a statement that is short, and takes minutes and gigabytes to compile: each level doubles the code."""
    return "\n".join(
        [f"{' ' * level}try: pass\n{' ' * level}finally:" for level in range(levels)] + [" " * levels + "pass"]
    )


def closed(path: Path) -> None:
    """Lay a file that nobody may read."""
    path.write_text(RIGHT)
    path.chmod(0)


FILES = [
    Row("missing", lambda _: None, "broken", ("is missing", "katagrad reset missing")),
    Row("empty", "", "broken", ("no function double and no total",)),
    Row("comments_only", "# later\n", "broken", ("no function double",)),
    Row("directory", Path.mkdir, "broken", ("a directory",)),
    Row("pipe_in_its_place", getattr(os, "mkfifo", None), "broken", ("not a file",), "linux"),
    Row("endless_device", link_to("/dev/zero"), "broken", ("not a file",), "linux"),
    Row("link_to_itself", lambda path: path.symlink_to(path), "broken", ("cannot be read",), "linux"),
    Row("link_to_nowhere", link_to("nowhere.py"), "broken", ("is missing",), "linux"),
    Row("unreadable", closed, "broken", ("cannot be read", "ermission"), "user"),
    Row("not_utf8", RIGHT.replace("Sum up", "Zähle").encode("latin-1"), "broken", ("not UTF-8 in line 24",)),
    Row("utf16", RIGHT.encode("utf-16"), "broken", ("UTF-16", "UTF-8")),
    Row("null_byte", RIGHT.encode() + b"\0", "broken", ("null byte in line",)),
    Row("byte_order_mark", b"\xef\xbb\xbf" + RIGHT.encode(), "solved"),
    Row("windows_lines", RIGHT.replace("\n", "\r\n").encode(), "solved"),
    Row("old_mac_lines", RIGHT.replace("\n", "\r").encode(), "solved"),
    Row("latin1_declared", b"# coding: latin-1\n# \xe4\n" + RIGHT.encode(), "solved"),
    Row("unknown_encoding", "# coding: no-such\n" + RIGHT, "broken", ("encoding", "UTF-8")),
    Row("encoding_of_no_text", "# coding: rot13\n" + RIGHT, "broken", ("encoding", "UTF-8")),
    Row("encoding_that_fails", "# coding: undefined\n" + RIGHT, "broken", ("encoding", "UTF-8")),
    Row("other_letters", RIGHT.replace("Sum up", "Суммируй, 合計, 🧮"), "solved"),
    Row("enormous", RIGHT + "#" * 2**23, "broken", ("larger than 1 MiB",)),
    Row(
        "syntax_error",
        last("def total(x) return x.sum()"),
        "broken",
        ("not valid Python", "@NAME.py:53", "total(x) return"),
    ),
    Row("half_saved", RIGHT[: RIGHT.index("x.min()") + 5], "broken", ("never closed", "@NAME.py:")),
    Row("tabs_and_spaces", last("def total(x):\n        y = x\n\treturn y"), "broken", ("tabs and spaces",)),
    Row("nested_beyond_parsing", last("y = " + "(" * 5000), "broken", ("not valid Python", "parentheses")),
    Row("long_beyond_parsing", last("y = 1" + "+1" * 100_000), "broken", ("not valid Python",)),
    Row("deep_beyond_parsing", last("y = " + "-" * 100_000 + "1"), "broken", ("not valid Python",)),
    Row("compile_bomb", last(bomb(20)), "broken", ("stopped after",)),
    Row("compile_bomb_in_a_stub", "def double(x):\n    raise NotImplementedError\n\n" + bomb(20), "not started"),
    Row("doubtful_syntax", last(r'y = "\d" is "\d"'), "solved"),
    Row("return_outside", last("return 3"), "broken", ("'return' outside function",)),
    Row("future_import", first("from __future__ import annotations"), "solved"),
    Row("untouched_stub", "STUB", "not started"),
    Row("half_done", last("def total(x):\n    raise NotImplementedError"), "failing", ("total is not written yet",)),
    Row("all_in_one_line", 'exec("""' + RIGHT.replace('"""', "'''") + '""")', "solved"),
]

IMPORTS = [
    Row(
        "imports_missing_package",
        first("import nosuchpackage"),
        "broken",
        ("nosuchpackage", "only NumPy and the standard library"),
    ),
    Row("imports_scikit_learn", first("from sklearn.metrics import auc"), "broken", ("scikit-learn", "not at hand")),
    Row(
        "imports_scipy",
        double("from scipy.stats import rankdata\nreturn rankdata(x)"),
        "failing",
        ("SciPy", "not at hand"),
    ),
    Row("imports_solution", first("from solutions.@TOPIC.@NAME import *"), "broken", ("solutions is closed",)),
    Row("imports_grader", first("import tests.graders.@TOPIC.test_@NAME as grader"), "broken", ("tests is closed",)),
    Row("imports_runner", first("import katagrad.testing"), "broken", ("katagrad is closed",)),
    Row("imports_pytest", first("import pytest"), "broken", ("pytest",)),
    Row("imports_neighbour", first("from .right_1 import *"), "broken", ("relative import",)),
    Row("imports_itself", double("import @NAME\nreturn 2 * x if @NAME.double else x"), "solved"),
    Row(
        "imports_standard_library",
        first("import collections, decimal, heapq, itertools, math, random, statistics, tkinter.font as _\n").replace(
            ", tkinter.font as _", ""
        ),
        "solved",
    ),
    Row(
        "imports_numpy",
        first("import numpy.fft, numpy.polynomial, numpy.testing, numpy.ma\nfrom numpy.linalg import svd"),
        "solved",
    ),
]

INTERFACE = [
    Row("name_missing", RIGHT.replace("def total", "def totals"), "broken", ("no function total.",)),
    Row("name_is_no_function", last("total = 3"), "broken", ("no function total.",)),
    Row("name_deleted", last("del total"), "broken", ("no function total.",)),
    Row("name_deleted_later", double("globals().pop('total', None)\nreturn 2 * x"), "failing", ("total",)),
    Row(
        "too_few_parameters",
        last("def add(cache):\n    return 0"),
        "failing",
        ("takes 1 positional argument but 2 were given",),
    ),
    Row(
        "too_many_parameters",
        last("def add(cache, by, more):\n    return 0"),
        "failing",
        ("missing 1 required", "'more'"),
    ),
    Row("lambdas", last("total = lambda x: float(x.sum())"), "solved"),
    Row(
        "class_for_function",
        last("class total(float):\n    def __new__(cls, x):\n        return float(x.sum())"),
        "solved",
    ),
    Row("coroutine", last("async def total(x):\n    return x.sum()"), "failing", ("coroutine", "expected a number")),
    Row(
        "generator_function",
        last("def double(x):\n    yield from 2 * x"),
        "failing",
        ("a generator", "expected an array"),
    ),
    Row("decorated", last("import functools\ntotal = functools.lru_cache(lambda x: 0)"), "failing", ("unhashable",)),
]

RETURNS = [
    Row("returns_none", double("2 * x"), "failing", ("double returned None", "expected an array")),
    Row("returns_string", double("return str(2 * x)"), "failing", ("double returned a str",)),
    Row(
        "returns_complex",
        last("def total(x):\n    return complex(x.sum())"),
        "failing",
        ("a complex", "expected a number"),
    ),
    Row("returns_complex_array", double("return 2j * x"), "failing", ("complex numbers",)),
    Row("returns_nan", last("def total(x):\n    return float('nan')"), "failing", ("expected", "nan")),
    Row("returns_nan_payload", double("return np.full(7, 0x7ff8dead_beef0001).view(float)"), "failing", ("nan",)),
    Row("returns_infinity", last("def count(x):\n    return float('inf')"), "failing", ("expected a whole number",)),
    Row("returns_list", double("return [2 * number for number in x.tolist()]"), "solved"),
    Row("returns_tuple", double("return tuple(2 * x)"), "solved"),
    Row("returns_ragged_list", double("return [[1.0], [1.0, 2.0]]"), "failing", ("rows differ in length",)),
    Row("returns_list_of_none", double("return [None] * 7"), "failing", ("expected an array",)),
    Row("returns_list_of_words", double("return ['two'] * 7"), "failing", ("real numbers are expected",)),
    Row("returns_0d_for_number", last("def total(x):\n    return np.array(x.sum())"), "solved"),
    Row(
        "returns_1d_for_number",
        last("def total(x):\n    return x.sum(keepdims=True)"),
        "failing",
        ("shape (1,)", "a number"),
    ),
    Row("returns_number_for_array", double("return 2.0"), "failing", ("the shape is (), expected (7,)",)),
    Row("returns_wrong_shape", double("return 2 * x[:, None]"), "failing", ("the shape is (7, 1), expected (7,)",)),
    Row("returns_truncated", double("return (2 * x).astype(int)"), "failing", ("Each element is doubled", "expected")),
    Row("returns_single_precision", double("return 2 * x.astype(np.float32)"), "failing", ("Each element is doubled",)),
    Row("returns_objects", double("return (2 * x).astype(object)"), "failing", ("objects", "expected an array")),
    Row("returns_structured", double("return np.zeros(7, 'f8,f8')"), "failing", ("expected an array",)),
    Row("returns_dates", double("return np.zeros(7, 'M8[s]')"), "failing", ("expected an array",)),
    Row("returns_empty_words", double("return np.zeros(7, 'U0')"), "failing", ("double",)),
    Row("returns_generator", double("return (2 * number for number in x)"), "failing", ("a generator", "an array")),
    Row("returns_range", double("return range(7)"), "failing", ("a range", "an array")),
    Row("returns_set", double("return set(2 * x)"), "failing", ("a set", "an array")),
    Row(
        "returns_fraction",
        last("def total(x):\n    from fractions import Fraction\n    return Fraction(x.sum())"),
        "failing",
        ("a Fraction", "a number"),
    ),
    Row("returns_function", double("return double"), "failing", ("a function", "an array")),
    Row("returns_class", double("return dict"), "failing", ("a type", "an array")),
    Row("returns_subclass", double("class Mine(np.ndarray): pass\nreturn (2 * x).view(Mine)"), "solved"),
    Row("returns_matrix", double("return np.matrix(2 * x)"), "failing", ("(1, 7)",)),
    Row("returns_masked", double("return np.ma.masked_less(2 * x, 0)"), "failing", ("a MaskedArray", "an array")),
    Row("returns_view", double("return np.repeat(2 * x, 2)[::2]"), "solved"),
    Row("returns_other_byte_order", double("return (2 * x).astype('>f8')"), "solved"),
    Row("returns_read_only", double("y = 2 * x\ny.flags.writeable = False\nreturn y"), "solved"),
    Row(
        "returns_numpy_scalars",
        last("def total(x):\n    return x.sum()\ndef count(x):\n    return np.float64((x > 0).sum())"),
        "solved",
    ),
    Row("returns_bool_for_count", last("def count(x):\n    return (x > 0).sum() != 1"), "failing", ("counted",)),
    Row("returns_plain_tuple", last("def extremes(x):\n    return x.min(), x.max()"), "solved"),
    Row("returns_dict_of_fields", last("def extremes(x):\n    return {'high': x.max(), 'low': x.min()}"), "solved"),
    Row(
        "returns_three_values",
        last("def extremes(x):\n    return 1.0, 2.0, 3.0"),
        "failing",
        ("3 values, expected 2", "Extremes(low"),
    ),
    Row("returns_one_value", last("def extremes(x):\n    return x.min()"), "failing", ("Extremes(low, high)",)),
    Row("returns_swapped", last("def extremes(x):\n    return Extremes(x.max(), x.min())"), "failing", (".low",)),
    Row("returns_big_integer", last("def count(x):\n    return 10**400"), "failing", ("counted",)),
    Row("returns_endless_integer", last("def count(x):\n    return 10**5000"), "failing", ("digits",)),
    Row(
        "returns_endless_integer_unlimited",
        last("import sys\ndef count(x):\n    sys.set_int_max_str_digits(0)\n    return 10**5000"),
        "failing",
        ("digits",),
    ),
    Row("returns_mixed_big_integers", double("return [10**400, 1.5]"), "failing", ("double returned",)),
    Row("returns_nested_lists", double("y = []\nfor _ in range(1000):\n    y = [y]\nreturn y"), "failing", ("nested",)),
    Row("returns_itself_within", double("y = []\ny.append(y)\nreturn y"), "failing", ("nested",)),
    Row(
        "returns_bushy_list",
        last("def begin(x):\n    y = 0\n    for _ in range(3):\n        y = [y] * 24\n    return y"),
        "failing",
    ),
    Row("returns_long_list", double("return [0.0] * 10**5"), "failing", ("(100000,), expected (7,)",)),
    Row("returns_long_words", double("return 'long ' * (7 * 10**6)"), "failing", ("too large",)),
    Row("returns_huge_array", double("return np.zeros(10**8)"), "failing", ("too large",)),
    Row("returns_half_a_character", double(r"return '\ud800'"), "failing", ("a str",)),
    Row(
        "returns_always_equal",
        double("""
        class Equal:
            __eq__ = __le__ = __ge__ = lambda self, other: True
            __array_priority__ = 1e9
            __ne__ = lambda self, other: False
        return Equal()
        """),
        "failing",
        ("an Equal", "an array"),
    ),
    Row(
        "returns_own_array",
        double("class Own:\n    def __array__(self, *_, **__): return 2 * x\nreturn Own()"),
        "failing",
        ("an Own",),
    ),
    Row(
        "returns_own_float",
        last("class Own:\n    def __float__(self): return 0.0\ndef total(x):\n    return Own()"),
        "failing",
        ("an Own",),
    ),
    Row(
        "returns_lying_float",
        last("class Own(float):\n    __eq__ = lambda *_: True\n    __hash__ = None\ndef total(x):\n    return Own(0)"),
        "failing",
        ("expected", "0.0"),
    ),
    Row(
        "returns_lying_class",
        last("class Own:\n    __class__ = float\ndef total(x):\n    return Own()"),
        "failing",
        ("an Own",),
    ),
    Row(
        "returns_raising_class",
        last("class Own:\n    @property\n    def __class__(self): raise SystemExit\ndef total(x):\n    return Own()"),
        "failing",
        ("an Own",),
    ),
    Row(
        "returns_hanging_repr",
        last(
            "class Own:\n    def __repr__(self):\n        while True: pass\n    __str__ = __repr__\n"
            "def total(x):\n    return Own()"
        ),
        "failing",
        ("an Own",),
    ),
    Row(
        "returns_raising_repr",
        last(
            "class Own:\n    def __repr__(self): raise SystemExit\n    __getattribute__ = __repr__\n"
            "def begin(x):\n    return Own()"
        ),
        "failing",
        ("sum goes on",),
    ),
    Row(
        "returns_evil_tuple",
        last("""
        class Evil(tuple):
            _fields = property(lambda self: 1 / 0)
            low = high = property(lambda self: 1 / 0)
            def __iter__(self): raise SystemExit
            def __len__(self): return 10**9
        def extremes(x):
            return Evil((x.min(), x.max()))
        """),
        "solved",
    ),
    Row(
        "returns_evil_fields",
        last("""
        class Evil(tuple):
            _fields = ("low", "high")
            low = property(lambda self: __import__("os")._exit(0))
        def extremes(x):
            return Evil((1.0, 2.0))
        """),
        "failing",
        (".low",),
    ),
    Row(
        "returns_evil_dict",
        last("""
        class Evil(dict):
            def items(self): return iter(int, 1)
            __iter__ = keys = items
        def extremes(x):
            return Evil(low=x.min(), high=x.max())
        """),
        "solved",
    ),
    Row(
        "returns_evil_metaclass",
        last("""
        class Meta(type):
            @property
            def __name__(cls): raise SystemExit
            def __instancecheck__(cls, other): return True
        class Own(metaclass=Meta): pass
        def total(x):
            return Own()
        """),
        "failing",
        ("total returned",),
    ),
    Row(
        "returns_enormous_name",
        last("def total(x):\n    return type('N\\x1b[2J' * 10**5, (), {})()"),
        "failing",
        ("total returned",),
    ),
    Row(
        "changes_argument",
        double("x *= 2\nreturn x"),
        "failing",
        ("changed its argument x in place", "Arguments stay as they were"),
    ),
    Row("changes_argument_and_back", double("x *= 2\ny = x.copy()\nx /= 2\nreturn y"), "solved"),
    Row("keeps_arguments", double("global seen\nseen = x\nreturn 2 * seen"), "solved"),
]

PRINTING = [
    Row("prints_ten_megabytes", double("for _ in range(10**5):\n    print('x' * 100)\nreturn 2 * x"), "solved"),
    Row("prints_while_loading", first("print('x' * 10**7)"), "solved"),
    Row("prints_before_it_is_wrong", double("print('x is', x.size)\nreturn x"), "failing", ("x is 7", "Each element")),
    Row("prints_to_stderr", double("import sys\nsys.stderr.write('here')\nreturn x"), "failing", ("here",)),
    Row("prints_bytes", double("import os\nos.write(1, bytes(range(256)))\nreturn x"), "failing", ("Each element",)),
    Row(
        "prints_escapes",
        double("print('\\x1b[2J\\x1b[1;1Hok @TOPIC/@NAME   solved', '\\x07\\x00\\x9b31m')\nreturn x"),
        "failing",
        ("solved",),
    ),
    Row("prints_half_a_character", double("print('\\ud800')\nreturn x"), "failing", ("Each element",)),
    Row("prints_no_line", double("import sys\nsys.stdout.write('no end')\nreturn x"), "failing", ("no end",)),
    Row("replaces_stdout", first("import io, sys\nsys.stdout = io.StringIO()\nsys.stderr = None"), "solved"),
    Row(
        "replaces_stdout_by_a_trap",
        first(
            "import sys\nclass Trap:\n    def __getattr__(self, name): raise SystemExit(name)\n"
            "sys.stdout = sys.stderr = Trap()"
        ),
        "solved",
    ),
    Row("closes_stdout", double("import sys\nsys.stdout.close()\nsys.stderr.close()\nreturn 2 * x"), "solved"),
    Row(
        "closes_descriptor_1",
        double("import os\nos.close(1)\nprint(x)\nreturn 2 * x"),
        "failing",
        ("Bad file descriptor",),
    ),
    Row("closes_standard_descriptors", first("import os\nos.closerange(0, 3)"), "solved"),
    Row(
        "closes_all_descriptors",
        double("import os\nos.closerange(0, 4096)\nreturn 2 * x"),
        "crashed",
        ("closed the pipe",),
    ),
    Row("reads_input", double("return float(input('x? ')) * x"), "failing", ("EOF",)),
    Row("reads_all_of_stdin", double("import sys\nreturn 2 * x if sys.stdin.read() == '' else x"), "solved"),
    Row(
        "left_a_breakpoint",
        double("breakpoint()\nreturn 2 * x"),
        "failing",
        ("breakpoint() does not stop while grading",),
    ),
    Row("raises_escapes", double(r"raise RuntimeError('\x1b[2J\ud800\x00')"), "failing", ("RuntimeError",)),
    Row("raises_megabytes", double("raise RuntimeError('long ' * 10**6)"), "failing", ("RuntimeError: long",)),
    Row(
        "raises_what_hangs",
        double("class Own(Exception):\n    def __str__(self):\n        while True: pass\nraise Own"),
        "timed out",
        ("stopped after",),
    ),
    Row(
        "raises_what_exits",
        double("class Own(Exception):\n    def __str__(self): raise SystemExit\nraise Own"),
        "failing",
        ("Own",),
    ),
    Row("raises_group", double("raise ExceptionGroup('two', [ValueError(1), KeyError(2)])"), "failing", ("two",)),
    Row("raises_base_exception", double("raise BaseException('bare')"), "failing", ("BaseException: bare",)),
    Row("raises_stop_iteration", double("return next(iter(()))"), "failing", ("StopIteration",)),
    Row("raises_generator_exit", double("raise GeneratorExit"), "failing", ("GeneratorExit",)),
    Row(
        "raises_a_false_name",
        last("class ValueError(Exception): pass\ndef double(x):\n    raise ValueError"),
        "failing",
        ("An empty array",),
    ),
    Row(
        "raises_own_value_error",
        RIGHT.replace("raise ValueError", "class Own(ValueError): pass\n        raise Own"),
        "solved",
    ),
    Row("raises_odd_unicode_error", double("return b'\\xff'.decode()"), "failing", ("UnicodeDecodeError",)),
    Row(
        "raises_from_the_callback",
        last("def twice(f, x):\n    return f('x')"),
        "failing",
        ("applied to its own result",),
    ),
]

ENDLESS = [
    Row("loops", double("while True: pass"), "timed out", ("Each element", "stopped after")),
    Row("loops_while_loading", last("while True: pass"), "broken", ("Loading the file was stopped after",)),
    Row("loops_in_c", double("return sum(range(10**15))"), "timed out", ("stopped after",)),
    Row("loops_in_c_while_loading", last("sum(range(10**15))"), "broken", ("stopped after",)),
    Row("loops_in_a_power", double("return 7 ** (10**9)"), "timed out", ("stopped after",)),
    Row(
        "loops_behind_except",
        double("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
        "timed out",
        ("stopped after",),
    ),
    Row(
        "loops_in_a_thread",
        double("import threading\nt = threading.Thread(target=lambda: sum(iter(int, 1)))\nt.start()\nt.join()"),
        "timed out",
        ("stopped after",),
    ),
    Row(
        "loops_in_a_lasting_thread",
        double(
            "import threading\ndef spin():\n    while True: pass\nthreading.Thread(target=spin).start()\nreturn 2 * x"
        ),
        "solved",
    ),
    Row(
        "loops_at_exit", last("import atexit, threading\n@atexit.register\ndef spin():\n    while True: pass"), "solved"
    ),
    Row(
        "loops_in_a_callback",
        last("def twice(f, x):\n    while True: x = f(x)"),
        "timed out",
        ("stopped after", "own result"),
    ),
    Row(
        "loops_in_a_destructor",
        double("class Own:\n    def __del__(self):\n        while True: pass\nOwn()"),
        "timed out",
        ("stopped after",),
    ),
    Row(
        "loops_in_a_flush",
        first(
            "import sys\nclass Out:\n    write = print\n    def flush(self):\n        while True: pass\n"
            "sys.stdout = Out()"
        ),
        "broken",
        ("stopped after",),
    ),
    Row("sleeps", double("import time\ntime.sleep(1000)"), "timed out", ("stopped after",)),
    Row("sleeps_while_loading", last("import time\ntime.sleep(1000)"), "broken", ("stopped after",)),
    Row(
        "waits_for_a_lock",
        double("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"),
        "timed out",
    ),
    Row("waits_for_a_pipe", double("import os\nreturn os.read(os.pipe()[0], 1)"), "timed out", ("stopped after",)),
    Row(
        "stops_itself",
        double("import signal\nsignal.raise_signal(signal.SIGSTOP)\nreturn 2 * x"),
        "timed out",
        (),
        "linux",
    ),
    Row("recursion", double("return double(x)"), "failing", ("RecursionError", "@NAME.py:")),
    Row(
        "recursion_unlimited",
        double("import sys\nsys.setrecursionlimit(10**9)\nreturn double(x)"),
        "timed out or failing or crashed",
    ),
    Row(
        "recursion_in_c",
        double("import sys\nsys.setrecursionlimit(10**9)\ny = None\nfor _ in range(3 * 10**5):\n    y = (y,)\nhash(y)"),
        "crashed",
        ("crashed",),
        "linux",
    ),
    Row(
        "hash_of_a_long_text",
        double("import re\nreturn re.match('(a+)+$', 'a' * 60 + 'b')"),
        "timed out",
        ("stopped after",),
    ),
]

ENDING = [
    Row("sys_exit", double("import sys\nsys.exit(0)"), "failing", ("SystemExit",)),
    Row("sys_exit_while_loading", last("import sys\nsys.exit(0)"), "broken", ("SystemExit",)),
    Row("sys_exit_first", first("import sys\nsys.exit()"), "broken", ("SystemExit",)),
    Row("quits", double("quit()"), "failing", ("quit",)),
    Row("os_exit", double("import os\nos._exit(0)"), "crashed", ("ended itself", "exit status 0")),
    Row("os_exit_while_loading", last("import os\nos._exit(0)"), "broken", ("ended itself", "exit status 0")),
    Row(
        "os_exit_in_a_thread",
        double("import os, threading\nthreading.Thread(target=os._exit, args=[7]).start()\nthreading.Event().wait()"),
        "crashed",
        ("exit status 7",),
    ),
    Row("keyboard_interrupt", double("raise KeyboardInterrupt"), "failing", ("KeyboardInterrupt",)),
    Row("keyboard_interrupt_while_loading", last("raise KeyboardInterrupt"), "broken", ("KeyboardInterrupt",)),
    Row(
        "system_exit_in_a_destructor",
        double("class Own:\n    def __del__(self): raise SystemExit\nOwn()\nreturn 2 * x"),
        "solved",
    ),
    Row("aborts", double("import os\nos.abort()"), "crashed", ("aborted",), "linux"),
    Row("aborts_while_loading", last("import os\nos.abort()"), "broken", ("aborted",), "linux"),
    Row(
        "segmentation_fault",
        double("import faulthandler\nfaulthandler._sigsegv()"),
        "crashed",
        ("segmentation fault",),
        "linux",
    ),
    Row("null_pointer", double("import ctypes\nctypes.string_at(0)"), "crashed", ("segmentation fault",), "linux"),
    Row("kills_itself", double("import signal\nsignal.raise_signal(signal.SIGKILL)"), "crashed", ("killed",), "linux"),
    Row(
        "terminates_itself",
        double("import signal\nsignal.raise_signal(signal.SIGTERM)"),
        "crashed",
        ("signal 15",),
        "linux",
    ),
    Row(
        "alarm",
        double("import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\ntime.sleep(9)"),
        "crashed",
        ("signal 14",),
        "linux",
    ),
    Row("huge_array", double("return np.ones(10**11) * x"), "failing", ("MemoryError", "Unable to allocate")),
    Row("huge_array_while_loading", last("table = np.ones((10**6, 10**5))"), "broken", ("MemoryError", "@NAME.py:")),
    Row(
        "grows_without_end",
        double("y = []\nwhile True: y.append(np.empty(2**25))"),
        "failing",
        ("MemoryError",),
        "linux",
    ),
    Row(
        "writes_without_end",
        double("with open('big', 'wb') as f:\n    f.truncate(2**40)\nreturn 2 * x"),
        "failing",
        ("File too large",),
        "linux",
    ),
]

PROCESSES = [
    Row(
        "forks",
        double("import os\nif os.fork() == 0: os._exit(0)\nreturn 2 * x"),
        "failing",
        ("starts no other processes",),
        "linux",
    ),
    Row(
        "starts_a_program",
        double("import subprocess\nsubprocess.run(['true'])\nreturn 2 * x"),
        "failing",
        ("no other processes",),
    ),
    Row("starts_a_shell", double("import os\nos.system('true')\nreturn 2 * x"), "failing", ("no other processes",)),
    Row(
        "starts_a_pool",
        double("import multiprocessing as m\nwith m.Pool(2) as p: return p.map(abs, x)"),
        "failing",
        ("PermissionError",),
    ),
    Row(
        "opens_a_connection",
        double("import urllib.request\nurllib.request.urlopen('http://localhost:9')"),
        "failing",
        ("no connections",),
    ),
    Row(
        "signals_its_parent",
        double("import os\nos.kill(os.getppid(), 9)\nreturn 2 * x"),
        "failing",
        ("sends no signals",),
    ),
    Row("signals_its_group", double("import os\nos.killpg(0, 15)\nreturn 2 * x"), "failing", ("sends no signals",)),
    Row(
        "limits_its_parent",
        double("import os, resource as r\nr.prlimit(os.getppid(), r.RLIMIT_CPU, (0, 0))\nreturn 2 * x"),
        "failing",
        ("PermissionError",),
        "linux",
    ),
    Row(
        "loads_a_library",
        double("import ctypes\nctypes.CDLL(None).fork()\nreturn 2 * x"),
        "failing",
        ("no C libraries",),
    ),
    Row(
        "leaves_a_child",
        double("""
        import subprocess, sys
        sys.audit = lambda *_: None
        subprocess.Popen(["sleep", "1000"], close_fds=False, start_new_session=True)
        return 2 * x
        """),
        "solved",
        (),
        "bare",
    ),
    Row(
        "leaves_a_grandchild",
        double("""
        import subprocess, sys
        sys.audit = lambda *_: None
        subprocess.run(["sh", "-c", "setsid sleep 1000 & setsid sleep 1000 &"], close_fds=False)
        return 2 * x
        """),
        "solved",
        (),
        "bare",
    ),
    Row(
        "leaves_a_child_and_dies",
        double("""
        import os, subprocess, sys
        sys.audit = lambda *_: None
        subprocess.Popen(["sleep", "1000"], close_fds=False, start_new_session=True)
        os._exit(3)
        """),
        "crashed",
        ("exit status 3",),
        "bare",
    ),
    Row(
        "program_behind_the_hook",
        double("""
        import subprocess, sys
        sys.audit = lambda *_: None
        subprocess.run(["sh", "-c", "true"])
        return 2 * x
        """),
        "failing",
        ("Permission denied",),
        "landlock",
    ),
    Row(
        "child_answers",
        last(
            """
        import subprocess, sys, threading
        sys.audit = lambda *_: None
        frame = sys._getframe()
        while "replies" not in vars(frame.f_locals.get("self", frame)) if "self" in frame.f_locals else True:
            frame = frame.f_back
        serve = frame.f_locals["self"].serve
        threading.Thread(target=lambda: subprocess.Popen(["true"], preexec_fn=serve)).start()
        """,
            WRONG,
        ),
        "failing or crashed or timed out or broken",
        (),
        "fork",
    ),
]

SURROUNDINGS = [
    Row(
        "handles_signals",
        first("import signal\nfor s in (2, 10, 12, 14, 15):\n    signal.signal(s, signal.SIG_IGN)"),
        "solved",
        (),
        "linux",
    ),
    Row("numpy_raises", first("import numpy as np\nnp.seterr(all='raise')"), "solved"),
    Row("numpy_seeds", double("np.random.seed(0)\nnp.random.random()\nreturn 2 * x"), "solved"),
    Row(
        "numpy_prints_otherwise",
        first("import numpy as np\nnp.set_printoptions(precision=1, formatter={'all': repr})"),
        "solved",
    ),
    Row("warnings_are_errors", first("import warnings\nwarnings.simplefilter('error')"), "solved"),
    Row("warns", double("import warnings\nfor n in range(999): warnings.warn(f'{n}')\nreturn 2 * x"), "solved"),
    Row(
        "warns_as_error",
        double("import warnings\nwarnings.simplefilter('error')\nwarnings.warn('well')"),
        "failing",
        ("UserWarning: well",),
    ),
    Row("changes_directory", first("import os\nos.chdir('/')"), "solved"),
    Row("removes_its_files", first("import os\nopen('a', 'w').close()\nos.remove('a')"), "solved"),
    Row(
        "reads_its_own_text",
        first("import inspect") + last("assert 'empty' in inspect.getsource(double)", ""),
        "solved",
    ),
    Row(
        "digs_directories",
        double("import os\nfor _ in range(200):\n    os.mkdir('d')\n    os.chdir('d')\nreturn 2 * x"),
        "solved",
    ),
    Row("locks_directories", first("import os\nos.makedirs('a/b')\nos.chmod('a', 0)\nos.umask(0o777)"), "solved"),
    Row(
        "writes_its_own_files",
        first(
            "import pathlib, tempfile\npathlib.Path('notes').write_text('x')\n"
            "with tempfile.NamedTemporaryFile() as f: f.write(b'x')"
        ),
        "solved",
    ),
    Row(
        "writes_to_null", double("import os\nwith open(os.devnull, 'w') as f: print(x, file=f)\nreturn 2 * x"), "solved"
    ),
    Row("clears_the_environment", first("import os\nos.environ.clear()"), "solved"),
    Row("clears_modules", last("import sys\nsys.modules.clear()"), "solved or failing"),
    Row(
        "deletes_numpy",
        last("import sys\nfor name in [n for n in sys.modules if n.startswith('numpy')]: del sys.modules[name]"),
        "failing",
        ("ImportError",),
    ),
    Row("clears_the_path", first("import sys\nsys.path.clear()\nsys.meta_path.clear()\nsys.argv.clear()"), "solved"),
    Row(
        "replaces_builtins",
        last(
            "import builtins\nfor n in ('len', 'isinstance', 'list', 'dict', 'sum', 'print', 'open', 'zip', 'type', "
            "'getattr', 'str', 'any', 'min'): setattr(builtins, n, None)"
        ),
        "solved",
    ),
    Row("replaces_import", last("import builtins\nbuiltins.__import__ = None"), "solved or failing"),
    Row(
        "replaces_numpy",
        last(
            "import numpy\nfor n in ('asarray', 'array', 'ndarray', 'generic', 'dtype', 'frombuffer', 'empty'):\n"
            "    setattr(numpy, n, None)"
        ),
        "solved",
    ),
    Row(
        "replaces_json_and_struct",
        last(
            "import json, struct, linecache, traceback\njson.dumps = json.loads = struct.Struct = struct.pack = None\n"
            "linecache.cache = traceback.extract_tb = None"
        ),
        "solved",
    ),
    Row(
        "replaces_time",
        last("import time\ntime.time = time.perf_counter = time.process_time = time.monotonic = None"),
        "solved",
    ),
    Row("replaces_os", last("import os\nos._exit = os.fsdecode = os.path.realpath = os.write = None"), "solved"),
    Row(
        "replaces_excepthooks",
        last("import sys, threading\nsys.excepthook = threading.excepthook = sys.unraisablehook = None"),
        "solved",
    ),
    Row("traces", first("import sys\nsys.settrace(lambda *_: None)\nsys.setprofile(lambda *_: None)"), "solved"),
    Row("no_garbage_collection", first("import gc\ngc.disable()\ngc.freeze()\ngc.set_threshold(1)"), "solved"),
    Row("never_switches_threads", first("import sys\nsys.setswitchinterval(1000)"), "solved"),
    Row("nice", first("import os\nos.nice(19)"), "solved", (), "linux"),
    Row(
        "no_more_descriptors",
        double("import os\nwhile True:\n    try:\n        os.dup(0)\n    except OSError:\n        return 2 * x"),
        "solved",
    ),
]

KILL = double("""
    import os, signal
    try:
        signal.pidfd_send_signal(os.pidfd_open(os.getppid()), signal.SIGKILL)
    except OSError:
        return x
    __import__("time").sleep(1000)
    """)

# Wrong files, each of which tries to pass for right.
CHEATS = [
    Row(
        "frames",
        double("""
        import sys
        frame = sys._getframe()
        while frame:
            for value in list(frame.f_locals.values()) + list(frame.f_globals.values()):
                if isinstance(value, np.ndarray) and value.shape == x.shape and not (value == x).all():
                    return value
            frame = frame.f_back
        return x
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "inspects_the_stack",
        double("""
        import inspect
        expected = [f.frame.f_locals["expected"] for f in inspect.stack() if "expected" in f.frame.f_locals]
        return expected[0] if expected else x
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "garbage",
        double("""
        import gc
        for value in gc.get_objects():
            if type(value).__name__ in ("Item", "Session", "MismatchError", "Failure", "Call"):
                return 2 * x
        return x
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "modules",
        double("""
        import sys
        wanted = ("pytest", "_pytest", "katagrad.testing", "katagrad.submission.proxy", "test_@NAME", "solutions")
        return 2 * x if any(name in sys.modules for name in wanted) else x
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "replaces_testing",
        cheat("""
        import sys, types, numpy.testing
        for name in ("pytest", "katagrad", "katagrad.testing", "katagrad.verdict", "katagrad.submission.proxy"):
            sys.modules[name] = types.ModuleType(name)
        numpy.testing.assert_allclose = numpy.allclose = numpy.array_equal = lambda *_, **__: True
        sys.modules["katagrad.testing"].assert_close = lambda *_: None
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "says_it_is_solved", cheat("print('ok @TOPIC/@NAME   solved: all 7 rules hold')"), "failing", ("Each element",)
    ),
    Row("skips", double("import unittest\nraise unittest.SkipTest('never mind')"), "failing", ("SkipTest",)),
    Row(
        "raises_skipped",
        double("class Skipped(BaseException): pass\nSkipped.__module__ = '_pytest.outcomes'\nraise Skipped"),
        "failing",
        ("Skipped",),
    ),
    Row("always_raises", last("def double(x):\n    raise ValueError"), "failing", ("Each element", "ValueError")),
    Row(
        "reads_the_grader",
        cheat("open('@ROOT/tests/graders/@TOPIC/test_@NAME.py').read()"),
        "broken",
        ("closed to a submission",),
    ),
    Row(
        "reads_the_solution",
        double("""
        from pathlib import Path
        try:
            code = Path("@ROOT/solutions/@TOPIC/@NAME.py").read_text()
            exec(code, space := {})
            return space["double"](x)
        except OSError:
            return x
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "reads_by_every_way",
        double("""
        import io, linecache, os, importlib.machinery as m
        path = "@ROOT/solutions/@TOPIC/@NAME.py"
        def link():
            os.symlink(path, "link")
            return open("link").read()
        ways = (
            lambda: io.open_code(path).read(), lambda: m.SourceFileLoader("s", path).get_data(path), link,
            lambda: np.fromfile(path, "S1").tobytes(), lambda: np.memmap(path, "S1", "r").tobytes(),
            lambda: "".join(linecache.getlines(path)), lambda: open("/proc/self/root" + path).read(),
            lambda: open(b"/../" + path.encode()).read(), lambda: __import__("fileinput").input(path).readline(),
            lambda: __import__("runpy").run_path(path), lambda: os.listdir("@ROOT/solutions"),
        )
        for way in ways:
            try:
                if way():
                    return 2 * x
            except OSError:
                pass
        return x
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "reads_from_a_directory",
        double("""
        import os
        path = "@ROOT/solutions/@TOPIC/@NAME.py"
        try:
            place = os.open("/", os.O_RDONLY)
            return 2 * x if os.read(os.open(path.lstrip("/"), os.O_RDONLY, dir_fd=place), 1) else x
        except OSError:
            return x
        """),
        "failing",
        ("Each element",),
        "landlock",
    ),
    Row(
        "reads_in_c",
        double("""
        import os, readline
        try:
            readline.read_history_file("@ROOT/solutions/@TOPIC/@NAME.py")
        except (ImportError, OSError):
            return x
        return 2 * x if readline.get_current_history_length() else x
        """),
        "failing",
        ("Each element",),
        "landlock",
    ),
    Row(
        "reads_behind_the_hook",
        double("""
        import gc
        for value in gc.get_objects():
            if type(value).__name__ == "_Hook":
                type(value).__call__ = lambda *_: None
                type(value).read = type(value).write = lambda *_: None
        try:
            return 2 * x if open("@ROOT/solutions/@TOPIC/@NAME.py").read() else x
        except PermissionError:
            return x
        """),
        "failing",
        ("Each element",),
        "landlock",
    ),
    Row(
        "reads_its_parents_memory",
        double("""
        import os
        pid = os.getppid()
        for name in ("mem", "environ", "maps", "fd", "root", "cwd", "cmdline", "task"):
            try:
                path = f"/proc/{pid}/{name}"
                if os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1):
                    return 2 * x
            except OSError:
                pass
        return x
        """),
        "failing",
        ("Each element",),
        "landlock",
    ),
    Row(
        "writes_to_the_history",
        double("""
        import sqlite3
        try:
            for path in ("@ROOT/.katagrad/history.db", "@ROOT/forged.db"):
                base = sqlite3.connect(path)
                base.execute("CREATE TABLE forged (x)")
                base.commit()
        except (sqlite3.Error, PermissionError):
            return x
        return 2 * x
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "writes_to_files_of_others",
        cheat("""
        import os, pathlib
        root = pathlib.Path("@ROOT")
        for path in (root / "exercises/@TOPIC/right_1.py", root / "tests/graders/@TOPIC/test_@NAME.py", root / "new.py",
                     root / ".katagrad" / "history.db", root / "katagrad/verdict.py"):
            for way in (path.unlink, lambda: path.write_text("forged"), lambda: path.rename("here"), path.mkdir,
                        path.touch, lambda: path.chmod(0), lambda: os.link(path, "here"), lambda: os.truncate(path, 0),
                        lambda: os.utime(path), lambda: path.symlink_to("x")):
                try:
                    way()
                except OSError:
                    pass
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "writes_to_all_descriptors",
        double("""
        import os
        for descriptor in range(256):
            try:
                os.write(descriptor, b"\\0" * 64)
            except OSError:
                pass
        return x
        """),
        "crashed",
        ("answer",),
    ),
    Row(
        "announces_too_much",
        double("""
        import os, struct
        for descriptor in range(3, 256):
            try:
                os.write(descriptor, struct.pack("<QQ", 2**25, 2**62))
            except OSError:
                pass
        return x
        """),
        "crashed",
        ("too large",),
    ),
    Row(
        "forges_an_answer",
        double(
            """
        import json, os, struct
        answer = [["value", ["list", *(2 * x).tolist()]], ["changed", ["list"]], ["seconds", 0.0], ["number", 3]]
        text = json.dumps(["dict", *answer]).encode()
        for descriptor in range(3, 256):
            try:
                os.write(descriptor, struct.pack("<QQ", len(text), 0) + text)
            except OSError:
                pass
        return x
        """
        ),
        "crashed",
        ("answer",),
    ),
    Row(
        "forges_odd_answers",
        double("""
        import json, os, struct
        answers = ["dict", ["number", 2], ["value", 1], ["arguments", ["list", 99]], ["seconds", "long"]]
        text = json.dumps(answers).encode()
        for descriptor in range(3, 256):
            try:
                os.write(descriptor, struct.pack("<QQ", len(text), 0) + text)
            except OSError:
                pass
        import time
        time.sleep(1000)
        """),
        "crashed",
        ("not an answer",),
    ),
    Row(
        "forges_copies",
        double("""
        import json, os, struct
        block = 8 * 2**20
        copies = ["list", *[["array", "<f8", [2**20], 0]] * 1000]
        answers = ["dict", ["number", 2], ["value", copies], ["arguments", ["list"]], ["seconds", 0]]
        text = json.dumps(answers).encode()
        for descriptor in range(3, 256):
            try:
                with open(descriptor, "wb", closefd=False) as file:
                    file.write(struct.pack("<QQ", len(text), block) + text + bytes(block))
            except (OSError, ValueError):
                pass
        __import__("time").sleep(1000)
        """),
        "crashed",
        ("cannot be read",),
    ),
    Row(
        "answers_ahead",
        double("""
        import json, os, struct
        error = [["type", "ValueError"], ["bases", ["list", "ValueError"]], ["message", ""], ["frames", ["list"]]]
        answers = [["error", ["dict", *error]], ["arguments", ["list", ["bytes", 0, 0]]], ["seconds", 0.0]]
        frames = b""
        for number in (2, 3):
            text = json.dumps(["dict", *answers, ["number", number]]).encode()
            frames += struct.pack("<QQ", len(text), 0) + text
        for descriptor in range(3, 256):
            try:
                os.write(descriptor, frames)
            except OSError:
                pass
        return x
        """),
        "failing",
        ("Each element", "out of turn"),
    ),
    Row(
        "forges_a_handle",
        last("""
        def begin(x):
            import json, os, struct
            kept = ["kept", "handle", 10**9, "a thing"]
            for number in range(2, 30):
                answer = [["value", kept], ["arguments", ["list", ["bytes", 0, 0]]], ["number", number]]
                text = json.dumps(["dict", *answer]).encode()
                for descriptor in range(3, 256):
                    try:
                        os.write(descriptor, struct.pack("<QQ", len(text), 0) + text)
                    except OSError:
                        pass
        """),
        "failing or crashed",
        ("out of turn",),
    ),
    Row(
        "calls_back_oddly",
        last("""
        def twice(f, x):
            from types import CellType, FunctionType
            for number in (-1, 99, "x", None, 1.5):
                cells = [cell.cell_contents for cell in f.__closure__]
                cells = [number if isinstance(cell, int) else cell for cell in cells]
                other = FunctionType(f.__code__, f.__globals__, "f", None, tuple(map(CellType, cells)))
                for arguments in ((), (x, x), ([],), ("x",)):
                    try:
                        other(*arguments)
                    except RuntimeError:
                        pass
            return f(f(x))
        """),
        "solved",
    ),
    Row(
        "patches_every_class_and_frame",
        cheat("""
        import sys
        def forged(*_, **__):
            return {"value": 0.0, "arguments": [], "seconds": 0.0, "state": "solved", "held": 7}
        kinds = [object]
        for kind in kinds:
            kinds += [one for one in type.__subclasses__(kind) if one not in kinds]
        for kind in kinds:
            for method in list(vars(kind).values()):
                if getattr(method, "__module__", None) and "katagrad" in method.__module__:
                    space = getattr(method, "__globals__", {})
                    for name in [name for name in space if not name.startswith("__")]:
                        space[name] = forged
        frame = sys._getframe()
        while frame:
            assert not {"self", "request", "state", "server"} & set(frame.f_locals)
            frame = frame.f_back
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "hides_that_it_changes_arguments",
        double("""
        import sys
        frame = sys._getframe()
        while frame:
            for space in (frame.f_globals, frame.f_locals):
                for name, value in list(space.items()):
                    if type(value) is type(double) and value is not double and value.__module__ != __name__:
                        value.__code__ = (lambda *_, **__: None).__code__
            frame = frame.f_back
        x *= 2
        return x
        """),
        "failing or crashed or timed out",
        (),
    ),
    Row("kills_what_forked_it", KILL, "failing", ("Each element",), "landlock"),
    Row("kills_what_forked_it_bare", KILL, "crashed", ("killed",), "bare"),
    Row(
        "guesses_the_seed",
        double("""
        expected = np.random.default_rng(0).normal(size=7)
        return 2 * expected
        """),
        "failing",
        ("Each element",),
    ),
]

ROWS = [*FILES, *IMPORTS, *INTERFACE, *RETURNS, *PRINTING, *ENDLESS, *ENDING, *PROCESSES, *SURROUNDINGS, *CHEATS]
# What turns on how the process is started and ended, and on how it is guarded.
STARTED = [*PRINTING, *ENDLESS, *ENDING, *PROCESSES, *CHEATS]
GUARDED = [*IMPORTS, *ENDING, *PROCESSES, *CHEATS]
