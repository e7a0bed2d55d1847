"""``scripts/bench hub``: homes at protocol level, a broker and the hub's workers, all on the disk."""
