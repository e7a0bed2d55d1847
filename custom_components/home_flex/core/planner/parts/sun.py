"""What the sun gives: as much as is forecast, or less where it may be curtailed."""

from collections.abc import Hashable
from dataclasses import dataclass

from ..context import Context
from ..numbers import Numbers
from ..problem import Pv
from ..sketch import Sketch


@dataclass(frozen=True, kw_only=True, slots=True)
class SunPart:
    """One plant: a column of what it gives, from 0 (or all of it) to what is available."""

    pv: Pv

    @property
    def shape(self) -> Hashable:
        """Return nothing but whose it is."""
        return self.pv.device_id

    def lay(self, sketch: Sketch) -> None:
        """Draw what it gives."""
        sketch.draw(self.pv.device_id, sketch.columns((self.pv.device_id, "given")), -1.0)

    def fill(self, numbers: Numbers, context: Context) -> None:
        """Fill in nothing but what is forecast."""
        self.expect(numbers, context)

    def expect(self, numbers: Numbers, context: Context) -> None:
        """Bound it by the forecast."""
        available = context.available_kw[self.pv.device_id]
        numbers.bound((self.pv.device_id, "given"), 0.0 if self.pv.curtailable else available, available)
