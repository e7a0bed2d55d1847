"""``scripts/hub up``: the community's centre on one machine, with simulated homes at its broker."""
