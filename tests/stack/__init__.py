"""The parts of a deployed home, each tried as the process it will be."""
