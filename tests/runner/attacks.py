"""Submissions that were thought up against this runner: each is right or wrong beside what it tries.

`needs` of "landlock" marks what the kernel alone can refuse.
"""

import textwrap

from tests.runner.submissions import RIGHT, WRONG, Row, cheat, double, first, last

# A relative link, made from deep inside the scratch directory, to the file of a neighbour.
LINK = double("""
    import os
    here = deep = os.getcwd()
    depth = here.count("/")
    for k in range(depth):
        deep = os.path.join(deep, f"d{k}")
        os.makedirs(deep, exist_ok=True)
    os.chdir(deep)
    os.symlink("../" * depth + "@ROOT/exercises/@TOPIC/right_1.py".lstrip("/"), here + "/@NAME.py")
    os._exit(0)
    """)
SCRATCH = last(
    """
    import os
    try:
        here = os.getcwd()
        os.chdir("/tmp")
        os.rmdir(here)
        os.symlink("@ROOT/exercises", here)
    except OSError:
        pass
    try:
        open("@ROOT/exercises/@TOPIC/right_1.py", "w").write("forged")
    except OSError:
        pass
    """,
    double("import os\nos._exit(1)"),
)
SPY = """
    found = []
    def spy(*_):
        import sys
        frame = sys._getframe()
        while frame:
            if {"state", "self", "request"} & set(frame.f_locals) or "child.py" in frame.f_code.co_filename:
                found.append(frame.f_code.co_name)
            frame = frame.f_back
    """


def spied(body: str) -> str:
    """Return a wrong file that is right if a spy of its own ever sees a frame of what answers for it."""
    return last(textwrap.dedent(SPY) + textwrap.dedent(body), double("return 2 * x if found else x", WRONG))


# The thread of the file has these two to speak with the one that answers.
GIVE = """
    import sys
    frame = sys._getframe()
    while "give" not in frame.f_locals:
        frame = frame.f_back
    give = frame.f_locals["give"]
    """

FILES_OF_OTHERS = [
    Row("link_in_the_copys_place", LINK, "failing or crashed"),
    Row(
        "fifo_in_the_copys_place",
        double("import os\nos.mkfifo('@NAME.py')\nos._exit(0)"),
        "crashed",
        ("exit status 0",),
        "linux",
    ),
    Row("swaps_its_directory", SCRATCH, "crashed", ("exit status 1",)),
    Row(
        "links_hard",
        cheat("""
        import os
        for target, name in (("@ROOT/exercises/@TOPIC/right_1.py", "mine"), ("/proc/self/exe", "exe")):
            try:
                os.link(target, name)
                open(name, "w").write("x = 1")
            except OSError:
                pass
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "changes_the_rights_of_others",
        cheat("""
        import os
        for path in ("@ROOT/.katagrad", "@ROOT/exercises/@TOPIC/right_1.py"):
            for way in (lambda: os.chmod(path, 0), lambda: os.chown(path, 1, 1), lambda: os.utime(path),
                        lambda: os.setxattr(path, "user.x", b"")):
                try:
                    way()
                except (OSError, AttributeError):
                    pass
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "reads_with_patched_paths",
        cheat("""
        import os, os.path
        for name in ("lstat", "readlink", "stat", "fsdecode", "fspath"):
            setattr(os, name, lambda *_, **__: "/tmp")
        os.path.realpath.__code__ = (lambda *_, **__: "/tmp").__code__
        open("@ROOT/solutions/@TOPIC/@NAME.py").read()
        """),
        "broken",
        ("closed to a submission",),
    ),
]

BEYOND_ITS_PROCESS = [
    Row(
        "memory_without_a_limit",
        double("import os\nkept = [os.memfd_create('x') for _ in range(20)]\nreturn 2 * x"),
        "failing",
        ("PermissionError",),
        "landlock",
    ),
    Row(
        "shared_memory",
        double("from multiprocessing import shared_memory as s\ns.SharedMemory(create=True, size=2**30)\nreturn 2 * x"),
        "failing",
        ("PermissionError",),
        "landlock",
    ),
    Row(
        "thousands_of_threads",
        double("""
        import threading
        threading.stack_size(2**16)
        stop = threading.Event()
        for _ in range(3000):
            threading.Thread(target=stop.wait, daemon=True).start()
        return 2 * x
        """),
        "failing",
        ("at most 64 threads",),
    ),
    Row(
        "lifts_its_limits",
        double("import resource as r\nr.setrlimit(r.RLIMIT_AS, (-1, -1))\nreturn 2 * x"),
        "failing",
        ("ValueError",),
        "linux",
    ),
    Row(
        "signals_by_a_pipe",
        double("""
        import fcntl, os, signal
        reading, writing = os.pipe()
        fcntl.fcntl(reading, fcntl.F_SETOWN, os.getppid())
        fcntl.fcntl(reading, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        os.write(writing, b"x")
        return 2 * x
        """),
        "failing",
        ("PermissionError",),
        "linux",
    ),
    Row(
        "priority_of_all",
        double("import os\nos.setpriority(os.PRIO_USER, os.getuid(), 19)\nreturn 2 * x"),
        "failing",
        ("PermissionError",),
        "landlock",
    ),
    Row(
        "affinity_of_its_parent",
        double("import os\nos.sched_setaffinity(os.getppid(), {0})\nreturn 2 * x"),
        "failing",
        ("PermissionError",),
        "landlock",
    ),
]

FORGERIES = [
    Row(
        "forges_what_is_done",
        last(
            textwrap.dedent(GIVE)
            + textwrap.dedent("""
            import threading, time
            def flood():
                while True:
                    give(("done", np.zeros(7), None, 0.0))
                    time.sleep(0.0005)
            threading.Thread(target=flood, daemon=True).start()
            """),
            WRONG,
        ),
        "failing or broken or crashed",
    ),
    Row(
        "forges_messages",
        last(
            textwrap.dedent(GIVE)
            + "for message in (5, 'x', (), ('signal', 9, 9), ('callback', 'x', 3), ('done',), None): give(message)",
            WRONG,
        ),
        "failing or broken or crashed",
    ),
    Row(
        "lies_in_a_subclass",
        double(
            """
            class Lie(np.ndarray):
                shape = property(lambda self: (7,))
                dtype = property(lambda self: np.dtype("f8"))
                def tobytes(self, *_): return bytes(56)
                def __array_finalize__(self, other): pass
                def view(self, *_): return 2 * np.asarray(self)
            return x.view(Lie)
            """,
            WRONG,
        ),
        "failing",
        ("Each element",),
    ),
    Row(
        "keys_that_collide",
        double("""
        import json, os, struct
        pairs = [[(2**61 - 1) * k, 0] for k in range(10**5)]
        answer = ["dict", ["number", 2], ["arguments", ["list", ["bytes", 0, 0]]], ["value", ["dict", *pairs]]]
        text = json.dumps(answer).encode()
        for descriptor in range(3, 64):
            try:
                with open(descriptor, "wb", closefd=False) as file:
                    file.write(struct.pack("<QQ", len(text), 0) + text)
            except (OSError, ValueError):
                pass
        __import__("time").sleep(99)
        """),
        "crashed or timed out",
    ),
    Row(
        "writes_at_the_end",
        last("import atexit, os\natexit.register(lambda: [os.write(n, bytes(99)) for n in range(3, 60)])", WRONG),
        "failing",
        ("Each element",),
    ),
]

FRAMES = [
    Row(
        "frames_in_garbage",
        spied("import gc\ngc.callbacks.append(spy)\ngc.set_threshold(1)"),
        "failing",
        ("Each element",),
    ),
    Row(
        "frames_in_a_destructor",
        spied("""
        class Array(np.ndarray):
            def __del__(self): spy()
        class Other:
            __del__ = spy
        doubled = double
        def begin(x):
            return [Other()]
        def double(x):
            return (2 * x if found else x).view(Array)
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "frames_in_a_handler",
        spied("""
        import signal, time
        signal.signal(signal.SIGTERM, spy)
        signal.raise_signal(signal.SIGTERM)
        time.sleep(0.05)
        """),
        "failing",
        ("Each element",),
        "linux",
    ),
    Row(
        "frames_in_a_trace",
        spied("import sys, threading\nsys.setprofile(spy)\nthreading.setprofile(spy)\nsys.settrace(spy)"),
        "failing",
        ("Each element",),
    ),
    Row(
        "frames_at_the_end_of_a_value",
        spied("""
        import weakref
        class Array(np.ndarray): pass
        def double(x):
            y = (2 * x if found else x).view(Array)
            weakref.finalize(y, spy)
            return y
        """),
        "failing",
        ("Each element",),
    ),
    Row(
        "frames_of_all_threads",
        cheat("import sys\nsys._current_frames()"),
        "broken",
        ("no objects but its own",),
    ),
    Row(
        "patches_the_standard_library",
        spied("""
        import json, queue
        for kind in (json.encoder.JSONEncoder, json.decoder.JSONDecoder, queue.Queue):
            for name in [name for name in vars(kind) if callable(getattr(kind, name)) and name[:2] != "__"]:
                setattr(kind, name, spy)
        """),
        "failing",
        ("Each element",),
    ),
]

SURROUNDINGS = [
    Row(
        "odd_surroundings",
        first("""
        import decimal, locale, os, sys
        os.umask(0o777)
        os.environ.update(LANG="tr_TR", TMPDIR="/nowhere")
        locale.setlocale(locale.LC_ALL, "C")
        decimal.getcontext().prec = 1
        sys.set_int_max_str_digits(640)
        sys.stdin.close()
        sys.setrecursionlimit(60)
        """),
        "solved",
    ),
    Row("interrupts_the_main_thread", double("import _thread\n_thread.interrupt_main()\nreturn 2 * x"), "solved"),
    Row(
        "changes_its_argument_later",
        double("""
        import threading, time
        def later(y):
            time.sleep(0.2)
            y[:] = 7
        threading.Thread(target=later, args=[x]).start()
        return 2 * x
        """),
        "solved",
    ),
    Row(
        "keeps_numpy_errors",
        first("import numpy as np\nnp.seterr(all='raise')", last("def count(x):\n    np.log(0 * x)", RIGHT)),
        "failing",
        ("FloatingPointError",),
    ),
]

ATTACKS = [*FILES_OF_OTHERS, *BEYOND_ITS_PROCESS, *FORGERIES, *FRAMES, *SURROUNDINGS]
