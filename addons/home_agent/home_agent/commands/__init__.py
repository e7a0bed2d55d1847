"""What the operator may ask of the home, over MQTT."""
