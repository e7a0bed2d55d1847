"""What came of invitations, told by mail to the residents who wish it."""
