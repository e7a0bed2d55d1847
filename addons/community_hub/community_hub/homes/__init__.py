"""The homes of the community, and what their residents agreed to."""
