"""Silences: matching notices are held back until the silence ends."""
