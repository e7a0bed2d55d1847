"""What a home imported and exported, by period, as its own meter told the hub."""
