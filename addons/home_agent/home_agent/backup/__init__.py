"""The home's backup: made by Home Assistant, sealed here, kept away from the gateway."""
