"""Figures of the community: what all may know, what homes earned by month, and how things stand."""
