"""Mail that the hub sends: to people with an account, and never what is secret."""
