"""The bridge of the finance bureau."""
