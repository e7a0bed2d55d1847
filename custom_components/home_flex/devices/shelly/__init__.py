"""Shelly meters and switches over local HTTP: RPC of Gen2 and later, and the first generation's paths."""
