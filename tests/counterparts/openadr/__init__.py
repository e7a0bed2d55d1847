"""Clients of a VTN that others wrote, against ours."""
