"""The hub's openadr."""
