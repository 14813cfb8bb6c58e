"""A lock between processes, on a database of its own: SQLite gives it up when its holder dies, however it dies."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Yield True if we hold the lock, or if locking is unsupported here; False if another process holds it.

    Locking is unsupported in a folder that cannot be written, for one. Whatever is written under the lock then fails
    with the real reason.
    """
    with contextlib.ExitStack() as stack:
        free = True
        try:
            path.parent.mkdir(exist_ok=True)
            connection = sqlite3.connect(path, timeout=0, isolation_level=None)
            stack.callback(connection.close)
            connection.execute("BEGIN EXCLUSIVE")
        except OSError:
            pass
        except sqlite3.Error as error:
            free = getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY  # the low byte is the kind
        yield free
