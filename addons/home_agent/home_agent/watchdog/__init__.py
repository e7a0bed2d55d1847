"""Restarts what fails, and as the last resort the gateway."""
