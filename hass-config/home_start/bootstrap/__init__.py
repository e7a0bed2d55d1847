"""Sets a home up through Home Assistant's own interface, as its owner would do in a browser."""

from .run import run

__all__ = ["run"]
