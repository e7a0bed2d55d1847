"""The hub's accounts."""
