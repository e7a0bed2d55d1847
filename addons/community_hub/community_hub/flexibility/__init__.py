"""What homes offer, which of them are called, and how they are let go: values in, values out."""
