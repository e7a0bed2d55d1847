"""One file a step: its number, whose rooms it is for, what it does."""
