"""What happens, told as it happens: the audit log's newest acts and what running dispatches deliver."""
