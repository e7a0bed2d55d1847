"""The hub's side of the broker: reports in, each on the disk before it is acknowledged, and events out."""
