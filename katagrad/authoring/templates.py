"""What `new` lays: each file of a kata, with TODO wherever its author has to write."""

import ast

TABLE = """\
about = "TODO: what the kata is, in the words that people search for"
aliases = []
minutes = 15 # TODO: par time of a prepared candidate
difficulty = "medium" # TODO: easy, medium or hard
requires = [] # TODO: katas to do first, as "topic/kata"
hints = [
    "TODO: where to begin; a question is better than an answer",
    "TODO: the step at which people are stuck",
]

# TODO: three or more questions that an interviewer asks next, each with three to six scoring points
[[followups]]
question = "TODO?"
answer = [
    "TODO",
    "TODO",
    "TODO: Run it: what to call at which sizes, and what shows",
]
source = "TODO"
"""
_KNOWN = {"np", "float", "int", "bool", "str", "list", "tuple", "dict", "object", "Callable", "None"}
_MODULE = '''\
"""TODO: what is computed, in one sentence.

TODO: the idea in two or three sentences, and the definition as a formula:

    TODO = TODO

Source: TODO.
"""
'''
_RESULT = '''

class {name}(NamedTuple):
    """TODO: what `{function}` returns."""

    todo: np.ndarray
'''
_FUNCTION = '''

def {signature}:
    """TODO: Return what, in one sentence.

    Parameters
    ----------
{parameters}

    Returns
    -------
    {returns}
        TODO: or drop this section, if the summary says it.

    Raises
    ------
    ValueError
        TODO: or drop this section. An interviewer would ask about at most one or two kinds of bad input.

    Strict
    ------
    - TODO: what only the reviewer of a library would ask, or drop this section.

    Examples
    --------
    >>> {call}  # TODO: the input on which right and wrong differ
    """
    raise NotImplementedError
'''
_ALTERNATIVE = '''

def {signature}:
    """TODO: name the idea, and the function after it."""
    raise NotImplementedError
'''
_GRADER = '''\
import numpy as np
import pytest

from katagrad.testing import assert_close, strict


def test_by_hand(kata):
    """TODO: the rule in one sentence, which a learner reads when it breaks."""
    # TODO: one small input and a value worked out by hand.
    assert_close(kata.{call}, np.nan)


def test_definition(kata, rng):
    """TODO: the same on random input, beside the plain loop that defines it."""
    assert_close(kata.{call}, np.nan)  # TODO: non-square, not centred, few samples, no symmetry that hides an error


def test_convention(kata):
    """TODO: ties, eps, divisor or order, as the statement pins it down."""
    assert_close(kata.{call}, np.nan)  # TODO


def test_parameters(kata, rng):
    """TODO: each parameter off its default, and at 0."""
    assert_close(kata.{call}, np.nan)  # TODO


def test_bad_input(kata):
    """TODO: which input raises ValueError."""
    with pytest.raises(ValueError):
        kata.{call}  # TODO


@strict
def test_small_types(kata):
    """TODO: what only the reviewer of a library would ask."""
    assert_close(kata.{call}, np.nan)  # TODO


def workload(kata, rng, n):
    return ({calls})  # TODO: one typical use at size n, ties and repeats included


# Each is a single edit of the solution's text, or a list of edits. A core rule refuses it.
MISTAKES = {{
    "TODO: what people get wrong": ("TODO: text of the solution", "TODO: what they write instead"),
}}

# These only a strict rule refuses.
STRICT_MISTAKES = {{
    "TODO: or remove this one": ("TODO", "TODO"),
}}
'''
_ORACLE = '''\
"""`{name}` beside TODO: the library that the field trusts."""

import numpy as np

from tests.bench.peers import Peer


def test_random(reference, rng):
    for _ in range(200):
        ours = reference.{call}  # TODO: random input
        np.testing.assert_allclose(ours, np.nan, rtol=1e-9)  # TODO: the library's answer


def test_edges(reference):
    ours = reference.{call}  # TODO: every edge case that the statement names
    np.testing.assert_allclose(ours, np.nan, rtol=1e-9)


def peers(reference, rng):
    """TODO: Yield the job at a realistic size."""
    yield Peer("TODO: size", "TODO: function of the library", lambda: reference.{call}, lambda: np.nan)
'''


def solution(functions: list[ast.FunctionDef]) -> str:
    """Return the statement's skeleton, with bodies that raise NotImplementedError and alternatives."""
    results = {name: each.name for each in functions for name in _unknown(each)}
    callables = any("Callable" in ast.unparse(each.args) for each in functions)
    imports = "from collections.abc import Callable\n" if callables else ""
    imports += "from typing import NamedTuple\n" if results else ""
    parts = [_MODULE, f"\n{imports}" if imports else "", "\nimport numpy as np\n"]
    parts += [_RESULT.format(name=name, function=function) for name, function in results.items()]
    parts += [_function(each) for each in functions]
    ideas = ("one_idea", "another_idea") if len(functions) == 1 else ("another_idea",)
    parts += [
        _ALTERNATIVE.format(signature=_signature(each, f"{each.name}_via_{idea}"))
        for each in functions
        for idea in ideas
    ]
    return "".join(parts)


def _unknown(function: ast.FunctionDef) -> list[str]:
    """Return the names in what a function returns that are the kata's own: its result types."""
    names = (node.id for node in ast.walk(function.returns) if isinstance(node, ast.Name))
    return [name for name in dict.fromkeys(names) if name not in _KNOWN]


def _signature(function: ast.FunctionDef, name: str = "") -> str:
    return f"{name or function.name}({ast.unparse(function.args)}) -> {ast.unparse(function.returns)}"


def _parameters(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _function(function: ast.FunctionDef) -> str:
    lines = [_parameter(argument) for argument in _parameters(function)]
    return _FUNCTION.format(
        signature=_signature(function),
        parameters="\n".join(lines),
        returns=ast.unparse(function.returns),
        call=_call(function),
    )


def _parameter(argument: ast.arg) -> str:
    annotation = ast.unparse(argument.annotation)
    kind = "array of shape (TODO)" if annotation == "np.ndarray" else annotation
    return f"    {argument.arg} : {kind}\n        TODO: or drop this line."


def _call(function: ast.FunctionDef) -> str:
    """Return a call with each parameter's name where its value has to stand."""
    return f"{function.name}({', '.join(argument.arg for argument in _parameters(function))})"


def grader(functions: list[ast.FunctionDef]) -> str:
    """Return the skeleton of the rules, the workload and the mistakes."""
    calls = "".join(f"kata.{_call(each)}, " for each in functions)
    return _GRADER.format(call=_call(functions[0]), calls=calls.rstrip(" ") if len(functions) == 1 else calls[:-2])


def oracle(name: str, functions: list[ast.FunctionDef]) -> str:
    """Return the skeleton of the comparison with a library."""
    return _ORACLE.format(name=name, call=_call(functions[0]))
