"""Escalations: the rungs that are open, worst first, and what the ladder brings next."""
