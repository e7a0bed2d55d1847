"""The community's side: invites, dispatches and watches homes over MQTT. Its first room is ``flexctl``."""
