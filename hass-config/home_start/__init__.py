"""Starts Home Assistant in a home that nobody sits in front of."""
