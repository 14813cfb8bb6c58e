"""Gives every grader its fixtures and options."""

from katagrad.grading.plugin import *  # noqa: F403
