"""Starts the whole system on one machine and stops it cleanly."""
