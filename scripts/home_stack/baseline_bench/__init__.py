"""Baselines on fleets of homes whose use without an event is known."""
