"""The heartbeat: how the home is, every five minutes and when something changes."""
