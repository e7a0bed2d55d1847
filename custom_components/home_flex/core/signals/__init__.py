"""Prices and carbon intensity: what is known of them, since when and from whom, and what is guessed."""

from .on_grid import SlotValue, on_grid
from .signal import Signal, SignalError, SignalKind, Slot

__all__ = ["Signal", "SignalError", "SignalKind", "Slot", "SlotValue", "on_grid"]
