"""The link to the aggregator: OpenADR 3.1 objects over MQTT."""
