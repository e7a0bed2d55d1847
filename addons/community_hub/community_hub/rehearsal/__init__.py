"""A dispatch that has not been made, tried with simulated copies of the enrolled homes, by the same code."""
