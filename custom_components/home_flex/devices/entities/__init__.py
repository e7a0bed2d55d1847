"""Any Home Assistant entity as a device: what an integration offers is data, a profile."""
