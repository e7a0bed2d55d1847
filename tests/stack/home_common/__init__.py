"""What services share, tried apart from them."""
