"""The bridge of development and reform."""
