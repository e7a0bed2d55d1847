"""People and programs: who they are, what they may, and what each of them did."""
