"""What the panel costs who looks at it, and the home that it is of."""
