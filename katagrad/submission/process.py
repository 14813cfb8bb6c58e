"""The runner's end of a submission's process: starts it, hands over calls, holds the clock, ends it.

The submission is forked from a warm process on Linux and started afresh elsewhere. A thread does the blocking reads and
writes, so that nothing the submission does or leaves undone can hold the runner up.
"""

import atexit
import contextlib
import functools
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from katagrad.submission import scratch, whereabouts, wire, zygote
from katagrad.submission.deadline import Deadline, proc_stat
from katagrad.submission.endings import CLOSED, how_it_ended
from katagrad.submission.limits import LIMITS
from katagrad.submission.output import Output

_POLL = 0.02
_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
_BOOT = """
import sys
sys.path.append(sys.argv[1])
from katagrad.submission.child import main
main(0, 1, 2, int(sys.argv[2]) if sys.argv[2] else None)
"""
# Seconds in which a process tells where it is, and bytes that this takes at most.
_TELLING, _DUMP = 0.3, 2**16


class Gone(Exception):  # noqa: N818 - an outcome, not an error of the runner's
    """The process ended, or answers no longer; `reason` says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TimedOut(Gone):
    """The clock ran out; `dump` is what the process wrote of where it was then."""

    def __init__(self, reason: str, dump: str) -> None:
        super().__init__(reason)
        self.dump = dump


class Interrupted(KeyboardInterrupt):
    """Somebody asked for the grading to end: not an error, nor an outcome, and for no rule to catch."""


class Zygote:
    """The runner's side: asks for processes and has them ended. An OSError says that what does so is gone itself."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        if os.fork() == 0:  # an OSError where there are no more processes
            self.control.close()
            zygote.serve(theirs)
        theirs.close()

    def start(self, *descriptors: int) -> int:
        """Fork a submission's process on its descriptors and return its number."""
        answer = self._ask(b"start", *descriptors)
        if answer < 0:
            raise OSError(-answer, os.strerror(-answer))
        return answer

    def end(self, pid: int) -> int:
        """Kill a submission and all that it started; return how it ended, as `os.waitpid` says it."""
        return self._ask(str(pid).encode())

    def _ask(self, request: bytes, *descriptors: int) -> int:
        socket.send_fds(self.control, [request], descriptors)
        answer = self.control.recv(64)
        if not answer:
            raise ConnectionResetError
        return int(answer)


@functools.cache
def _warm(pid: int) -> Zygote:  # noqa: ARG001 - a process has one of its own
    return Zygote()


def warm_up() -> None:
    """Start what submissions are forked from. Call it before any grader is imported."""
    if zygote.SUPPORTED:
        with contextlib.suppress(OSError):  # the system has no process or descriptor to give: each text is told so
            _warm(os.getpid())


def _pipe(theirs: contextlib.ExitStack, *, reading: bool) -> tuple[int, BinaryIO]:
    """Return the descriptor of a new pipe that a submission gets, to read or to write, and our stream of the other."""
    ends = os.pipe()
    descriptor, ours = ends if reading else ends[::-1]
    theirs.callback(os.close, descriptor)
    return descriptor, os.fdopen(ours, "wb" if reading else "rb")


class Process:
    """A running submission, in a directory of its own that goes when it ends."""

    def __init__(self, interrupted: Callable[[], bool] | None = None, memory: int = LIMITS.memory) -> None:
        self.number, self.memory = 0, memory
        self.job: int | None = None
        self.status: int | None = None
        self.dropped: list[int] = []
        self.interrupted = interrupted or (lambda: False)
        self.scratch = scratch.make()
        self.work: queue.Queue = queue.Queue()
        self.results: queue.Queue = queue.Queue()
        try:
            streams = self._fork() if zygote.SUPPORTED else None
            self.forked = streams is not None
            self.inbox, self.outbox, output, self.trail = streams or self._spawn()
        except BaseException:
            scratch.remove(self.scratch)
            raise
        atexit.register(self.end)
        try:
            self.output = Output(output)
            threading.Thread(target=self._converse, daemon=True).start()
        except RuntimeError as error:  # no more threads
            self.end()
            raise OSError(str(error)) from None

    def _fork(self) -> tuple[BinaryIO, BinaryIO, BinaryIO, BinaryIO] | None:
        """Return the pipes to a forked process; None if what it would be forked from has been killed."""
        with contextlib.ExitStack() as theirs:
            pipes = [_pipe(theirs, reading=place == 0) for place in range(zygote.DESCRIPTORS)]
            try:
                self.pid = _warm(os.getpid()).start(*(descriptor for descriptor, _ in pipes))
            except OSError:
                return None
        return tuple(stream for _, stream in pipes)

    def _spawn(self) -> tuple[BinaryIO, BinaryIO, BinaryIO, BinaryIO | None]:
        apart: dict[str, Any] = {"start_new_session": True}
        with contextlib.ExitStack() as theirs:
            descriptor, trail, python = "", None, sys.executable
            if sys.platform == "win32":
                flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
                # A virtual environment's Python there only starts another, which could neither be timed nor limited:
                # so that one itself, told of the environment as multiprocessing does it.
                python = sys._base_executable  # noqa: SLF001
                apart = {"creationflags": flags, "env": {**os.environ, "__PYVENV_LAUNCHER__": sys.executable}}
            else:
                descriptor, trail = _pipe(theirs, reading=False)
                apart["pass_fds"] = [descriptor]
            self.child = subprocess.Popen(  # noqa: S603 - our own command
                [python, "-I", "-c", _BOOT, _PACKAGE, str(descriptor)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.scratch,
                **apart,
            )
        self.pid = self.child.pid
        if sys.platform == "win32":
            from katagrad.submission import job  # noqa: PLC0415 - only there

            self.job = job.hold(int(self.child._handle), self.memory)  # noqa: SLF001 - Popen has it and no other way
        return self.child.stdin, self.child.stdout, self.child.stderr, trail

    def _converse(self) -> None:
        """Write requests and read replies, one after the other, and pass on what goes wrong."""
        while (job := self.work.get()) is not None:
            message, keep, revive = job
            try:
                wire.send(self.inbox, message, keep, layout=True)
                self.results.put(wire.receive(self.outbox, revive))
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
                self.results.put(error)
        with contextlib.suppress(OSError, ValueError):  # what was not sent has nobody to go to
            self.inbox.close()

    def ask(
        self,
        message: dict,
        limit: float,
        keep: Callable[[Any], wire.Kept],
        revive: Callable[[Any], Any],
        answer_callback: Callable[[int, tuple], dict],
    ) -> dict:
        """Send one request and return the answer to it.

        Parameters
        ----------
        message : what to do
        limit : seconds of processor time, where the system tells that of another process; else of the clock
        keep, revive : what takes values that do not travel, and what brings them back
        answer_callback : answers a call that the submission makes of one of the grader's functions

        Raises
        ------
        TimedOut
            If the limit is reached.
        Gone
            If the process ends, or what it sends is not an answer.
        """
        self.number += 1
        clock = Deadline(self.pid, limit)
        self.work.put(({**message, "number": self.number, "limit": limit}, keep, revive))
        while True:
            answer = self._wait(clock)
            if isinstance(answer, dict) and "callback" in answer:
                self._stop_if_late(clock)
                reply = answer_callback(answer["callback"], answer.get("arguments"))
                self.work.put((reply, keep, revive))
                continue
            if not isinstance(answer, dict) or answer.get("number") != self.number:
                self.end()
                raise Gone("it answered out of turn")
            return answer

    def _wait(self, clock: Deadline) -> Any:
        while True:
            try:
                result = self.results.get(timeout=_POLL)
            except queue.Empty:
                if self.interrupted():
                    self.end()
                    raise Interrupted from None
                self._stop_if_late(clock)
                if not self._ended():
                    continue
                result = self._last_word()
            if isinstance(result, EOFError | OSError):
                raise Gone(self._silence())
            if isinstance(result, wire.WireError):
                self.end()
                raise Gone(str(result))
            if isinstance(result, BaseException):
                raise result
            return result

    def _stop_if_late(self, clock: Deadline) -> None:
        reason = clock.ran_out()
        if reason:
            dump = self._whereabouts()
            self.end()
            raise TimedOut(reason, dump)

    def _whereabouts(self) -> str:
        """Return what the process writes of where it is; it may write anything, or nothing."""
        if self.trail is None:
            return self.output.take_from(b"Timeout (")
        descriptor, dump, end = self.trail.fileno(), b"", time.monotonic() + _TELLING
        os.set_blocking(descriptor, False)
        with contextlib.suppress(OSError):
            while select.select([descriptor], [], [], 0)[0] and os.read(descriptor, _DUMP):
                if time.monotonic() > end:
                    return ""  # it has filled the pipe beforehand, and goes on with that
            os.kill(self.pid, whereabouts.SIGNAL)
            while select.select([descriptor], [], [], _TELLING / 3 if dump else _TELLING)[0] and len(dump) < _DUMP:
                part = os.read(descriptor, _DUMP)
                dump += part
                if not part or time.monotonic() > end:
                    break
        return dump.decode(errors="replace")

    def _silence(self) -> str:
        """Say why no answer comes any more: the process has ended, or has closed the pipe."""
        end = time.monotonic() + 1
        while not (ended := self._ended()) and time.monotonic() < end:
            time.sleep(_POLL)
        self.end()
        return how_it_ended(self.status) if ended else CLOSED

    def _last_word(self) -> Any:
        """Return what a process that has ended still sent; EOFError where a descendant merely keeps its pipe open."""
        try:
            return self.results.get(timeout=5 * _POLL)
        except queue.Empty:
            return EOFError()

    def _ended(self) -> bool:
        if not self.forked:
            return self.child.poll() is not None
        state = proc_stat(self.pid)
        return not state or state[0] == b"Z"

    def end(self) -> None:
        """Kill the process and whatever it started. Safe to call twice."""
        if self.status is not None:
            return
        atexit.unregister(self.end)
        if self.forked:
            try:
                self.status = os.waitstatus_to_exitcode(_warm(os.getpid()).end(self.pid))
            except OSError:
                self.status = -signal.SIGKILL  # it went with what it was forked from
        else:
            if sys.platform != "win32":
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
            self.child.kill()
            self.status = self.child.wait()
            if self.job:
                from katagrad.submission import job  # noqa: PLC0415

                job.let_go(self.job)
        self.work.put(None)
        if self.trail is not None:
            self.trail.close()
        scratch.remove(self.scratch)
