"""What takes minutes and is done once at a time: to fill the history in, or to write it out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .view import RequestError


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """What is being worked on, and how far it is, 0 to 1."""

    task: str
    share: float


class OneTask:
    """Holds whoever comes second off. ``progress`` is None while nothing is done."""

    def __init__(self) -> None:
        """Do nothing yet."""
        self.progress: Progress | None = None

    @contextmanager
    def doing(self, task: str) -> Iterator[None]:
        """Do a task; raises RequestError while another one is done."""
        if self.progress is not None:
            raise RequestError("history_busy", f"{self.progress.task} is being done")
        self.progress = Progress(task=task, share=0.0)
        try:
            yield
        finally:
            self.progress = None

    def at(self, share: float) -> None:
        """Say how far it is."""
        if self.progress is not None:
            self.progress = Progress(task=self.progress.task, share=round(share, 3))
