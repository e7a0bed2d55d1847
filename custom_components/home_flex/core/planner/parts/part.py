"""What a part of a plan does: draw its columns and rows once, and fill in numbers each time."""

from collections.abc import Hashable
from typing import Protocol, runtime_checkable

from ..context import Context
from ..numbers import Numbers
from ..sketch import Sketch


class Part(Protocol):
    """One part. ``shape`` is all that its coefficients depend on: the matrix is kept while it is the same."""

    @property
    def shape(self) -> Hashable:
        """Return what its coefficients depend on."""

    def lay(self, sketch: Sketch) -> None:
        """Draw its columns and rows."""

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in its bounds and costs."""


@runtime_checkable
class Expecting(Protocol):
    """A part of which some bounds follow from forecasts of load and sun; ``fill`` fills those in, too."""

    def expect(self, numbers: Numbers, context: Context) -> None:
        """Fill in what follows from forecasts, and nothing that a search settles."""
