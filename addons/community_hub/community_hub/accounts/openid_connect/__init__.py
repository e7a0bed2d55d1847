"""Signing in by OpenID Connect: a provider that the operator chose vouches for who somebody is.

Authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636). Nobody gets an account by it: an identity is
linked to one by its own person, or when an invitation is taken up.
"""
