"""The site at run time, without Home Assistant: devices in, decisions out, events reported."""
