"""A deployed home without a container engine: its services as processes, each in its own network and root."""
