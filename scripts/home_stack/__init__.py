"""A whole home on one machine: broker, simulated house, and Home Assistant with Home Flex."""
