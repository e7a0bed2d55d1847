"""What a plan costs to make, over many random homes."""
