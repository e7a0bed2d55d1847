"""The home's InfluxDB: brought to the wanted state on every start, and watched while it replicates."""
