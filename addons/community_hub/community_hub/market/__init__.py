"""What a community trades and shares: whole watt-hours, whole units of money, and published rules."""
