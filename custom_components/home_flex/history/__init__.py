"""The home's own store: events, reports to send, the ledger and small settings."""
