"""What comes back after an event: simulated homes minute by minute, which share no code with the hub."""
