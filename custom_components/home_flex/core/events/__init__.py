"""OpenADR 3.1 events: what they say, whether they are acceptable, and their life."""
