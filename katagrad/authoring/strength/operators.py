"""The ways in which a mutant differs from its original: each operator takes a node and yields edits of the text.

An operator earns its place by what graders have let pass. It leaves out what says nothing of a grader: edits that fail
at once under any input (an unbound name, a constant for a whole formula), and those that the runner's contract makes
equal (a list in place of an array).
"""

import ast
from collections.abc import Callable, Iterator

from katagrad.authoring.strength import arrays, formulas, steps
from katagrad.authoring.strength.scope import Scope
from katagrad.authoring.strength.source import Edit

Operator = Callable[[ast.AST, Scope], Iterator[Edit]]

# By what they have found in graders, the most telling first.
OPERATORS: dict[str, Operator] = {
    "parameter for its default": steps.parameter_for_default,
    "eps moved": formulas.eps_moved,
    "shape index": arrays.shape_index,
    "off by one": arrays.off_by_one,
    "function removed": arrays.function_removed,
    "index dropped": arrays.index_dropped,
    "constant": formulas.constants,
    "arithmetic": formulas.arithmetic,
    "operand dropped": formulas.operand_dropped,
    "statement deleted": steps.statement_deleted,
    "changed in place": steps.changed_in_place,
    "axis": arrays.axis_changed,
    "argument dropped": arrays.argument_dropped,
    "reduction": arrays.reduction_swapped,
    "comparison": formulas.comparison,
    "branch dropped": steps.branch_dropped,
    "sign": formulas.sign,
}
