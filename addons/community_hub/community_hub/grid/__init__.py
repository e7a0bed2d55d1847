"""Towards the grid operator: UFTP (Shapeshifter 3.1), in which the hub is the aggregator (AGR)."""
