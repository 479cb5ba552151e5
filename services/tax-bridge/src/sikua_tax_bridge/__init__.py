"""The bridge of the tax office."""
