"""The sign of life that the service gives and the health check looks for: a file touched at each look."""

ALIVE_FILE = "wifi_ap_alive"
SILENCE_S = 120.0
