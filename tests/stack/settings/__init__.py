"""The settings module that every service of a home holds a copy of."""
