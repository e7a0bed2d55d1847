"""The hub's homes."""
