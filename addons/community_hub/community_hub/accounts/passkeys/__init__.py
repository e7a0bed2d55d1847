"""Passkeys (WebAuthn): an authenticator signs in by what it has and by knowing whom it belongs to.

One is both factors at once, since it is only believed when it says that it verified its user; beside a
password it counts as the second factor.
"""
