"""Parcels: what leaves, one mail with one or many notices, or one webhook message."""
