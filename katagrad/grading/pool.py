"""Processes that grade side by side, one a core, each with a warm process of its own to fork submissions from."""

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from katagrad.submission import zygote
from katagrad.submission.process import warm_up

Item, Result = TypeVar("Item"), TypeVar("Result")


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


def each(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int, lost: Callable[[Item], Result]
) -> Iterator[Result]:
    """Yield what a function makes of each item, in order, worked out side by side.

    Parameters
    ----------
    function, items : what is to be done
    workers : how many processes at most; where the system gives none, all is done in this one
    lost : what stands for the result of an item whose process dies, and dies again when it is tried once more
    """
    crew = _Crew(function, min(workers, len(items)))
    results: dict[int, Result] = {}
    waiting, tried = deque(range(len(items))), set()
    try:
        for given in range(len(items)):
            while given not in results:
                crew.hand_out(waiting, items)
                if not crew.workers:
                    waiting.remove(given)
                    results[given] = function(items[given])
                for place, result in crew.done():
                    if result is not _DIED:
                        results[place] = result
                    elif place in tried:
                        results[place] = lost(items[place])
                    else:
                        tried.add(place)
                        waiting.appendleft(place)
            yield results.pop(given)
    finally:
        crew.end()


@dataclass(eq=False)
class _Worker:
    """A process, our end of the pipe to it, and the place of the item it is at."""

    process: BaseProcess
    pipe: Connection
    place: int | None = None


_DIED = object()
_PATIENCE = 5.0  # seconds in which an idle process ends by itself


class _Crew:
    """Worker processes, each with a pipe of its own, so that it is known what one was at that dies."""

    def __init__(self, function: Callable, most: int) -> None:
        self.function, self.most = function, most
        self.workers: list[_Worker] = []
        # Forked workers have all that is imported; each then forks its warm process before it sees a grader.
        self.context = get_context("fork" if zygote.SUPPORTED else "spawn")

    def hand_out(self, waiting: deque[int], items: Sequence) -> None:
        """Give each idle worker an item, and start the workers that are missing, as far as the system gives any."""
        while waiting:
            worker = next((worker for worker in self.workers if worker.place is None), None) or self._start()
            if worker is None:
                return
            worker.place = waiting.popleft()
            with contextlib.suppress(OSError):  # one that has died is found when its answer is waited for
                worker.pipe.send(items[worker.place])

    def _start(self) -> _Worker | None:
        if len(self.workers) >= self.most:
            return None
        try:
            ours, theirs = self.context.Pipe()
            closed = [ours, *(worker.pipe for worker in self.workers)] if zygote.SUPPORTED else []
            process = self.context.Process(target=_work, args=(self.function, theirs, closed), daemon=False)
            process.start()
        except OSError:
            self.most = len(self.workers)  # no more processes or descriptors
            return None
        theirs.close()
        self.workers.append(_Worker(process, ours))
        return self.workers[-1]

    def done(self) -> Iterator[tuple[int, Any]]:
        """Wait for one worker or more; yield the places of their items with what came of each, or that they died."""
        busy = {worker.pipe: worker for worker in self.workers if worker.place is not None}
        for pipe in wait([*busy]) if busy else ():
            worker = busy[pipe]
            place, worker.place = worker.place, None
            try:
                result, error = pipe.recv()
            except (EOFError, OSError):
                self._dismiss(worker)
                yield place, _DIED
                continue
            if error is not None:
                raise error
            yield place, result

    def _dismiss(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()

    def end(self) -> None:
        """End all workers, whatever they are at."""
        for worker in [*self.workers]:
            worker.pipe.close()  # an idle one ends by itself, and what it has started
            worker.process.join(_PATIENCE if worker.place is None else 0)
            self.workers.remove(worker)
            worker.process.kill()
            worker.process.join()


def _work(function: Callable, pipe: Connection, closed: list[Connection]) -> None:
    """Do what comes in, one after the other, until the other side goes."""
    for other in closed:
        other.close()  # else this process would keep others' pipes open
    _begin()
    with contextlib.suppress(EOFError, OSError):
        while True:
            item = pipe.recv()
            try:
                answer = function(item), None
            except Exception as error:  # noqa: BLE001 - raised again where it is waited for
                answer = None, error
            pipe.send(answer)


def _begin() -> None:
    """Make a worker ready: an interrupt is for the process that waits, and when that ends, however, this one does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up()
    with contextlib.suppress(RuntimeError):  # no more threads: it ends with the next item
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent_process().join()
    os._exit(1)
