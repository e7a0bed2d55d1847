"""Writes the digests of images beside their tags for a release: what was tested is what every home gets."""
