"""The door before the community's measurement store: a home writes under its own name only."""
