"""Canaries."""
