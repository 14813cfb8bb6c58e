"""Processes that grade side by side, one a core, each with a warm process of its own to fork submissions from."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context, parent_process

from katagrad.submission import zygote
from katagrad.submission.process import warm_up


@contextlib.contextmanager
def processes(workers: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Give processes that grade, one a core if None; an interrupt does not wait for what they are at."""
    # Forked workers have all that is imported; each then forks its warm process before it sees a grader.
    context = get_context("fork" if zygote.SUPPORTED else "spawn")
    pool = ProcessPoolExecutor(workers or os.cpu_count(), mp_context=context, initializer=_begin)
    try:
        yield pool
    except BaseException:
        for process in active_children():
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Make a worker ready: an interrupt is for the process that waits, and when that ends, however, this one does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent_process().join()
    os._exit(1)
