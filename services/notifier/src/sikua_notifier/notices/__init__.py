"""Notices: what is told to whom, one row per event, recipient and channel."""
