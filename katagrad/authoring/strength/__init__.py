"""Grader strength: every mistake and every mutant is rejected, every right solution accepted.

source, scope       a text with its syntax tree, and what an expression means where it stands
operators, mutants  what can be done to a text, and the mutants that come of it
mistakes, attempts  what people get wrong, and what they wrote without sight of reference and grader
equivalents         the signed table: mutants that are right by the statement
trials              what a text is, what should come of it, and trying it on all cores
plan                what there is to try on a kata
memory, figures     how it ended: on this machine, and in the committed figures of a kata
differential        looking for the input that a grader lacks
account, command    the figures, and what is printed
"""
