"""The contract of every actuator, wire or entity, and the devices of each driver that is held to it."""
