"""How well a building keeps its heat: what it loses per kelvin, and whether a change made a difference."""
