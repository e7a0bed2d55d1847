"""A gateway's own WiFi access point, for as long as it is commissioned."""
