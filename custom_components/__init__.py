"""The folder Home Assistant takes custom integrations from."""
