"""Stands in for dnspython, which the hub's tests bring with them and Home Assistant's image does not have.

paho-mqtt would load it, and what Home Flex costs would be counted with it.
"""

raise ImportError("dnspython is no part of Home Assistant")
