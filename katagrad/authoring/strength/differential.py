"""Looks for an input that tells a mutant from the reference: the case that the grader has not got."""

import ast
import contextlib
from collections.abc import Callable
from itertools import product

import numpy as np

from katagrad.grading.feedback import show, show_call
from katagrad.grading.measure import agreement
from katagrad.katas.catalog import Kata
from katagrad.katas.interface import read_interface
from katagrad.katas.loading import load_module
from katagrad.submission.proxy import Call, KataProxy, Source, Submission

SIZES = (1, 2, 3, 4, 6, 8, 12, 20, 50, 200)
DRAWS = 20


def difference(kata: Kata, reference: str, other: str) -> str:
    """Draw inputs of growing size from the grader's workload until two texts differ.

    Returns
    -------
    str
        The draw, the very call and both values; nothing, if none of the draws told them apart.
    """
    workload, interface = getattr(load_module(kata.grader), "workload", None), read_interface(ast.parse(reference))
    if workload is None:
        return ""
    with contextlib.ExitStack() as stack:
        pair = [Submission(Source(kata.solution, text), interface) for text in (reference, other)]
        for submission in pair:
            stack.callback(submission.close)
        for n, seed in product(SIZES, range(DRAWS)):
            found = _first_difference(*(_calls(submission, workload, n, seed) for submission in pair))
            if found:
                return f"workload(kata, np.random.default_rng({seed}), {n}) gives it away: {found}"
    return ""


def _calls(submission: Submission, workload: Callable, n: int, seed: int) -> list[tuple[Call | None, str]]:
    """Return every call of one draw, and the error that ended the last one, if any."""
    submission.begin_rule()
    submission.stops = 0
    submission.changes.clear()
    problem = ""
    try:
        workload(KataProxy(submission), np.random.default_rng(seed), n)
    except Exception as error:  # noqa: BLE001 - a mutant's, or a size that the workload does not go down to
        problem = f"{type(error).__name__}: {error}"
    calls = submission.calls or [None]
    return [(call, problem if call is calls[-1] else "") for call in calls]


def _first_difference(expected: list[tuple[Call | None, str]], got: list[tuple[Call | None, str]]) -> str:
    """Return the first call that ends otherwise, in words; nothing if there is none, or no such input."""
    for (call, problem), (other, other_problem) in zip(expected, got, strict=False):
        if problem:
            return ""
        if other_problem or not agreement(other.value, call.value, rtol=1e-9, atol=1e-12):
            have = other_problem or show(other.value, digits=12)
            return f"{show_call(call)}\nexpected {show(call.value, digits=12)}\ngot      {have}"
    return ""
