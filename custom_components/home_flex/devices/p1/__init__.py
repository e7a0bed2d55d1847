"""Smart meter with a P1 customer port (DSMR 2.2 to 5.0, e-MUCS, and kin), over TCP or a serial line."""

from .meter import P1Meter, probe_p1
from .port import P1Settings

__all__ = ["P1Meter", "P1Settings", "probe_p1"]
