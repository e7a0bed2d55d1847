"""What physics says of the devices: signs, units and what is counted twice, from their powers alone.

What a home draws beside its devices is never negative, a battery that is charged fills, and a cloud moves the
sun and not the house. A device that goes against that is read wrong, or is not what it was said to be.
"""

from .checks import PhysicsMemory, checked, findings
from .seen import DeviceSeen, HomeSeen, Powers
from .verdict import HARMLESS, Findings, Verdict

__all__ = [
    "HARMLESS",
    "DeviceSeen",
    "Findings",
    "HomeSeen",
    "PhysicsMemory",
    "Powers",
    "Verdict",
    "checked",
    "findings",
]
