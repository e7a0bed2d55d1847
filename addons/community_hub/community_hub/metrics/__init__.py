"""What an operator watches: figures of the hub for Prometheus."""
