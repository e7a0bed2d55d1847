"""Two versions of Home Flex's core plan the same homes; a rollout waits for the newer to be no worse."""
