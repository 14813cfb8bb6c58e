"""Makes the picture of a kata from a submission's own answers, the submission in its own process as in grading."""

import ast
from collections.abc import Sequence

import numpy as np

from katagrad.grading.feedback import failure_of
from katagrad.katas.catalog import Kata
from katagrad.katas.interface import read_interface
from katagrad.katas.loading import load_module
from katagrad.picture import FUNCTION, Panel, PanelError, check
from katagrad.submission.proxy import BrokenError, KataProxy, Source, Submission, SubmissionError
from katagrad.verdict import Failure, Kind


class NoPictureError(Exception):
    """There is nothing to draw of a submission; `failure` says which call failed and how."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def has_picture(kata: Kata) -> bool:
    """Say whether a kata's grader defines a picture, without importing it."""
    return f"\ndef {FUNCTION}(" in kata.grader.read_text(encoding="utf-8")


def make_picture(kata: Kata, source: Source, seed: int = 0) -> Sequence[Panel]:
    """Return the panels of a kata's picture, made of what a submission's functions return.

    Raises
    ------
    NoPictureError
        If a call fails, or what came back cannot be drawn.
    """
    interface = read_interface(ast.parse(kata.solution.read_text(encoding="utf-8")))
    picture = getattr(load_module(kata.grader), FUNCTION)
    submission = Submission(source, interface, root=kata.root)
    try:
        panels = picture(KataProxy(submission), np.random.default_rng(seed))
        check(panels)
    except (SubmissionError, BrokenError) as error:
        raise NoPictureError(failure_of(error, submission, kata.grader)) from None
    except PanelError as error:
        raise NoPictureError(Failure(Kind.WRONG, reason=str(error))) from None
    except Exception as error:  # noqa: BLE001 - the picture counts on right answers, and may get any
        if hasattr(error, "submission"):  # an exception of the learner's code
            raise NoPictureError(failure_of(error, submission, kata.grader)) from None
        reason = f"What the functions returned does not fit together: {type(error).__name__}: {error}"
        raise NoPictureError(Failure(Kind.WRONG, reason=reason)) from None
    finally:
        submission.close()
    return panels
