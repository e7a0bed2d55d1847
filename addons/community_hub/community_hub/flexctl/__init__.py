"""The aggregator's hand: a command line that speaks docs/asyncapi.yaml, and nothing else, to the homes."""
