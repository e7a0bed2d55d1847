"""What lasts too long to be left alone, told to the operators."""
