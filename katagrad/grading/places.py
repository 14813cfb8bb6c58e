"""How a place in a file is written for a person."""

from pathlib import Path


def shown(path: Path, root: Path) -> str:
    """Return a path as it is written from the checkout's root, or whole if it is elsewhere."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
