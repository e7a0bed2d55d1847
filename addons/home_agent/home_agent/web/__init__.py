"""What the agent shows over HTTP: the check for nginx, and the operator's page."""
