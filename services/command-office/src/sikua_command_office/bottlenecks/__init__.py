"""Bottlenecks: which department holds up how much, at which of the nine steps."""
