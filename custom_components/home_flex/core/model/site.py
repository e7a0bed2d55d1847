"""The connection to the grid, and what hangs on it."""

import math
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The connection to the grid and what energy costs there; a price that nobody told is None.

    Raises ValueError for a fuse, voltage or number of phases that is none: nothing could be guarded by it.
    """

    name: str
    currency: str
    phases: int
    main_fuse_a: float
    import_price_per_kwh: Decimal | None
    export_price_per_kwh: Decimal | None
    nominal_voltage_v: float = 230.0

    def __post_init__(self) -> None:
        """Raise for what no connection to the grid has."""
        for name, value in (("main fuse", self.main_fuse_a), ("voltage", self.nominal_voltage_v)):
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"The {name} of a site cannot be {value}")
        if self.phases not in {1, 2, 3}:
            raise ValueError(f"A site cannot have {self.phases} phases")
