"""Tracks: projects under the scheduling of the command office."""
