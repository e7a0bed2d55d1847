"""What a plan saves: three seasons of a real home, closed through the real control."""
