"""Tests of what a car gets."""
