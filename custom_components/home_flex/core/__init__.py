"""What Home Flex knows: values in, values out; no Home Assistant, no clock, no input or output."""
