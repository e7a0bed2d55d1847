"""Integrations of others for a real Home Assistant, with a made-up house behind them."""
