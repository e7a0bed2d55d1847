"""Simulated homes whose loss of heat is known, and what the product says of them; shares no code with it."""
