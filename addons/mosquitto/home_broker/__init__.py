"""The home's MQTT broker: Mosquitto, with a bridge to the community's central broker."""
