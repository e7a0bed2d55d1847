"""Telling a second back end, an employer's for instance, what a charger does: the home stays the master."""

from .forwarder import Forwarder
from .link import trusting
from .settings import ForwardSettings

__all__ = ["ForwardSettings", "Forwarder", "trusting"]
