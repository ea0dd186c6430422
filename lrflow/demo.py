"""A real route lived day by day, with time handed in, through the same use cases as the commands."""

from collections.abc import Callable
from pathlib import Path


def live(folder: Path, say: Callable[[str], None]) -> None:
    """Live the route in *folder*."""
    raise NotImplementedError
