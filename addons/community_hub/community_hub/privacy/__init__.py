"""What a community may publish of its homes, so that no single one can be seen in it."""
