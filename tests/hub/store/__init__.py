"""The hub's store."""
