"""Exchanges a four-word one-time code for a home's certificate, exactly once."""
