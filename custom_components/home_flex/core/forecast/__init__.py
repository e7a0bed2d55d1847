"""What the home will draw and what its roof will give: simple, explained, and measured against naive."""

from .forecast import FloatArray, Forecast

__all__ = ["FloatArray", "Forecast"]
