"""The connection to the grid, and what hangs on it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The connection to the grid and what energy costs there."""

    name: str
    currency: str
    phases: int
    main_fuse_a: float
    import_price_per_kwh: Decimal
    export_price_per_kwh: Decimal
    nominal_voltage_v: float = 230.0
