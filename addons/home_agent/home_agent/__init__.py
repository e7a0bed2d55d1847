"""The home's caretaker: tells how the home is, keeps it running, saves it, and obeys its operator."""

VERSION = "0.1.0"
