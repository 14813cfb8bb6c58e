"""Grader strength: every mistake and every mutant is rejected, every right solution accepted.

source, scope       a text with its syntax tree, and what an expression means where it stands
operators, mutants  what can be done to a text, and the mutants that come of it
equivalents         the signed table: mutants that are right by the statement
plan                what there is to try on a kata
trials              trying it, on all cores, and remembering how it ended
differential        looking for the input that a grader lacks
account, command    the figures, and what is printed
"""
