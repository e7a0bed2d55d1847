"""The home's broker and the centre's, as real Mosquitto 2.1 processes."""
