"""The home as Home Assistant shows it."""
