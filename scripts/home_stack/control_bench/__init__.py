"""A plant that shares nothing with the product, and what the product's control does in it.

Sign: positive = consumption. Units: W, Wh, A, s; state of charge 0 to 1. Only ``product`` knows the product.
"""
