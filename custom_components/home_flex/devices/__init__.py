"""How Home Flex speaks to hardware: one module per protocol, none of which knows Home Assistant."""
