"""What helps to find a fault, without anything that should stay in the home."""
