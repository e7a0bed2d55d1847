"""What events came to for a whole fleet: the figures of one home's settlement, for thousands at once."""
