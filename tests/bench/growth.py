"""How the time of every reference grows with its input, beside what its statement promises."""

import ast
import re
from collections.abc import Iterator, Sequence

import numpy as np

from katagrad.grading.measure import growth
from katagrad.katas.catalog import Kata
from katagrad.katas.loading import load_module
from tests.bench.clock import medians

SIZES = tuple(2**power for power in range(6, 22))
LONG_ENOUGH = 0.04
_PROMISE = re.compile(r"\b(?:in|takes?|take)\s+((?:\w\s)?n\s+log\s+n|time\s+linear|linear|quadratic)\b")


class _Timed:
    """A reference's functions; what they take is added up, and what the workload does beside is not."""

    def __init__(self, module: object) -> None:
        self.module, self.calls = module, []

    def __getattr__(self, name: str) -> object:
        function = getattr(self.module, name)

        def remembered(*arguments: object, **keywords: object) -> object:
            self.calls.append((function, arguments, keywords))
            return function(*arguments, **keywords)

        return remembered

    def again(self) -> None:
        """Make the same calls once more."""
        for function, arguments, keywords in self.calls:
            function(*arguments, **keywords)


def measure(katas: Sequence[Kata], repeats: int = 3) -> Iterator[dict]:
    """Yield a row for each kata: the seconds at its largest sizes, the exponent between them, and the promise."""
    for kata in katas:
        workload, module = load_module(kata.grader).workload, load_module(kata.solution)
        times: dict[int, float] = {}
        for n in SIZES:
            timed = _Timed(module)
            workload(timed, np.random.default_rng(n), n)
            times[n] = medians({"": timed.again}, repeats, sample=0.005)[""]
            if times[n] > LONG_ENOUGH:
                break
        yield {
            "kata": kata.path,
            "sizes": list(times),
            "seconds": list(times.values()),
            "exponent": growth(times),
            "promise": promise(kata.solution.read_text(encoding="utf-8")),
        }


def promise(text: str) -> str:
    """Return how a statement says that the time grows; nothing if it does not say."""
    tree = ast.parse(text)
    nodes = [tree, *(node for node in tree.body if isinstance(node, ast.FunctionDef))]
    for docstring in filter(None, map(ast.get_docstring, nodes)):
        found = _PROMISE.search(docstring)
        if found:
            return " ".join(found[1].split())
    return ""
