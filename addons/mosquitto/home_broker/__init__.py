"""The home's broker: an account and access rules for each client, and a bridge that loses nothing."""
