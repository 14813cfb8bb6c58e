"""Gives every grader its fixtures and options."""

from katagrad.plugin import *  # noqa: F403
