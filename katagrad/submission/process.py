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
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from katagrad.katas.catalog import ROOT
from katagrad.submission import wire, zygote

KEPT_OUTPUT = 2000
_POLL = 0.02
_BOOT = "import sys; sys.path.append(sys.argv[1]); from katagrad.submission.child import main; main(0, 1, 2)"


class Gone(Exception):  # noqa: N818 - an outcome, not an error of the runner's
    """The process ended, or answers no longer; `reason` says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TimedOut(Gone):
    """The clock ran out."""


@functools.cache
def _warm(pid: int) -> zygote.Zygote:  # noqa: ARG001 - a process has one of its own
    return zygote.Zygote()


def warm_up() -> None:
    """Start what submissions are forked from. Call it before any grader is imported."""
    if zygote.SUPPORTED:
        _warm(os.getpid())


class Output:
    """What a submission prints: the first and the last part, since it may be megabytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.clear()
        threading.Thread(target=self._drain, daemon=True).start()

    def clear(self) -> None:
        """Forget what was printed so far."""
        self.head, self.tail, self.dropped = b"", b"", 0

    def _drain(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := self.stream.read1(65536):
                room = KEPT_OUTPUT - len(self.head)
                self.head += data[:room]
                tail = self.tail + data[max(room, 0) :]
                self.dropped += max(0, len(tail) - KEPT_OUTPUT)
                self.tail = tail[-KEPT_OUTPUT:]

    def text(self) -> str:
        """Return what was printed since `clear`."""
        self._catch_up()
        middle = f"\n... {self.dropped:,} bytes more ...\n".encode() if self.dropped else b""
        return (self.head + middle + self.tail).decode(errors="replace")

    def _catch_up(self) -> None:
        """Give the thread that drains the pipe a moment, as long as something is in it."""
        end = time.monotonic() + _POLL
        if sys.platform == "win32":
            time.sleep(_POLL)
            return
        with contextlib.suppress(OSError, ValueError):
            while select.select([self.stream], [], [], 0)[0] and time.monotonic() < end:
                time.sleep(_POLL / 20)
        time.sleep(_POLL / 20)


class Process:
    """A running submission."""

    def __init__(self, scratch: str) -> None:
        self.number = 0
        self.status: int | None = None
        streams = self._fork() if zygote.SUPPORTED else None
        self.forked = streams is not None
        self.inbox, self.outbox, output = streams or self._spawn(scratch)
        self.output = Output(output)
        self.work: queue.Queue = queue.Queue()
        self.results: queue.Queue = queue.Queue()
        threading.Thread(target=self._converse, daemon=True).start()
        atexit.register(self.end)

    def _fork(self) -> tuple[BinaryIO, BinaryIO, BinaryIO] | None:
        """Return the pipes to a forked process; None if what it would be forked from has been killed."""
        requests, replies, output = os.pipe(), os.pipe(), os.pipe()
        streams = os.fdopen(requests[1], "wb"), os.fdopen(replies[0], "rb"), os.fdopen(output[0], "rb")
        theirs = requests[0], replies[1], output[1]
        try:
            self.pid = _warm(os.getpid()).start(*theirs)
        except OSError:
            return None
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return streams

    def _spawn(self, scratch: str) -> tuple[BinaryIO, BinaryIO, BinaryIO]:
        apart: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
        self.child = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-I", "-c", _BOOT, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=scratch,
            **apart,
        )
        self.pid = self.child.pid
        return self.child.stdin, self.child.stdout, self.child.stderr

    def _converse(self) -> None:
        """Write requests and read replies, one after the other, and pass on what goes wrong."""
        while (job := self.work.get()) is not None:
            message, keep, revive = job
            try:
                wire.send(self.inbox, message, keep)
                self.results.put(wire.receive(self.outbox, revive))
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
                self.results.put(error)

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
        clock = _Clock(self.pid, limit)
        self.work.put(({**message, "number": self.number}, keep, revive))
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

    def _wait(self, clock: "_Clock") -> Any:
        while True:
            try:
                result = self.results.get(timeout=_POLL)
            except queue.Empty:
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

    def _stop_if_late(self, clock: "_Clock") -> None:
        if clock.ran_out():
            self.end()
            raise TimedOut(f"stopped after {clock.limit:g} s")

    def _silence(self) -> str:
        """Say why no answer comes any more: the process has ended, or has closed the pipe."""
        end = time.monotonic() + 1
        while not (ended := self._ended()) and time.monotonic() < end:
            time.sleep(_POLL)
        self.end()
        return self.ending() if ended else _CLOSED

    def _last_word(self) -> Any:
        """Return what a process that has ended still sent; EOFError where a descendant merely keeps its pipe open."""
        try:
            return self.results.get(timeout=5 * _POLL)
        except queue.Empty:
            return EOFError()

    def _ended(self) -> bool:
        if not self.forked:
            return self.child.poll() is not None
        state = _proc_stat(self.pid)
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
        self.work.put(None)

    def ending(self) -> str:
        """Say how the process ended by itself."""
        status = self.status or 0
        if status == wire.NO_PIPE:
            return _CLOSED
        if status < 0:
            return _SIGNALS.get(-status, f"the process was ended by signal {-status}")
        return f"the process ended itself, with exit status {status}"


_CLOSED = "the file closed the pipe that its answers go through"
_SIGNALS = {
    4: "the process crashed: illegal instruction",
    6: "the process aborted",
    7: "the process crashed: bus error",
    8: "the process crashed: floating-point exception",
    9: "the process was killed; it may have run out of memory",
    11: "the process crashed: segmentation fault, perhaps recursion without end",
    24: "the process used up its processor time",
    25: "the process wrote too large a file",
}


class _Clock:
    """Limits a call by the processor time it uses, so that a busy machine stops nobody's right answer.

    A call that waits instead of working, and one on a system that does not tell the processor time of another process,
    is stopped by the clock on the wall.
    """

    def __init__(self, pid: int, limit: float) -> None:
        self.pid, self.limit = pid, limit
        self.wall, (self.used, _) = time.monotonic(), _processor_time(pid)

    def ran_out(self) -> bool:
        elapsed = time.monotonic() - self.wall
        if elapsed < self.limit:
            return False
        now, ready = _processor_time(self.pid)
        if now is None or self.used is None:
            return elapsed >= 2 * self.limit
        used = now - self.used
        # One that is ready to run but gets no processor does not wait: the machine is busy.
        idle = used < elapsed / 20 and not ready
        return used >= self.limit or elapsed >= 10 * self.limit or (idle and elapsed >= 1.5 * self.limit)


def _proc_stat(pid: int) -> list[bytes]:
    """Return the fields of Linux' /proc/pid/stat from the state on; none where there is no such thing."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - in a loop while a call runs
            return stat.read().rpartition(b")")[2].split()
    except OSError:
        return []


def _processor_time(pid: int) -> tuple[float | None, bool]:
    """Return the seconds that a process has used, None where nothing tells, and whether it could use more now."""
    fields = _proc_stat(pid) if sys.platform == "linux" else []
    if not fields:
        return None, False
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), fields[0] in {b"R", b"D"}
