"""The plan at run time: what it is made from, when it is made anew, and what it asks of control."""
