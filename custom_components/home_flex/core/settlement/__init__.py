"""What would have been without an event, what was delivered, and what it is worth: pure, exact, no float."""
