"""What the community's broker reads, looked at before it is told to read it."""
