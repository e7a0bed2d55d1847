"""The hub's web."""
