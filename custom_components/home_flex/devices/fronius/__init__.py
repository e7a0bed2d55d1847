"""Fronius inverters over their Solar API v1: local HTTP, which only reads (Fronius 42,0410,2012)."""
