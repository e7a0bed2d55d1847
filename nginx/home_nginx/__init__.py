"""The home's door: nginx before Home Assistant, the chargers' port, and the operator's routes."""
