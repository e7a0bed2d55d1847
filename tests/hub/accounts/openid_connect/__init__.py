"""Signing in at OpenID providers."""
