"""When a call is stopped, on a clock that the tests move."""

import subprocess
import sys

import pytest

from katagrad.submission import deadline


@pytest.fixture
def clock(monkeypatch):
    """Replace the clock, the processor time that the call has used, and whether it is ready to run."""
    state = {"now": 100.0, "used": 1.0, "ready": False}
    monkeypatch.setattr(deadline.time, "monotonic", lambda: state["now"])
    monkeypatch.setattr(deadline, "processor_time", lambda _pid: state["used"])
    monkeypatch.setattr(deadline, "is_ready", lambda _pid: state["ready"])
    return state


def looks(clock, limit, seconds, *, used=0.0, gap=0.02):
    """Look at a call every `gap` seconds; return what is said first, and after how many seconds."""
    found = deadline.Deadline(1, limit)
    for look in range(1, int(seconds / gap) + 1):
        clock["now"], clock["used"] = 100.0 + look * gap, 1.0 + used * look * gap
        said = found.ran_out()
        if said:
            return said, look * gap
    return "", seconds


def test_processor_time(clock):
    """A call that computes is stopped once it has used its limit."""
    clock["ready"] = True
    assert looks(clock, 2.0, 6.0, used=1.0) == ("stopped after 2 s", pytest.approx(2.0, abs=0.05))


def test_waiting(clock):
    """A call that sleeps is stopped a little later."""
    said, after = looks(clock, 2.0, 6.0)
    assert said == "stopped after 2.5 s of waiting"
    assert after < 3


def test_busy_machine(clock):
    """One that is ready to run but gets no processor goes on, though not for ever."""
    clock["ready"] = True
    said, after = looks(clock, 2.0, 60.0)
    assert said == "stopped after 20 s"
    assert after == pytest.approx(20, abs=0.1)


def test_runner_that_slept(clock):
    """A runner that got no processor itself does not take an idle call for one that waits: it may have answered."""
    call = deadline.Deadline(1, 2.0)
    clock["now"] += 4.4
    assert not call.ran_out()
    assert looks(clock, 2.0, 60.0, gap=3.0)[1] > 6


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells")
@pytest.mark.parametrize(("does", "ready"), [("while True: pass", True), ("import time; time.sleep(60)", False)])
def test_any_thread_may_be_ready(does, ready):
    """A file runs in a thread of its own: what the first thread does, which waits for it, says nothing."""
    code = f"import threading\ndef f():\n {does}\nthreading.Thread(target=f).start()\nprint('begun', flush=True)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            process.stdout.readline()
            seen = [deadline.is_ready(process.pid) for _ in range(50) if not deadline.time.sleep(0.02)]
        finally:
            process.kill()
    assert any(seen) if ready else not all(seen[10:])
