"""Edge data: the home's InfluxDB and the community's ingest service."""
